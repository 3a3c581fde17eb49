import type { NamespaceId } from '../../model/ids.ts';
import { known } from '../../model/fact.ts';
import type { Link } from '../../model/link.ts';
import { withFacts } from '../../model/snapshot.ts';
import { exec, type ActionKind } from '../action.ts';
import { inheritSettings } from '../attach-container.ts';
import { bringUp } from '../carrier.ts';
import {
  changeFdb,
  changeRoutes,
  forgetFailedNeighbours,
  linkNamed,
  linksOf,
  makeRoute,
  mergeRoutes,
} from '../patch.ts';

/** Gives a host a macvlan interface of its own, by which it meets the others on the same lower device (IPv4). */
export interface AddMacvlan {
  readonly kind: 'add-macvlan';
  readonly namespace: NamespaceId;
  readonly lower: string;
  readonly name: string;
  /** Whom it is to meet, and the host's address that it speaks with. */
  readonly address: string;
  readonly source: string;
}

/** Nobody's: the real one is drawn by the kernel. */
const SOME_MAC = '02:00:00:6d:76:00';

export const addMacvlan: ActionKind<AddMacvlan> = {
  steps: ({ namespace, lower, name, address, source }, snapshot) =>
    [
      ['ip', 'link', 'add', 'link', lower, 'name', name, 'type', 'macvlan', 'mode', 'bridge'],
      ['ip', 'link', 'set', 'dev', name, 'up'],
      ['ip', 'route', 'add', `${address}/32`, 'dev', name, 'src', source],
    ].map((argv) => exec(snapshot, namespace, argv)),
  undo: ({ namespace, name }, snapshot) => [exec(snapshot, namespace, ['ip', 'link', 'delete', 'dev', name])],
  change({ namespace, lower, name, address, source }, snapshot) {
    const below = linkNamed(snapshot, namespace, lower);
    if (!below) return snapshot;
    const index = Math.max(...linksOf(snapshot, namespace).map((link) => link.index)) + 1;
    const link: Link = {
      index,
      name,
      kind: { type: 'macvlan', mode: 'bridge' },
      mac: SOME_MAC,
      mtu: below.mtu,
      up: false,
      carrier: false,
      flags: ['BROADCAST', 'MULTICAST'],
      peer: { namespace, index: below.index },
      addresses: [],
    };
    const added = withFacts(snapshot, namespace, (facts) => ({
      ...facts,
      links: facts.links.state === 'known' ? known([...facts.links.value, link]) : facts.links,
    }));
    const heard = changeFdb(added, namespace, (fdb) => [
      ...fdb,
      { mac: SOME_MAC, dev: lower, state: 'permanent' },
    ]);
    const up = bringUp(inheritSettings(heard, namespace, name), { namespace, index });
    const route = makeRoute({ address, length: 32 }, { dev: name }, { preferredSource: source });
    return forgetFailedNeighbours(changeRoutes(up, namespace, (routes) => mergeRoutes(routes, [route])));
  },
  text: {
    en: ({ lower, name, address }, where) => ({
      title: `Give ${where} a macvlan interface ${name} of its own on ${lower}, and send what is for ${address} through it`,
      permanent: `Write ${name} and its route into the network configuration of ${where}: it is gone after a reboot.`,
      sideEffects: [
        `Whoever else is on ${lower} by macvlan in mode bridge sees one more neighbour, ${name}.`,
      ],
    }),
    'zh-cn': ({ lower, name, address }, where) => ({
      title: `在 ${where} 的 ${lower} 上给主机自己也建一个 macvlan 接口 ${name}，发往 ${address} 的数据走它`,
      permanent: `把 ${name} 和它的路由写进 ${where} 的网络配置：重启后就没有了。`,
      sideEffects: [`${lower} 上其他 bridge 模式的 macvlan 接口会多一个邻居 ${name}。`],
    }),
  },
};
