import type { NamespaceId } from '../../model/ids.ts';
import { known } from '../../model/fact.ts';
import type { Link } from '../../model/link.ts';
import { withFacts } from '../../model/snapshot.ts';
import { exec, type ActionKind } from '../action.ts';
import { inheritSettings } from '../attach-container.ts';
import { bringUp } from '../carrier.ts';
import {
  changeRoutes,
  forgetFailedNeighbours,
  linkNamed,
  linksOf,
  makeRoute,
  mergeRoutes,
} from '../patch.ts';
import { readdress } from '../readdress.ts';

/** Gives a host an ipvlan interface of its own, by which it meets the others on the same lower device (IPv4). */
export interface AddIpvlan {
  readonly kind: 'add-ipvlan';
  readonly namespace: NamespaceId;
  readonly lower: string;
  readonly name: string;
  /** That of the others on the device, which all share it. */
  readonly mode: 'l2' | 'l3' | 'l3s';
  /** Whom it is to meet, and the free address that it speaks with. */
  readonly address: string;
  readonly source: string;
}

export const addIpvlan: ActionKind<AddIpvlan> = {
  steps: ({ namespace, lower, name, mode, address, source }, snapshot) =>
    [
      ['ip', 'link', 'add', 'link', lower, 'name', name, 'type', 'ipvlan', 'mode', mode],
      ['ip', 'address', 'add', `${source}/32`, 'dev', name],
      ['ip', 'link', 'set', 'dev', name, 'up'],
      ['ip', 'route', 'add', `${address}/32`, 'dev', name, 'src', source],
    ].map((argv) => exec(snapshot, namespace, argv)),
  undo: ({ namespace, name }, snapshot) => [exec(snapshot, namespace, ['ip', 'link', 'delete', 'dev', name])],
  change({ namespace, lower, name, mode, address, source }, snapshot) {
    const below = linkNamed(snapshot, namespace, lower);
    if (!below) return snapshot;
    const index = Math.max(...linksOf(snapshot, namespace).map((link) => link.index)) + 1;
    const link: Link = {
      index,
      name,
      kind: { type: 'ipvlan', mode },
      mac: below.mac,
      mtu: below.mtu,
      up: false,
      carrier: false,
      flags: ['BROADCAST', 'MULTICAST', ...(mode === 'l2' ? [] : ['NOARP'])],
      peer: { namespace, index: below.index },
      addresses: [],
    };
    const added = withFacts(snapshot, namespace, (facts) => ({
      ...facts,
      links: facts.links.state === 'known' ? known([...facts.links.value, link]) : facts.links,
    }));
    const addressed = readdress(inheritSettings(added, namespace, name), namespace, name, () => [
      { family: 4, address: source, length: 32, scope: 'global', flags: [] },
    ]);
    const up = bringUp(addressed, { namespace, index });
    const route = makeRoute({ address, length: 32 }, { dev: name }, { preferredSource: source });
    return forgetFailedNeighbours(changeRoutes(up, namespace, (routes) => mergeRoutes(routes, [route])));
  },
  text: {
    en: ({ lower, name, address, source }, where) => ({
      title: `Give ${where} an ipvlan interface ${name} of its own on ${lower} with the address ${source}, and send what is for ${address} through it`,
      permanent: `Write ${name}, its address and its route into the network configuration of ${where}: it is gone after a reboot.`,
      sideEffects: [
        `${where} speaks to ${address} from ${source} then: nobody in sight has that address, but somebody out of sight might.`,
      ],
    }),
    'zh-cn': ({ lower, name, address, source }, where) => ({
      title: `在 ${where} 的 ${lower} 上给主机自己也建一个 ipvlan 接口 ${name}，地址为 ${source}，发往 ${address} 的数据走它`,
      permanent: `把 ${name} 和它的地址、路由写进 ${where} 的网络配置：重启后就没有了。`,
      sideEffects: [
        `此后 ${where} 用 ${source} 与 ${address} 通信：看得到的机器都没有这个地址，但看不到的机器可能有。`,
      ],
    }),
  },
};
