import type { NamespaceId } from '../../../model/ids.ts';
import type { Link } from '../../../model/link.ts';
import { findNamespace } from '../../../model/snapshot.ts';
import { isTunnel, type Fault, type TunnelCrossing } from '../station.ts';
import {
  entriesFor,
  farSide,
  fixedRemote,
  isGroup,
  isVxlan,
  likelyPeers,
  remoteOf,
  tunnelEnd,
  unseenLinks,
  type Remote,
  type TunnelEnd,
} from '../../tunnel/tunnels.ts';
import { fdbOf } from '../wires.ts';
import type { Flood, Wave } from './flood.ts';

/** vxlan_xmit(), for a broadcast: to all whom the tunnel knows for whatever it does not know; other tunnels have one other end. */
export function throughTunnel(flood: Flood, namespace: NamespaceId, link: Link, wave: Wave): void {
  const end = tunnelEnd(flood.snapshot, { namespace, link });
  if (!end) return;
  if (end.kind.external) {
    flood.unknowns.push(`where ${link.name} sends a packet is said by a program (external)`);
    return;
  }
  if (end.kind.type === 'tunnel' && end.kind.unmodelled) {
    flood.unknowns.push(
      `what the tunnel ${link.name} does (${end.kind.unmodelled.join(', ')}) is not modelled`,
    );
    return;
  }
  const facts = findNamespace(flood.snapshot, namespace)?.facts;
  if (isVxlan(end) && (facts?.fdb.state === 'unread' || facts?.neighbours.state === 'unread')) {
    flood.missing.push({ namespace, fact: 'fdb' }, { namespace, fact: 'neighbours' });
    return;
  }
  if (isVxlan(end) && end.kind.proxy) {
    const entries = facts?.neighbours.state === 'known' ? facts.neighbours.value : [];
    flood.proxies.push({
      namespace,
      link,
      fault: wave.fault,
      crossed: wave.crossed,
      entries: entries.filter(({ dev }) => dev === link.name),
    });
    return;
  }
  const fault = (
    remote: string | null,
    problem: 'no-entry' | 'other-id' | 'other-port' | 'sender-elsewhere',
  ): Fault => ({
    namespace,
    inDev: null,
    step: { kind: 'tunnel', dev: link.name, tunnel: end.word, id: end.id, remote, problem },
    disposition: 'neighbour-unresolved',
  });
  const remotes = remotesOf(flood, end);
  const reached: TunnelEnd[] = [];
  if (end.underlay === null) {
    flood.unknowns.push(`the packets of the tunnel ${link.name} are routed in a namespace out of sight`);
    return;
  }
  for (const remote of remotes) {
    if (isGroup(remote.address)) {
      flood.unknowns.push(`the group ${remote.address} of the tunnel ${link.name} is not followed`);
      continue;
    }
    const { match, others, owned } = farSide(flood.snapshot, remote, end);
    const unseen = match ? [] : unseenLinks(flood.snapshot);
    flood.missing.push(...unseen);
    const crossing = (far: TunnelEnd): TunnelCrossing => ({
      ...{ type: 'tunnel', namespace, link },
      ...{ remote: remote.address, far },
    });
    if (match) {
      reached.push(match);
      flood.arrive(match.namespace, match.link.index, {
        ...wave,
        crossed: [...wave.crossed, crossing(match)],
      });
    } else if (owned)
      for (const other of others)
        flood.arrive(other.namespace, other.link.index, {
          ...wave,
          fault: wave.fault ?? {
            ...fault(remote.address, differing(other, remote)),
            through: [...wave.crossed.filter(isTunnel), crossing(other)],
          },
        });
    if (!match && !wave.fault) flood.exits.push({ namespace: end.underlay, dev: link.name });
  }
  // One that no entry names is left out. Where an entry leads to nobody, it may have been meant by that one.
  if (reached.length === remotes.length)
    for (const peer of likelyPeers(flood.snapshot, end).filter(
      (one) => !reached.some((it) => isSame(it, one)),
    ))
      flood.arrive(peer.namespace, peer.link.index, {
        ...wave,
        fault: wave.fault ?? fault(null, 'no-entry'),
      });
}

const isSame = (one: TunnelEnd, other: TunnelEnd): boolean =>
  one.namespace === other.namespace && one.link.index === other.link.index;

const remotesOf = ({ snapshot }: Flood, end: TunnelEnd): readonly Remote[] => {
  if (isVxlan(end))
    return entriesFor(fdbOf(snapshot, end.namespace), end.link, null).entries.map((entry) =>
      remoteOf(snapshot, end, entry),
    );
  const remote = fixedRemote(snapshot, end);
  return remote ? [remote] : [];
};

/** Why a tunnel that is there does not take what is sent. */
const differing = (other: TunnelEnd, remote: Remote): 'other-id' | 'other-port' | 'sender-elsewhere' => {
  if (other.port !== remote.port) return 'other-port';
  return other.takes === remote.id ? 'sender-elsewhere' : 'other-id';
};
