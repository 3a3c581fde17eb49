import { valueOr } from '../model/fact.ts';
import type { NamespaceId } from '../model/ids.ts';
import { sameAddress } from '../model/ip.ts';
import type { Link } from '../model/link.ts';
import type { Neighbour } from '../model/route.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { Hop } from '../model/trace.ts';
import { castOf } from '../simulate/link/group-address.ts';
import { factsIn, linkIn, linksIn, sysctlsIn, type WaySituation } from './situation.ts';

/** A next hop that a packet was to be handed to, and was not. */
export interface Unanswered {
  /** Who asked for it. */
  readonly namespace: NamespaceId;
  readonly address: string;
  readonly link: Link;
  /** The entry that was used instead of asking; null where nobody answered. */
  readonly entry: Neighbour | null;
}

/**
 * The next hop at which a way ended on layer 2: nobody answers for it, or the neighbour entry that is still there names a
 * hardware address that leads nowhere, or to a machine that does not have the address and drops what is not its own.
 */
export function unanswered(situation: WaySituation): Unanswered | null {
  const { snapshot, trace, step, hop } = situation;
  const steps = trace.hops.flatMap(({ namespace, steps: own }) => own.map((it) => ({ namespace, step: it })));
  const last = steps.findLast((it) => it.step.kind === 'neighbour');
  if (last?.step.kind !== 'neighbour' || muteSender(situation)) return null;
  const { address, dev, by } = last.step;
  const link = linkIn(snapshot, last.namespace, dev);
  if (!link) return null;
  const asked = { namespace: last.namespace, address, link };
  if (by === 'nobody') {
    if (step !== last.step) return null;
    return { ...asked, entry: groupEntry(snapshot, last.namespace, address, dev) };
  }
  const lostOnTheWay =
    step.kind === 'bridge' || step.kind === 'receive' || step.kind === 'transmit' || step.kind === 'tunnel';
  const wrongMachine =
    isNoRouter(situation) &&
    hop.namespace !== last.namespace &&
    !hasAddress(snapshot, hop.namespace, address);
  if (!lostOnTheWay && !wrongMachine) return null;
  return { ...asked, entry: by === 'table' ? entryFor(snapshot, last.namespace, address, dev) : null };
}

/**
 * Who sent the frame that nobody took, where nobody was asked for: an interface without ARP puts its own hardware address on
 * every frame (arp_constructor() of net/ipv4/arp.c), which a bridge would only send back.
 */
export function muteSender({
  snapshot,
  trace,
  step,
}: WaySituation): { readonly hop: Hop; readonly link: Link } | null {
  const untaken =
    (step.kind === 'receive' && step.problem === 'not-for-this-mac') ||
    (step.kind === 'bridge' && (step.problem === 'hairpin-off' || step.problem === 'no-port-leads-there'));
  if (!untaken) return null;
  for (const hop of trace.hops.toReversed()) {
    const link = hop.outDev === null ? undefined : linkIn(snapshot, hop.namespace, hop.outDev);
    if (link?.mac != null && link.flags.includes('NOARP')) return { hop, link };
  }
  return null;
}

/** It has no use for what is not its own: it does not forward, or (IPv6 looks for a route first) knows no way. */
const isNoRouter = ({ snapshot, namespace, step, packet }: WaySituation): boolean =>
  (step.kind === 'forward' && !step.enabled) ||
  (packet.family === 6 &&
    step.kind === 'route' &&
    step.lookup === 'input' &&
    step.route === null &&
    sysctlsIn(snapshot, namespace)['net/ipv6/conf/all/forwarding'] === '0');

const hasAddress = (snapshot: Snapshot, id: NamespaceId, address: string): boolean =>
  linksIn(snapshot, id).some(({ addresses }) => addresses.some((own) => sameAddress(own.address, address)));

const entryFor = (snapshot: Snapshot, id: NamespaceId, address: string, dev: string): Neighbour | null =>
  valueOr(factsIn(snapshot, id)?.neighbours ?? { state: 'absent' }, []).find(
    (entry) => entry.dev === dev && sameAddress(entry.address, address),
  ) ?? null;

/** An entry that sends to everybody, or to a group, of whom nobody has the address. */
function groupEntry(snapshot: Snapshot, id: NamespaceId, address: string, dev: string): Neighbour | null {
  const entry = entryFor(snapshot, id, address, dev);
  return entry?.mac !== undefined && castOf(entry.mac) !== null ? entry : null;
}

/** How the neighbour table shows it. */
export const neighbourText = ({ address, link, entry }: Unanswered): string =>
  entry?.mac === undefined
    ? `${address} dev ${link.name} FAILED`
    : `${address} dev ${link.name} lladdr ${entry.mac} ${entry.state.toUpperCase()}`;
