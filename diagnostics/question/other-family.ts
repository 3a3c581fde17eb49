import type { ProbeResult, WhyVerdict } from '../model/diagnosis.ts';
import type { Flow } from '../model/flow.ts';
import { familyOf } from '../model/ip.ts';
import type { FlowStart } from '../simulate/start.ts';
import { walkFlow, type RoundTrip } from '../simulate/walk.ts';
import type { FactReader } from './fact-reader.ts';
import type { JudgedWay, Way } from './judge-way.ts';
import type { Note } from './notes.ts';
import type { Target } from './target.ts';
import { mostTelling, overall } from './verdict.ts';
import { missingOf } from './walked.ts';

/** An address of TO's name, of the family that the ones which are asked for are not of. */
export interface OtherFamily {
  readonly name: string;
  readonly start: FlowStart;
  /** FROM has no way at all to the others: programs leave them out. */
  readonly instead: boolean;
}

/**
 * What a name that has addresses of both families leads to besides. Null where FROM has no route or no source for it:
 * getaddrinfo(3) puts such an address last, and nobody tries it (RFC 6724, section 6, rule 1).
 */
export async function otherFamily(
  facts: FactReader,
  { to }: Flow,
  { starts, naming }: Target,
): Promise<OtherFamily | null> {
  const [first] = starts;
  if (to.type !== 'name' || !first || !naming) return null;
  const destination = naming.addresses.find((address) => familyOf(address) !== familyOf(first.destination));
  if (destination === undefined) return null;
  const start: FlowStart = { ...first, destination };
  if (!(await leaves(facts, start))) return null;
  return { name: to.name, start, instead: !(await leaves(facts, first)) };
}

async function leaves(facts: FactReader, start: FlowStart): Promise<boolean> {
  const { trip } = await facts.complete((snapshot) => {
    const walked = walkFlow(snapshot, start);
    return { trip: walked, missing: missingOf(walked) };
  });
  return !hasNoWay(trip);
}

const NO_WAY: ReadonlySet<string> = new Set(['no-route', 'blackhole', 'prohibited']);

const hasNoWay = ({ forward: { hops, disposition } }: RoundTrip): boolean =>
  hops.length < 2 && NO_WAY.has(disposition);

/** The question about that address alone. */
export const flowToOther = (flow: Flow, { start }: OtherFamily): Flow => ({
  ...flow,
  to: { type: 'address', address: start.destination },
});

/** Whether a way leads to it, beside others. */
export const leadsTo = (other: OtherFamily | null, { start }: Pick<Way, 'start'>): boolean =>
  other !== null && !other.instead && start.destination === other.start.destination;

export interface JudgedFamilies {
  readonly verdict: WhyVerdict;
  readonly probe: ProbeResult;
  /** Ways of the other family are worth their lines only where they alone fail. */
  readonly shows: (way: Way) => boolean;
  readonly notes: readonly Note[];
}

/** Both families together. An address of which nobody can tell takes nothing from one that is reached. */
export function judgeFamilies(
  other: OtherFamily | null,
  left: FlowStart | undefined,
  ways: readonly Way[],
  judged: readonly JudgedWay[],
): JudgedFamilies {
  const [own, besides] = [false, true].map((wanted) =>
    judged.filter((_, index) => ways.some((way, at) => at === index && leadsTo(other, way) === wanted)),
  ) as [JudgedWay[], JudgedWay[]];
  const [first, second] = [own, besides].map((some) => overall(some.map(({ verdict }) => verdict))) as [
    WhyVerdict,
    WhyVerdict,
  ];
  const counts = besides.length > 0 && second !== 'unknown';
  return {
    verdict: counts ? overall([first, second]) : first,
    probe: mostTelling((counts ? judged : own).map(({ probe }) => probe)),
    shows: (way) => !leadsTo(other, way) || (first !== 'unreachable' && second !== 'reachable' && counts),
    notes: other ? [noteOf(other, left, first, second)] : [],
  };
}

function noteOf(
  { name, start, instead }: OtherFamily,
  left: FlowStart | undefined,
  own: WhyVerdict,
  second: WhyVerdict,
): Note {
  const address = instead ? (left?.destination ?? '') : start.destination;
  const family = familyOf(address) === 6 ? 'IPv6' : 'IPv4';
  return { type: 'other-family', name, address, family, fate: instead ? 'left-out' : fateOf(own, second) };
}

type Fate = Extract<Note, { type: 'other-family' }>['fate'];

function fateOf(own: WhyVerdict, other: WhyVerdict): Fate {
  if (other === 'unknown') return 'unknown';
  if (other === 'unreachable') return own === 'unreachable' ? 'neither' : 'lost';
  return own === 'unreachable' ? 'alone' : 'reached';
}
