import type { Finding, Remedy } from '../causes/finding.ts';
import { findCause } from '../causes/registry.ts';
import type { NameSituation } from '../causes/situation.ts';
import { changeBy } from '../fixes/registry.ts';
import type { NameAnswers } from '../model/dns-answer.ts';
import type { Flow } from '../model/flow.ts';
import type { MissingFact, Snapshot } from '../model/snapshot.ts';
import { staleStarts } from '../simulate/netfilter/remembered.ts';
import { walkFlow } from '../simulate/walk.ts';
import type { FlowStart } from '../simulate/start.ts';
import { parseEndpoint } from './endpoint-text.ts';
import { arrives } from './walked.ts';
import type { Retarget } from './on-paper.ts';
import type { Found } from './found.ts';
import { explainWay, type Explanation } from './explain.ts';
import { findEnd } from './find-end.ts';
import { MOST_RELAYS, relayOf } from './relay.ts';
import { explainServers, type ServerExplained } from './name-server.ts';
import { haveOnePurpose } from './one-fault.ts';
import { NOTHING_SEEN, type Seen } from './seen.ts';
import { namingOf, withOtherNames } from './naming.ts';
import { targetOf, type Target } from './target.ts';

/** Why a question's answer is no, as far as facts tell: every cause, in the order in which the packet meets them. */
export interface Explained {
  readonly found: readonly Found[];
  /** Whether everything arrives once the first remedy of each is applied. */
  readonly arrives: boolean;
  readonly missing: readonly MissingFact[];
}

/** A question that has no address to ask is mended at its ends first: an end that starts, gets an address, gets a name. */
const MOST_END_CAUSES = 3;

/** Pure: the same facts, the same causes. */
export function explainQuestion(
  snapshot: Snapshot,
  flow: Flow,
  answers: NameAnswers,
  seen: Seen = NOTHING_SEEN,
): Explained {
  const found: Found[] = [];
  let state = { snapshot, flow };
  let target = targetOf(state.snapshot, state.flow, answers);
  while (target.missing.length === 0 && target.situation !== null) {
    const servers = explainServers(state.snapshot, state.flow, target.sent, found);
    if (servers.missing.length > 0) return { found, arrives: false, missing: servers.missing };
    const situation = withOtherNames(target.situation, state, answers);
    const unanswered = situation.type === 'name' ? unansweredFound(situation, servers.explained) : [];
    // What the server will say once it is asked, nobody knows.
    if (unanswered.length > 0) return { found: [...found, ...unanswered], arrives: false, missing: [] };
    const finding = findCause(situation);
    if (!finding) return { found, arrives: false, missing: [] };
    found.push({ finding, before: state.snapshot, start: null, remedies: finding.remedies });
    const [first] = finding.remedies;
    if (!first || found.length >= MOST_END_CAUSES) return { found, arrives: false, missing: [] };
    const next = mendEnd(state, first);
    const after = targetOf(next.snapshot, next.flow, answers);
    // What cannot be tried on paper (a container's start) ends the explanation here.
    if (after.situation && sameFinding(findCause(withOtherNames(after.situation, next, answers)), finding))
      return { found, arrives: false, missing: [] };
    state = next;
    target = after;
  }
  if (target.missing.length > 0) return { found, arrives: false, missing: target.missing };

  let current = state.snapshot;
  let all = target.starts.length > 0;
  for (const start of target.starts) {
    const asked = state.flow;
    const again: Retarget = (after, before) => retargeted(targetOf(after, asked, answers), before);
    const direct = again(current, start);
    const named = namingOf(current, asked, target, direct, answers);
    if (named.missing.length > 0) return { found, arrives: false, missing: named.missing };
    const others = target.starts.filter((other) => other !== start);
    const way = explainWay(current, asked, direct, {
      earlier: found,
      retarget: again,
      naming: named.naming,
      seen,
      others,
    });
    found.push(...way.found);
    if (way.missing.length > 0) return { found, arrives: false, missing: way.missing };
    current = way.mended;
    all &&= way.arrives;
    if (!way.arrives) continue;
    for (const old of staleStarts(current, walkFlow(current, way.start))) {
      const again = explainWay(current, asked, old, { earlier: found });
      found.push(...again.found);
      current = again.mended;
      all &&= again.arrives;
    }
    const behind = explainRelays(current, asked, way.start, found);
    found.push(...behind.found);
    if (behind.missing.length > 0) return { found, arrives: false, missing: behind.missing };
    current = behind.mended;
    all &&= behind.arrives;
  }
  return { found, arrives: all, missing: [] };
}

