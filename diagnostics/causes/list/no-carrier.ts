import type { CauseKind, Shown } from '../cause.ts';
import { linkEvidence } from '../evidence.ts';
import { portsOf, type Link } from '../../model/link.ts';
import { subnetOverlap } from './subnet-overlap.ts';
import { labelIn, linkIn, linksIn, peerOf } from '../situation.ts';

/** An interface is up and has no carrier, and no end of it that we see is down: its peer is gone, or out of sight. */
export const noCarrier: CauseKind = {
  id: 'no-carrier',
  lists: ['ports'],
  find(situation) {
    if (situation.type !== 'way') return null;
    const { snapshot, namespace, step } = situation;
    if (step.kind !== 'transmit' || step.problem !== 'no-carrier') return null;
    const link = linkIn(snapshot, namespace, step.dev);
    if (!link || !link.up || link.carrier || peerOf(snapshot, link)) return null;
    // An empty bridge whose network somebody else has too: what is attached to it is not the matter.
    if (link.kind.type === 'bridge' && subnetOverlap.find(situation)) return null;
    const slaves = portsOf(linksIn(snapshot, namespace), link);
    return {
      id: 'no-carrier',
      place: { namespace },
      certainty: 'certain',
      params: {
        device: link.name,
        namespace: labelIn(snapshot, namespace),
        ...(KINDS.has(link.kind.type) ? { kind: link.kind.type } : {}),
        ...(isShared(link) ? { ports: slaves.map(({ name }) => name).join(', ') } : {}),
      },
      evidence: [linkEvidence(snapshot, namespace, link)],
      remedies: isShared(link)
        ? slaves
            .filter(({ up }) => !up)
            .map(({ name }) => ({ actions: [{ kind: 'link-up' as const, namespace, dev: name }] }))
        : [],
    };
  },
  text: {
    en: {
      summary: (p) => `The interface ${p('device')} in ${p('namespace')} has no carrier`,
      explanation: (p) => `${p('device')} is switched on, but ${missingEn(p)}`,
    },
    'zh-cn': {
      summary: (p) => `${p('namespace')} 中的接口 ${p('device')} 没有载波`,
      explanation: (p) => `${p('device')} 已启用，但${missingZh(p)}`,
    },
  },
};

const KINDS: ReadonlySet<string> = new Set(['tun', 'bridge', 'bond', 'team']);

const isShared = ({ kind }: Link): boolean => kind.type === 'bond' || kind.type === 'team';

/** Behind a TUN device is a program, behind a bridge are its ports. */
const missingEn = (p: Shown): string => {
  switch (p('kind')) {
    case 'tun':
      return 'no program holds it open: the one that made it (a VPN, a virtual machine) has ended or hangs. Whatever is sent there is lost. Start that program again, or delete the device if it is not needed any more: its routes go with it.';
    case 'bond':
    case 'team':
      return `${p('ports') === '' ? 'no interface belongs to it' : `none of the interfaces that belong to it (${p('ports')}) works: they are switched off, or nothing is at the other end of their wires`}. Whatever is sent there is lost. One of them that works is enough.`;
    case 'bridge':
      return 'none of its ports is up: no container or machine is attached to it, or all that are have stopped. Whatever is sent there is lost. Start or attach the one that is asked for; or delete the bridge if it is not needed any more, for its routes catch what belongs elsewhere.';
    default:
      return 'nothing is at the other end of its wire: the peer is down or gone, or the cable is out. Whatever is sent there is lost. Bring up the other end, or make the pair anew.';
  }
};

const missingZh = (p: Shown): string => {
  switch (p('kind')) {
    case 'tun':
      return '没有程序打开着它：创建它的程序（VPN、虚拟机）已经结束或没有响应。发往那里的数据都会丢失。请重新启动那个程序；若不再需要这个设备，就删除它，它的路由也会一并消失。';
    case 'bond':
    case 'team':
      return `${p('ports') === '' ? '没有接口属于它' : `属于它的接口（${p('ports')}）没有一个能用：它们已被关闭，或“线”的另一头没有东西`}。发往那里的数据都会丢失。只要其中一个能用就够了。`;
    case 'bridge':
      return '它没有一个端口是启用的：没有容器或机器接在上面，或者都已停止。发往那里的数据都会丢失。请启动或接入要访问的那一个；若不再需要这个网桥，就删除它，因为它的路由会截住本该去往别处的数据。';
    default:
      return '“线”的另一头没有东西：对端被关闭、已被删除，或网线没插。发往那里的数据都会丢失。请启用对端，或重新创建这对接口。';
  }
};
