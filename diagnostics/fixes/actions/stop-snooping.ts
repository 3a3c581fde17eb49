import type { NamespaceId } from '../../model/ids.ts';
import type { Link } from '../../model/link.ts';
import { exec, type ActionKind } from '../action.ts';
import { changeLink, forgetFailedNeighbours, linkNamed } from '../patch.ts';

/** Lets a bridge send what is for a group to all its ports, whoever has joined it. */
export interface StopSnooping {
  readonly kind: 'stop-snooping';
  readonly namespace: NamespaceId;
  readonly bridge: string;
}

const set = (bridge: string, value: '0' | '1'): readonly string[] => [
  ...['ip', 'link', 'set', 'dev', bridge, 'type', 'bridge', 'mcast_snooping', value],
];

/** Only where a bridge keeps account of groups is it told which were joined. */
const unaccounted = (before: Link): Link => {
  const { joined, ...others } = before;
  const link = joined === undefined ? before : others;
  if (link.kind.type !== 'bridge') return link;
  const { snoops, ...kind } = link.kind;
  return snoops === undefined ? link : { ...link, kind };
};

export const stopSnooping: ActionKind<StopSnooping> = {
  steps: ({ namespace, bridge }, snapshot) => [exec(snapshot, namespace, set(bridge, '0'))],
  undo: ({ namespace, bridge }, snapshot) => [exec(snapshot, namespace, set(bridge, '1'))],
  change({ namespace, bridge }, snapshot) {
    const index = linkNamed(snapshot, namespace, bridge)?.index;
    return forgetFailedNeighbours(
      changeLink(snapshot, namespace, (link) => link.index === index || link.master === index, unaccounted),
    );
  },
  text: {
    en: ({ bridge }, where) => ({
      title: `Let the bridge ${bridge} in ${where} send multicasts to all its ports (no snooping)`,
      permanent: `Set the same in the network configuration of ${where} (MulticastSnooping= of systemd-networkd, bridge-mcsnoop of ifupdown), or let the reports of group members (MLD) through again.`,
      sideEffects: [`Every multicast goes to every port of ${bridge} then.`],
    }),
    'zh-cn': ({ bridge }, where) => ({
      title: `让 ${where} 中的网桥 ${bridge} 把组播发往所有端口（关闭 snooping）`,
      permanent: `在 ${where} 的网络配置中作同样的设置（systemd-networkd 的 MulticastSnooping=、ifupdown 的 bridge-mcsnoop），或者重新放行组成员的报告（MLD）。`,
      sideEffects: [`此后每个组播都会发往 ${bridge} 的每个端口。`],
    }),
  },
};
