import { childrenOf } from '../../simulate/link/macvlan.ts';
import type { CauseKind } from '../cause.ts';
import type { Finding } from '../finding.ts';
import { readIn } from '../evidence.ts';
import { labelIn, linkIn, ownersOf, type WaySituation } from '../situation.ts';
import { fdbEvidence, lastNextHop } from '../tunnel.ts';

const ID = 'mac-filtered';

/** A port or an interface takes frames of certain hardware addresses only, and this one is not among them. */
export const macFiltered: CauseKind = {
  id: ID,
  find: (situation) => (situation.type === 'way' ? (atPort(situation) ?? atMacvlan(situation)) : null),
  text: {
    en: {
      summary: (p) =>
        p('what') === 'not-flooded'
          ? `The bridge ${p('bridge')} of ${p('namespace')} does not know where ${p('mac')} is, and may not try its port ${p('device')} (${p('setting')})`
          : p('what') === 'not-broadcast'
            ? `The bridge ${p('bridge')} of ${p('namespace')} sends no broadcasts out by its port ${p('device')} (bcast_flood off), questions for neighbours (ARP) included`
            : p('what') === 'not-multicast'
              ? `The bridge ${p('bridge')} of ${p('namespace')} sends no multicasts out by its port ${p('device')} (mcast_flood off), questions of IPv6 for neighbours included`
              : p('what') === 'locked'
                ? `The bridge port ${p('device')} of ${p('namespace')} is locked, and lets frames from ${p('mac')} not in`
                : `${p('device')} of ${p('namespace')} (macvlan, mode source) does not listen to ${p('mac')}`,
      explanation: (p) =>
        p('what') === 'not-flooded'
          ? `A bridge sends a frame for a hardware address that it has not seen to all its ports. ${p('device')} is excepted from that (${p('setting')}), and the table has no entry for ${p('mac')} on it, so the frame gets no further.`
          : p('what') === 'not-broadcast'
            ? `Before a machine sends to a neighbour, it asks everybody on its network who has the address. A bridge sends such a broadcast to all its ports; ${p('device')} is excepted from that (bcast_flood off). So whoever is behind it never hears that it is looked for.`
            : p('what') === 'not-multicast'
              ? `Before a machine sends to a neighbour by IPv6, it asks for its hardware address, and the question goes to a multicast group. A bridge that does not keep account of groups sends such a frame to all its ports; ${p('device')} is excepted from that (mcast_flood off). So whoever is behind it never hears that it is looked for, while IPv4 works: its questions are broadcasts.`
              : p('what') === 'locked'
                ? `A locked port is a guarded one: only hardware addresses that the table of the bridge has on it may send. ${p('mac')} is not there, so whatever it sends is thrown away, its questions for neighbours included.`
                : `A macvlan interface in mode source takes only frames whose sender is on its list. ${p('mac')} is not on the list of ${p('device')}, so it hears nothing of what comes from there.`,
    },
    'zh-cn': {
      summary: (p) =>
        p('what') === 'not-flooded'
          ? `${p('namespace')} 的网桥 ${p('bridge')} 不知道 ${p('mac')} 在哪里，又不许尝试端口 ${p('device')}（${p('setting')}）`
          : p('what') === 'not-broadcast'
            ? `${p('namespace')} 的网桥 ${p('bridge')} 不把广播从端口 ${p('device')} 发出去（bcast_flood off），包括询问邻居的 ARP`
            : p('what') === 'not-multicast'
              ? `${p('namespace')} 的网桥 ${p('bridge')} 不把组播从端口 ${p('device')} 发出去（mcast_flood off），包括 IPv6 询问邻居的报文`
              : p('what') === 'locked'
                ? `${p('namespace')} 的网桥端口 ${p('device')} 已锁定，不让 ${p('mac')} 的帧进来`
                : `${p('namespace')} 的 ${p('device')}（macvlan，source 模式）不接收 ${p('mac')} 的帧`,
      explanation: (p) =>
        p('what') === 'not-flooded'
          ? `网桥会把发往没见过的硬件地址的帧送到所有端口。${p('device')} 被排除在外（${p('setting')}），而转发表里又没有 ${p('mac')} 在它后面的条目，所以帧到此为止。`
          : p('what') === 'not-broadcast'
            ? `机器向邻居发送之前，要先问整个网络谁有这个地址。网桥会把这种广播送到所有端口，而 ${p('device')} 被排除在外（bcast_flood off），所以它后面的机器根本听不到有人在找它。`
            : p('what') === 'not-multicast'
              ? `机器用 IPv6 向邻居发送之前，要先询问它的硬件地址，这个询问发往一个组播组。没有记录组成员的网桥会把这种帧送到所有端口，而 ${p('device')} 被排除在外（mcast_flood off），所以它后面的机器根本听不到有人在找它；IPv4 的询问是广播，因此照常工作。`
              : p('what') === 'locked'
                ? `锁定的端口是受保护的端口：只有转发表中登记在它上面的硬件地址才能发送。${p('mac')} 不在其中，它发出的一切都被丢弃，包括询问邻居的请求。`
                : `source 模式的 macvlan 接口只接收名单上的发送者。${p('mac')} 不在 ${p('device')} 的名单里，所以它发来的一切都听不到。`,
    },
  },
};

