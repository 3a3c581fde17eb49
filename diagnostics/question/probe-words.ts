import { labelIn } from '../causes/situation.ts';
import type { ProbeResult } from '../model/diagnosis.ts';
import type { NamespaceId } from '../model/ids.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { Trace } from '../model/trace.ts';
import { addressOwners } from '../simulate/neighbour/owners.ts';
import type { RoundTrip } from '../simulate/walk.ts';
import type { RawProbe } from '../source.ts';

/** What the kernel answered, with the names of those who are in it. */
export type NamedProbe = Omit<ProbeResult, 'agrees' | 'sizes'>;

/** Says who sent an error, and what was seen at the receiver. */
export function namedProbe(snapshot: Snapshot, trip: RoundTrip, raw: RawProbe): NamedProbe {
  const { outcome, milliseconds } = raw;
  const icmp = raw.icmp && { ...raw.icmp, namespace: ownerOf(snapshot, trip, raw.icmp.from) };
  const arrival = raw.arrival && { ...raw.arrival, namespace: labelIn(snapshot, raw.arrival.namespace) };
  const detail = icmp ? answeredBy(icmp) : arrival ? arrivalWords(arrival) : raw.detail;
  return { outcome, milliseconds, detail, ...(icmp ? { icmp } : {}), ...(arrival ? { arrival } : {}) };
}

/** Of several that have the address, the one that the packet came to; null: nobody here, or nobody knows which. */
function ownerOf(snapshot: Snapshot, { forward, notice, back }: RoundTrip, address: string): string | null {
  const owners = new Set(addressOwners(snapshot, address).owners.map(({ namespace }) => namespace));
  const met = [...owners].filter((owner) => [forward, notice, back].some((trace) => passes(trace, owner)));
  const [owner] = met.length > 0 ? met : owners;
  return owner !== undefined && (met.length === 1 || owners.size === 1) ? labelIn(snapshot, owner) : null;
}

const passes = (trace: Trace | null, namespace: NamespaceId): boolean =>
  trace?.hops.some((hop) => hop.namespace === namespace) === true;

const answeredBy = ({ from, namespace, says }: NonNullable<NamedProbe['icmp']>): string => {
  const who = namespace === null ? from : `${namespace} (${from})`;
  return `${who} answered: ${says}.`;
};

function arrivalWords({ namespace, fate, device }: NonNullable<NamedProbe['arrival']>): string {
  switch (fate) {
    case 'taken':
      return `It arrived at ${namespace}, where a program took it and answered nothing.`;
    case 'waiting':
      return `It arrived at ${namespace}, where it waits in a socket that no program reads.`;
    case 'buffer-full':
      return `It arrived at ${namespace} and was lost there: the buffer of the socket is full.`;
    case 'no-listener':
      return `It arrived at ${namespace}, where nothing listens on the port.`;
    case 'not-taken':
      return `No socket in ${namespace} was given it.`;
    case 'stopped':
      return device === null
        ? `It came into ${namespace}, and no socket there was given it.`
        : `It came into ${namespace} by ${device}, and no socket there was given it.`;
    case 'never':
      return `It never arrived at ${namespace}.`;
  }
}
