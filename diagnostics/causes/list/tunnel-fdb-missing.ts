import { absent, valueOr } from '../../model/fact.ts';
import { sameAddress } from '../../model/ip.ts';
import { findNamespace } from '../../model/snapshot.ts';
import { isVxlan, likelyPeers, type VxlanEnd } from '../../simulate/tunnel/tunnels.ts';
import type { FixAction } from '../../fixes/registry.ts';
import type { CauseKind } from '../cause.ts';
import type { Remedy } from '../finding.ts';
import { labelIn, ownersOf, type WaySituation } from '../situation.ts';
import {
  addressesOf,
  fdbEvidence,
  fdbIn,
  isBehind,
  lastNextHop,
  lastSending,
  tunnelEvidence,
} from '../tunnel.ts';

const ALL = '00:00:00:00:00:00';

/** A tunnel that neither learns nor floods has no entry for the next hop: nobody told it where that is. */
export const tunnelFdbMissing: CauseKind = {
  id: 'tunnel-fdb-missing',
  find(situation) {
    if (situation.type !== 'way') return null;
    const { step, snapshot } = situation;
    if (step.kind !== 'tunnel' || step.problem !== 'no-entry') return null;
    const sending = lastSending(situation);
    const hop = lastNextHop(situation);
    if (!sending || !hop || !isVxlan(sending.end)) return null;
    const { end } = sending;
    const { namespace, link } = end;
    return {
      id: 'tunnel-fdb-missing',
      place: { namespace },
      certainty: 'certain',
      params: {
        namespace: labelIn(snapshot, namespace),
        device: link.name,
        address: hop.address,
        mac: hop.mac,
        learning: end.kind.learning,
        listed: fdbIn(snapshot, namespace).some(({ dev, mac }) => dev === link.name && mac === ALL),
      },
      evidence: [tunnelEvidence(snapshot, end), fdbEvidence(snapshot, namespace, link, hop.mac ?? ALL)],
      remedies: remedies(situation, end),
    };
  },
  text: {
    en: {
      summary: (p) =>
        p('mac') === ''
          ? `The tunnel ${p('device')} of ${p('namespace')} does not know where to ask for ${p('address')}`
          : `The tunnel ${p('device')} of ${p('namespace')} has no entry for ${p('mac')}, the hardware address of ${p('address')}`,
      explanation: (p) =>
        `A vxlan tunnel looks in its forwarding table (FDB) for the machine behind which a hardware address is. ${p('learning') === 'true' ? `${p('device')} learns such entries from what arrives, and ${p('listed') === 'true' ? 'the list of those to whom it sends the first frame leaves one out' : 'has none that says where to send the first frame'}.` : `${p('device')} does not learn (nolearning): a program (flannel, Docker, a script) has to write each neighbour and each entry, and one is missing.`} So the frame ${p('listed') === 'true' ? 'goes to the others only' : 'is dropped before it leaves'}.`,
    },
    'zh-cn': {
      summary: (p) =>
        p('mac') === ''
          ? `${p('namespace')} 的隧道 ${p('device')} 不知道该去哪里询问 ${p('address')}`
          : `${p('namespace')} 的隧道 ${p('device')} 没有 ${p('address')} 的硬件地址 ${p('mac')} 的条目`,
      explanation: (p) =>
        `vxlan 隧道在转发表（FDB）里查找某个硬件地址在哪台机器后面。${p('learning') === 'true' ? `${p('device')} 会从收到的帧里学习，但${p('listed') === 'true' ? '它发送第一个帧的名单里漏了一台机器' : '没有一个条目告诉它第一个帧该发往哪里'}。` : `${p('device')} 不学习（nolearning）：每个邻居和条目都要由程序（flannel、Docker、脚本）写入，而现在缺了一个。`}所以帧${p('listed') === 'true' ? '只到了其他机器那里' : '还没发出就被丢弃了'}。`,
    },
  },
};

function remedies(situation: WaySituation, end: VxlanEnd): readonly Remedy[] {
  const { snapshot } = situation;
  const hop = lastNextHop(situation);
  if (!hop) return [];
  const { namespace, link } = end;
  const owner = ownersOf(snapshot, hop.address).find((one) => one.link.mac !== null);
  const mac = hop.mac ?? owner?.link.mac ?? null;
  const peers = likelyPeers(snapshot, end);
  const those = mac === null ? peers : peers.filter((peer) => isBehind(snapshot, peer, mac));
  const addresses = (those.length > 0 ? those : peers).flatMap((peer) => addressesOf(snapshot, peer));
  const point = (what: string, remote: string): FixAction => ({
    kind: 'point-tunnel',
    namespace,
    dev: link.name,
    mac: what,
    before: null,
    remote,
  });
  const known = fdbIn(snapshot, namespace).some(
    (entry) => entry.dev === link.name && entry.mac === mac && entry.remote !== undefined,
  );
  const listed = isListed(situation, hop);
  const spoken = end.kind.proxy === true;
  const neighbour: readonly FixAction[] =
    mac !== null && !listed && (hop.mac === null || !spoken)
      ? [{ kind: 'add-neighbour', namespace: hop.namespace, dev: hop.link.name, address: hop.address, mac }]
      : [];
  const written: readonly Remedy[] =
    mac === null
      ? []
      : known
        ? [{ actions: neighbour }]
        : addresses.map((address) => ({ actions: [...neighbour, point(mac, address)] }));
  const flooded = addresses.map((address) => ({ actions: [point(ALL, address)] }));
  // Behind a bridge they ask each other, and what was answered is forgotten: it takes a list, where no program writes entries.
  const asks = link.master !== undefined && !spoken && !listed;
  return end.kind.learning || asks ? [...flooded, ...written] : [...written, ...flooded];
}

/** Somebody wrote the next hop's hardware address by hand: it stays. */
const isListed = (
  { snapshot }: WaySituation,
  { namespace, link, address }: NonNullable<ReturnType<typeof lastNextHop>>,
): boolean =>
  valueOr(findNamespace(snapshot, namespace)?.facts.neighbours ?? absent, []).some(
    (entry) => entry.dev === link.name && sameAddress(entry.address, address) && entry.state === 'permanent',
  );