/** Each as a fix names it, as bridge(8) prints it, and the value that keeps frames out. */
const SETTINGS = {
  locked: { what: 'locked', key: 'locked', stands: 'on' },
  'not-flooded': { what: 'flood', key: 'flood', stands: 'off' },
  'not-broadcast': { what: 'broadcast', key: 'bcast_flood', stands: 'off' },
  'not-multicast': { what: 'multicast', key: 'mcast_flood', stands: 'off' },
} as const;

/** One for which the bridge answers is spared what goes to all, whatever `flood` says. */
const PROXIED = { what: 'proxied', key: 'proxy_arp', stands: 'on' } as const;

const isSetting = (problem: string | undefined): problem is keyof typeof SETTINGS =>
  problem !== undefined && problem in SETTINGS;

function atPort(situation: WaySituation): Finding | null {
  const { snapshot, namespace, step } = situation;
  if (step.kind !== 'bridge' || !isSetting(step.problem)) return null;
  const name = step.problem === 'locked' ? step.inPort : step.outPort;
  const port = name === null ? undefined : linkIn(snapshot, namespace, name);
  const hop = lastNextHop(situation);
  // Either the question for a neighbour, or the answer to it, which is for the asker.
  const answer = hop?.mac === null && step.by === 'fdb';
  const owner = answer ? ownersOf(snapshot, hop.address)[0]?.link.mac : undefined;
  const asked = hop?.mac ?? hop?.link.mac;
  const mac = step.problem === 'locked' ? (owner ?? hop?.link.mac) : asked;
  if (!port || !mac) return null;
  const proxied = step.problem === 'not-flooded' && port.port?.flood === true;
  const { what, key, stands } = proxied ? PROXIED : SETTINGS[step.problem];
  return {
    id: ID,
    place: { namespace },
    certainty: 'certain',
    params: {
      namespace: labelIn(snapshot, namespace),
      bridge: step.bridge,
      device: port.name,
      mac,
      what: step.problem,
      setting: proxied ? key : `${key} ${stands}`,
    },
    evidence: [
      {
        source: readIn(snapshot, namespace, [
          ...(proxied ? ['ip', '-d', 'link'] : ['bridge', '-d', 'link']),
          ...['show', 'dev', port.name],
        ]),
        text: `${port.name}: ${key} ${stands}`,
      },
      ...(what === 'broadcast' || what === 'multicast' ? [] : [fdbEvidence(snapshot, namespace, port, mac)]),
    ],
    remedies: [{ actions: [{ kind: 'open-port', namespace, dev: port.name, what }] }],
  };
}

function atMacvlan(situation: WaySituation): Finding | null {
  const { snapshot, namespace, step } = situation;
  const isMiss = step.kind === 'receive' && step.problem === 'not-for-this-mac';
  if (!isMiss && (step.kind !== 'macvlan' || step.problem !== 'source')) return null;
  const lower = linkIn(snapshot, namespace, step.kind === 'macvlan' ? step.lower : step.dev);
  const hop = lastNextHop(situation);
  const mac = hop?.link.mac;
  if (!lower || !hop || !mac) return null;
  const child = childrenOf(snapshot, namespace, lower.index).find(
    ({ kind, link }) =>
      kind.mode === 'source' &&
      kind.sources?.includes(mac) !== true &&
      (hop.mac === null ? step.kind === 'macvlan' && link.name === step.dev : link.mac === hop.mac),
  );
  if (!child) return null;
  return {
    id: ID,
    place: { namespace: child.namespace },
    certainty: 'certain',
    params: {
      namespace: labelIn(snapshot, child.namespace),
      device: child.link.name,
      mac,
      what: 'source',
    },
    evidence: [
      {
        source: readIn(snapshot, child.namespace, ['ip', '-d', 'link', 'show', 'dev', child.link.name]),
        text: `macvlan mode source: ${child.kind.sources?.join(', ') ?? 'nobody'}`,
      },
    ],
    remedies: [
      { actions: [{ kind: 'allow-source', namespace: child.namespace, dev: child.link.name, mac }] },
    ],
  };
}
