import type { NamespaceId } from '../../model/ids.ts';
import { prefixContains } from '../../model/ip.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { freeAddress } from '../../fixes/patch.ts';
import { ipvlansOf, type IpvlanChild } from '../../simulate/link/ipvlan.ts';
import type { CauseKind, Remedy } from '../cause.ts';
import { childAtEnd } from '../child-at-end.ts';
import { readIn } from '../evidence.ts';
import { labelIn, linkIn, linksIn, type WaySituation } from '../situation.ts';

/** A host and the ipvlan interface on its own device: what one sends, the other never hears. */
export const ipvlanHostIsolation: CauseKind = {
  id: 'ipvlan-host-isolation',
  find(situation) {
    if (situation.type !== 'way') return null;
    const { snapshot, namespace, step } = situation;
    if (step.kind !== 'macvlan' || step.driver !== 'ipvlan' || step.problem !== 'host-and-child') return null;
    const lower = linkIn(snapshot, namespace, step.lower);
    const child = lower && childAtEnd(situation, ipvlansOf(snapshot, namespace, lower.index), step.dev);
    if (!lower || !child) return null;
    return {
      id: 'ipvlan-host-isolation',
      place: { namespace },
      certainty: 'certain',
      params: {
        namespace: labelIn(snapshot, namespace),
        lower: lower.name,
        child: labelIn(snapshot, child.namespace),
        device: child.link.name,
        mode: child.kind.mode,
      },
      evidence: [
        {
          source: readIn(snapshot, child.namespace, ['ip', '-d', 'link', 'show', 'dev', child.link.name]),
          text: `${child.link.name}@${lower.name}: ipvlan mode ${child.kind.mode} ${child.kind.flag ?? 'bridge'}`,
        },
      ],
      remedies: remedies(situation, lower.name, child),
    };
  },
  text: {
    en: {
      summary: (p) =>
        `${p('namespace')} and ${p('child')} share the device ${p('lower')} by ipvlan, and so never reach each other`,
      explanation: (p) =>
        `An ipvlan interface puts its packets straight onto the wire of the device below it, with that one's hardware address: ${p('device')} of ${p('child')} onto that of ${p('lower')}. The host's own packets for it go out there too, and neither side hears what the other sends. That is how ipvlan is made, not a fault of it; everybody else on that network reaches both. A host that wants to talk to its own ipvlan containers needs an ipvlan interface with an address itself.`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('namespace')} 和 ${p('child')} 通过 ipvlan 共用设备 ${p('lower')}，因此永远到不了对方`,
      explanation: (p) =>
        `ipvlan 接口用下层设备的硬件地址，把数据包直接放到它的线上：${p('child')} 的 ${p('device')} 用的是 ${p('lower')} 的线。主机发给它的数据包也从这条线出去，双方都听不到对方。ipvlan 就是这样设计的，并不是故障；网络上的其他机器能到达两者。主机要与自己的 ipvlan 容器通信，自己也需要一个带地址的 ipvlan 接口。`,
    },
  },
};

/** One of the host's own, with an address that nobody has: its neighbours answer to that one. */
function remedies(
  { snapshot, namespace }: WaySituation,
  lower: string,
  child: IpvlanChild,
): readonly Remedy[] {
  const { kind } = child;
  const own = child.link.addresses.find(({ family }) => family === 4);
  const source = own && freeAddress(snapshot, own);
  const sameNetwork = linkIn(snapshot, namespace, lower)?.addresses.some(
    (address) => own && prefixContains(address, own.address),
  );
  if (!own || !source || kind.flag !== undefined || (kind.mode === 'l2' && !sameNetwork)) return [];
  return [
    {
      actions: [
        {
          kind: 'add-ipvlan',
          namespace,
          lower,
          name: freeName(snapshot, namespace),
          mode: kind.mode,
          address: own.address,
          source,
        },
      ],
    },
  ];
}

const freeName = (snapshot: Snapshot, namespace: NamespaceId): string => {
  const taken = new Set(linksIn(snapshot, namespace).map(({ name }) => name));
  for (let at = 0; ; at += 1) if (!taken.has(`ipvlan${at}`)) return `ipvlan${at}`;
};
