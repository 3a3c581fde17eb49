import { addressAndPort } from '../model/ip.ts';
import type { Trace } from '../model/trace.ts';
import { isAnswerDoubt } from '../simulate/ip/answers-from.ts';
import { BY_ADDRESSES } from '../simulate/ip/routed.ts';
import { addressNotes } from './address-notes.ts';
import { chanceNotes } from './chance-notes.ts';
import { metBy, type Gathered } from './gathered.ts';
import type { JudgedWay } from './judge-way.ts';
import { slowNames } from './name-server.ts';
import { namesakeNotes } from './namesake-notes.ts';
import { traceNotes, unseenPrograms, viewNotes, type Note } from './notes.ts';
import type { JudgedFamilies } from './other-family.ts';
import { portTakenNotes } from './port-taken-notes.ts';
import { nobodyNote } from './nobody-note.ts';
import { searchedNote } from './searched-note.ts';
import { sizeNote } from './size-note.ts';
import { MOST_ADDRESSES } from './target.ts';
import { unbracketedNote } from './unbracketed.ts';
import { tripsOf } from './walk-ways.ts';

/** What a user has to know about the answer. `unexplained`: it fails, and no cause was found. */
export function notesOf(
  all: Gathered,
  judged: readonly JudgedWay[],
  families: JudgedFamilies,
  unexplained: boolean,
): readonly Note[] {
  const { facts, flow, ways, explained } = all;
  const { target } = all.name;
  const differing = judged.find(({ agrees }) => agrees === false);
  const failed = judged
    .map(({ probe }) => probe)
    .find(({ outcome, detail }) => outcome === 'not-run' && detail !== '');
  const told = metBy(all);
  const silent =
    flow.protocol === 'udp' &&
    judged.some(({ probe }) => probe.outcome === 'timeout' && !probe.icmp && !probe.arrival) &&
    !told.some(({ what }) => what.type === 'other-answer');
  const answeredAtAll =
    told.some(({ what }) => what.type === 'other-answer') ||
    judged.some(({ probe }) => probe.outcome === 'reply');
  const traces = ways.flatMap(tripsOf).flatMap(({ forward, back }) => [forward, back]);
  const others = addressNotes(facts.snapshot, ways, all.probes);
  const lost = differing?.prediction.outcome === 'reply' && told.length === 0;
  return [
    ...(differing && told.length === 0
      ? [
          {
            type: 'disagree',
            predicted: differing.prediction.outcome,
            probed: differing.probe.outcome,
          } as const,
        ]
      : []),
    ...(target.unknown === null ? [] : [{ type: 'doubt', text: target.unknown } as const]),
    ...(target.starts.length === 0
      ? target.asks
          .slice(0, 1)
          .map(({ name: asked, server }) => ({ type: 'doubt', text: `${asked}: ${server}` }) as const)
      : []),
    ...(lost ? unseenPrograms(facts.snapshot, traces) : []),
    ...sizeNote(flow, ways, judged),
    ...families.notes,
    ...(families.verdict === 'reachable' ||
    explained.found.some(({ finding }) => finding.id === 'search-domain')
      ? []
      : searchedNote(flow, target)),
    ...nobodyNote(flow, target),
    ...(answeredAtAll ? [] : unbracketedNote(facts.snapshot, flow)),
    ...traceNotes(traces, [
      ...(others.length > 0 ? [BY_ADDRESSES] : []),
      ...(answeredAtAll ? traces.flatMap((trace) => trace?.doubts ?? []).filter(isAnswerDoubt) : []),
    ]),
    ...openFixNotes(all, traces),
    ...chanceNotes(ways, all.probes),
    ...others,
    ...namesakeNotes(facts.snapshot, flow, ways),
    ...portTakenNotes(facts.snapshot, ways),
    ...(silent ? [{ type: 'udp-silence' } as const] : []),
    ...(all.proxied
      ? [
          {
            type: 'proxy',
            container: all.proxied.container.name,
            variable: all.proxied.proxy.variable,
            proxy: addressAndPort(all.proxied.proxy.host, all.proxied.proxy.port),
          } as const,
        ]
      : []),
    ...(flow.from.type === 'outside' ? [{ type: 'outside' } as const] : []),
    ...(target.scope !== undefined && ways[0]
      ? [{ type: 'scope', address: ways[0].start.destination, device: target.scope } as const]
      : []),
    ...slowNames(facts.snapshot, flow, target),
    ...(failed ? [{ type: 'not-probed', detail: failed.detail } as const] : []),
    ...(target.starts.length > MOST_ADDRESSES
      ? [{ type: 'many-addresses', count: target.starts.length } as const]
      : []),
    ...(unexplained && differing === undefined && told.length === 0
      ? [{ type: 'unexplained' } as const]
      : []),
    ...viewNotes(facts.snapshot),
  ];
}

/** Of a fix that is not proven, what its success depends on, and no other note says. */
function openFixNotes({ proof, explained }: Gathered, traces: readonly (Trace | null)[]): readonly Note[] {
  const first = explained.found[0]?.remedies[0];
  if (first === undefined) return [];
  const told = new Set(traces.flatMap((trace) => trace?.doubts ?? []));
  return proof
    .openFor(0, first)
    .filter((text) => !told.has(text))
    .map((text) => ({ type: 'fix-open', text }));
}
