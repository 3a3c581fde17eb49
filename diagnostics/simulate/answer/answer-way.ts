import { linkAt } from '../../model/link.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import {
  bridgeDisposition,
  holderOf,
  isBridgeEntry,
  isLockedOut,
  isTried,
  learnsBy,
  type BridgeProblem,
} from '../link/bridge-port.ts';
import { apart } from '../link/macvlan.ts';
import type { BridgeCrossing, Fault, Station } from '../link/station.ts';
import { fdbOf, linksOf, type PlacedLink } from '../link/wires.ts';

/**
 * Why the answer to a question for a neighbour is lost on its way back, though the question came through: bridges look up where the
 * asker is, and the question went everywhere; or the asker does not listen. null where it comes back.
 */
export function lostAnswer(snapshot: Snapshot, asker: PlacedLink, owner: Station): Fault | null {
  const [askerMac, ownerMac] = [asker.link.mac, owner.link.mac];
  if (askerMac === null || ownerMac === null) return null;
  const deaf = deafTo(snapshot, asker, ownerMac);
  if (deaf) return deaf;
  for (const crossing of [...owner.crossed].reverse()) {
    // Open vSwitch has its own (questionPasses()).
    if (crossing.type !== 'bridge' || crossing.tags) continue;
    const problem = problemAt(snapshot, crossing, askerMac, ownerMac);
    if (!problem) continue;
    const { namespace, bridge, inPort, outPort } = crossing;
    return {
      namespace,
      inDev: outPort,
      step: {
        kind: 'bridge',
        bridge,
        inPort: outPort,
        outPort: problem === 'no-port-leads-there' ? null : inPort,
        by: 'fdb',
        problem,
      },
      disposition: problem === 'no-port-leads-there' ? 'neighbour-unresolved' : bridgeDisposition(problem),
    };
  }
  return null;
}

/** Why a macvlan interface of mode source does not hear who answers it (macvlan_forward_source()). */
function deafTo(snapshot: Snapshot, { link: { name, kind, peer } }: PlacedLink, owner: string): Fault | null {
  if (kind.type !== 'macvlan' || kind.mode !== 'source' || kind.sources?.includes(owner)) return null;
  const lower = peer?.namespace ? linkAt(linksOf(snapshot, peer.namespace) ?? [], peer.index) : undefined;
  return peer?.namespace && lower
    ? apart({ namespace: peer.namespace, link: lower }, name, kind.mode, 'source')
    : null;
}

/** The answer comes in by the port that the question left by, and has to leave by the one that it came by. */
function problemAt(
  snapshot: Snapshot,
  crossing: BridgeCrossing,
  asker: string,
  owner: string,
): BridgeProblem | null {
  const links = linksOf(snapshot, crossing.namespace) ?? [];
  const named = (name: string | null) => links.find((link) => link.name === name);
  const bridge = named(crossing.bridge);
  const back = named(crossing.inPort);
  const come = named(crossing.outPort);
  // Up to the bridge's own stack, which asked.
  if (!bridge || !back || linkAt(links, back.index)?.master !== bridge.index) return null;
  const entries = fdbOf(snapshot, crossing.namespace).filter((entry) => isBridgeEntry(entry, bridge));
  const holder = holderOf(links, bridge, entries, asker);
  // What comes in by a port stays with the bridge then; what its own stack sends goes by the port all the same (br_dev_xmit()).
  if (holder !== undefined) return !come && holder === back ? null : 'no-port-leads-there';
  if (come && isLockedOut(entries, bridge, come, owner)) return 'locked';
  if (come && asker === owner && learnsBy(bridge, come)) return 'hairpin-off';
  if (!back.port || learnsBy(bridge, back)) return null;
  const entry = entries.find(({ mac }) => mac === asker);
  if (entry) return entry.dev === back.name ? null : 'no-port-leads-there';
  return isTried(back) ? null : 'not-flooded';
}
