import type { NamespaceId } from '../../../model/ids.ts';
import type { Link } from '../../../model/link.ts';
import { findNamespace } from '../../../model/snapshot.ts';
import type { Fault } from '../station.ts';
import {
  entriesFor,
  farSide,
  isGroup,
  likelyPeers,
  remoteOf,
  tunnelEnd,
  unseenLinks,
} from '../../tunnel/tunnels.ts';
import { fdbOf } from '../wires.ts';
import type { Flood, Wave } from './flood.ts';

/** vxlan_xmit(), for a broadcast: to all whom the tunnel knows for whatever it does not know. */
export function throughTunnel(flood: Flood, namespace: NamespaceId, link: Link, wave: Wave): void {
  const end = tunnelEnd(flood.snapshot, { namespace, link });
  if (!end) return;
  if (end.kind.external) {
    flood.unknowns.push(`where ${link.name} sends a packet is said by a program (external)`);
    return;
  }
  const facts = findNamespace(flood.snapshot, namespace)?.facts;
  if (facts?.fdb.state === 'unread' || facts?.neighbours.state === 'unread') {
    flood.missing.push({ namespace, fact: 'fdb' }, { namespace, fact: 'neighbours' });
    return;
  }
  if (end.kind.proxy) {
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
  const fault = (remote: string | null, problem: 'no-entry' | 'other-id' | 'other-port'): Fault => ({
    namespace,
    inDev: null,
    step: { kind: 'tunnel', dev: link.name, tunnel: 'vxlan', id: end.kind.id, remote, problem },
    disposition: 'neighbour-unresolved',
  });
  const { entries } = entriesFor(fdbOf(flood.snapshot, namespace), link, null);
  if (entries.length === 0)
    for (const peer of likelyPeers(flood.snapshot, end))
      flood.arrive(peer.namespace, peer.link.index, {
        ...wave,
        fault: wave.fault ?? fault(null, 'no-entry'),
      });
  if (end.underlay === null) {
    flood.unknowns.push(`the packets of the tunnel ${link.name} are routed in a namespace out of sight`);
    return;
  }
  for (const entry of entries) {
    const remote = remoteOf(flood.snapshot, end, entry);
    if (isGroup(remote.address)) {
      flood.unknowns.push(`the group ${remote.address} of the tunnel ${link.name} is not followed`);
      continue;
    }
    const { match, others, owned } = farSide(flood.snapshot, remote);
    const unseen = match ? [] : unseenLinks(flood.snapshot);
    flood.missing.push(...unseen);
    if (match)
      flood.arrive(match.namespace, match.link.index, {
        ...wave,
        crossed: [...wave.crossed, { type: 'tunnel', namespace, link, remote: remote.address, far: match }],
      });
    else if (owned)
      for (const other of others)
        flood.arrive(other.namespace, other.link.index, {
          ...wave,
          fault:
            wave.fault ?? fault(remote.address, other.kind.port === remote.port ? 'other-id' : 'other-port'),
        });
    if (!match && !wave.fault) flood.exits.push({ namespace: end.underlay, dev: link.name });
  }
}
