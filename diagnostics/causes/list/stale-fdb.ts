import type { NamespaceId } from '../../model/ids.ts';
import type { Link } from '../../model/link.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { FdbEntry } from '../../model/route.ts';
import { segmentOf, stationsWith } from '../../simulate/link/segment.ts';
import { likelyPeers, tunnelEnd } from '../../simulate/tunnel/tunnels.ts';
import { bridgeMacs } from '../../simulate/link/wires.ts';
import type { CauseKind } from '../cause.ts';
import type { Finding, Remedy } from '../finding.ts';
import { labelIn, linkIn, linksIn, type WaySituation } from '../situation.ts';
import { addressesOf, fdbEvidence, fdbIn, isBehind, lastNextHop, lastSending } from '../tunnel.ts';

const ID = 'stale-fdb';

/** A forwarding entry names a place where the hardware address no longer is: a remote of a tunnel, or a port of a bridge. */
export const staleFdb: CauseKind = {
  id: ID,
  find(situation) {
    if (situation.type !== 'way') return null;
    return senderElsewhere(situation) ?? wrongRemote(situation) ?? wrongPort(situation);
  },
  text: {
    en: {
      summary: (p) =>
        p('remote') === ''
          ? `The bridge ${p('device')} of ${p('namespace')} has an entry that says ${p('mac')} is behind ${p('port')}, and it is not`
          : `The tunnel ${p('device')} of ${p('namespace')} has an entry that says ${p('mac')} is behind ${p('remote')}, and it is not`,
      explanation: (p) =>
        `A ${p('remote') === '' ? 'bridge' : 'tunnel'} keeps a table (FDB) of where each hardware address is. This one has an entry for ${p('mac')}${p('owner') === '' ? '' : `, which belongs to ${p('owner')}`}, that leads elsewhere: it was written by hand or by a program, or is left from before the machine moved. Entries that were written stay until somebody corrects them.`,
    },
    'zh-cn': {
      summary: (p) =>
        p('remote') === ''
          ? `${p('namespace')} 的网桥 ${p('device')} 有一个条目说 ${p('mac')} 在 ${p('port')} 后面，其实不在`
          : `${p('namespace')} 的隧道 ${p('device')} 有一个条目说 ${p('mac')} 在 ${p('remote')} 那边，其实不在`,
      explanation: (p) =>
        `${p('remote') === '' ? '网桥' : '隧道'}用一张表（FDB）记录每个硬件地址在哪里。这里 ${p('mac')}${p('owner') === '' ? '' : `（属于 ${p('owner')}）`}的条目指向了别处：它是手工或由程序写入的，或者是机器迁移之前留下的。写入的条目会一直保留，直到有人改正。`,
    },
  },
};

/** The entry that leads astray: of `device`, kept with `link`, to a remote of a tunnel or to a port of a bridge. */
interface Misleading {
  readonly namespace: NamespaceId;
  readonly link: Link;
  readonly mac: string;
  readonly device: string;
  readonly remote: string | null;
  readonly port?: string;
}

const misleads = (
  snapshot: Snapshot,
  { namespace, link, mac, ...where }: Misleading,
  remedies: readonly Remedy[],
): Finding => ({
  id: ID,
  place: { namespace },
  certainty: 'certain',
  params: { namespace: labelIn(snapshot, namespace), mac, ...where, owner: ownerLabel(snapshot, mac) },
  evidence: [fdbEvidence(snapshot, namespace, link, mac)],
  remedies,
});

const ownerLabel = (snapshot: Snapshot, mac: string): string | null => {
  const owner = snapshot.namespaces.find(({ id }) => linksIn(snapshot, id).some((link) => link.mac === mac));
  return owner ? labelIn(snapshot, owner.id) : null;
};

/** The receiver has a fixed entry that says its sender is elsewhere. */
function senderElsewhere(situation: WaySituation): Finding | null {
  const { snapshot, namespace, step } = situation;
  if (step.kind !== 'tunnel' || step.problem !== 'sender-elsewhere' || step.mac === undefined) return null;
  const { mac, dev, remote } = step;
  const link = linkIn(snapshot, namespace, dev);
  const entry = fdbIn(snapshot, namespace).find((one) => one.dev === dev && one.mac === mac && one.remote);
  if (!link || entry?.remote === undefined || remote === null) return null;
  return misleads(snapshot, { namespace, link, mac, device: dev, remote: entry.remote }, [
    { actions: [{ kind: 'point-tunnel', namespace, dev, mac, before: entry.remote, remote }] },
  ]);
}

/** A tunnel's entry leads to a machine behind which the address is not. */
function wrongRemote(situation: WaySituation): Finding | null {
  const { snapshot } = situation;
  const sending = lastSending(situation);
  const { mac, remote } = sending?.step ?? {};
  if (!sending || mac === undefined || remote === null || remote === undefined) return null;
  const { end, far } = sending;
  if (far?.match && isBehind(snapshot, far.match, mac)) return null;
  const peers = likelyPeers(snapshot, end).filter((peer) => isBehind(snapshot, peer, mac));
  const addresses = peers.flatMap((peer) => addressesOf(snapshot, peer));
  if (addresses.length === 0) return null;
  const { namespace, link } = end;
  return misleads(
    snapshot,
    { namespace, link, mac, device: link.name, remote },
    addresses.map((address) => ({
      actions: [{ kind: 'point-tunnel', namespace, dev: link.name, mac, before: remote, remote: address }],
    })),
  );
}

/** A bridge's entry that was written leads to a port behind which the address is not, and it is behind another. */
function wrongPort(situation: WaySituation): Finding | null {
  const { snapshot, trace } = situation;
  const hop = lastNextHop(situation);
  // Where nobody answers, it may be the answer that was led astray.
  const mac = hop?.mac ?? hop?.link.mac;
  if (!mac) return null;
  for (const { namespace, steps } of trace.hops)
    for (const step of steps) {
      if (step.kind !== 'bridge') continue;
      if (step.problem !== undefined && step.problem !== 'no-port-leads-there') continue;
      const entry = misleading(situation, namespace, step.bridge, step.outPort, mac);
      if (!entry) continue;
      const bridge = linkIn(snapshot, namespace, step.bridge);
      const port = linkIn(snapshot, namespace, entry.dev);
      if (!bridge || !port || tunnelEnd(snapshot, { namespace, link: port })) continue;
      return misleads(
        snapshot,
        { namespace, link: port, mac, device: bridge.name, port: entry.dev, remote: null },
        [
          {
            actions: [
              {
                kind: 'forget-mac',
                namespace,
                bridge: bridge.name,
                port: entry.dev,
                mac,
                state: entry.state,
              },
            ],
          },
        ],
      );
    }
  return null;
}

function misleading(
  { snapshot }: WaySituation,
  namespace: NamespaceId,
  bridge: string,
  outPort: string | null,
  mac: string,
): FdbEntry | null {
  const links = linksIn(snapshot, namespace);
  const own = links.find(({ name }) => name === bridge);
  if (!own || bridgeMacs(links, own).includes(mac)) return null;
  const entry = fdbIn(snapshot, namespace).find(
    (one) =>
      one.master === bridge &&
      one.mac === mac &&
      (outPort === null ? one.state !== 'learned' : one.dev === outPort),
  );
  if (!entry) return null;
  const behind = links.filter(
    (port) => port.master === own.index && stationsWith(segmentOf(snapshot, namespace, port), mac).length > 0,
  );
  return behind.length > 0 && (entry.state === 'permanent' || behind.every(({ name }) => name !== entry.dev))
    ? entry
    : null;
}