/** One cause for each thing that is in the way of a question to the server; none where a server's silence has another cause. */
function unansweredFound(situation: NameSituation, explained: ServerExplained | null): readonly Found[] {
  if (!explained) return [];
  const { server, start, found } = explained;
  const inners = found.length > 0 ? found : [null];
  return inners.flatMap((one) => {
    const inner = one && { ...one.finding, remedies: one.remedies };
    const finding = findCause({ ...situation, server: { ...server, inner } });
    if (finding?.id !== 'resolver-unreachable') return [];
    return [{ finding, before: one?.before ?? situation.snapshot, start, remedies: finding.remedies }];
  });
}

/** A container that joined a network is asked for at its address there. */
const retargeted = ({ starts }: Target, before: FlowStart): FlowStart => {
  const [first] = starts;
  if (first === undefined || starts.some(({ destination }) => destination === before.destination))
    return before;
  return { ...before, destination: first.destination };
};

/** The facts of a question and what it asks for. */
export interface EndState {
  readonly snapshot: Snapshot;
  readonly flow: Flow;
}

/** A remedy on paper, which may be to ask for another name. */
export const mendEnd = (state: EndState, remedy: Remedy): EndState =>
  remedy.actions.reduce<EndState>(({ snapshot, flow }, action) => {
    if (action.kind !== 'ask-instead' || action.to === null)
      return { snapshot: changeBy(action, snapshot), flow };
    return {
      snapshot,
      flow: {
        ...flow,
        to: findEnd(parseEndpoint(action.to), snapshot, 'to', flow.from),
        port: action.port ?? flow.port,
      },
    };
  }, state);

const sameFinding = (one: Finding | null, other: Finding): boolean =>
  one !== null &&
  ((one.id === other.id && JSON.stringify(one.params) === JSON.stringify(other.params)) ||
    haveOnePurpose(one, other));

/** The connections of relays that take this one, each explained like a way of its own: a relay's other side is no end of the question. */
function explainRelays(
  snapshot: Snapshot,
  flow: Flow,
  start: FlowStart,
  earlier: readonly Found[],
): Omit<Explanation, 'start'> {
  const found: Found[] = [];
  let current = snapshot;
  let trip = walkFlow(current, start);
  const done = { found, mended: current, arrives: true, missing: [] };
  for (let depth = 0; depth < MOST_RELAYS; depth++) {
    const relay = relayOf(current, trip);
    if (!relay) break;
    const { program, namespace, socket, start: own } = relay;
    const way = explainWay(current, flow, own, { earlier: [...earlier, ...found] });
    const failed = walkFlow(current, own);
    if (way.missing.length > 0) return { ...done, mended: current, arrives: false, missing: way.missing };
    if (!arrives(failed)) {
      const inners = way.found.length > 0 ? way.found : [null];
      for (const inner of inners) {
        const wrapped = findCause({
          ...{ type: 'relay', snapshot: current, flow, program, namespace, socket },
          address: own.destination,
          port: own.port ?? 0,
          trace:
            failed.back !== null && failed.forward.disposition === 'delivered' ? failed.back : failed.forward,
          inner: inner?.finding ?? null,
        });
        const remedies = inner?.remedies ?? [];
        if (wrapped) found.push({ finding: wrapped, before: inner?.before ?? current, start: own, remedies });
      }
    } else found.push(...way.found);
    current = way.mended;
    if (!way.arrives) return { ...done, mended: current, arrives: false };
    trip = walkFlow(current, way.start);
  }
  return { ...done, mended: current };
}
