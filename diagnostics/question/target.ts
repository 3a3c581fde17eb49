import type { EndSituation, NameSituation } from '../causes/situation.ts';
import type { Endpoint, Flow } from '../model/flow.ts';
import { familyOf } from '../model/ip.ts';
import { findHost, type MissingFact, type Snapshot } from '../model/snapshot.ts';
import { ENGINE_DNS, resolveName } from '../simulate/names.ts';
import type { FlowStart } from '../simulate/start.ts';
import type { NameAnswer } from '../source.ts';
import { destinationsOf } from './destinations.ts';
import { arrivalOf } from './outside.ts';

/** Servers that have to be asked for names before a question can be walked. */
export interface NameQuery {
  readonly servers: readonly string[];
  readonly names: readonly string[];
  /** What the engine says that they will answer; null where only they know. */
  readonly expected: readonly string[] | null;
}

/** What a question comes to: first packets to follow, or why there is none. */
export interface Target {
  readonly starts: readonly FlowStart[];
  readonly situation: EndSituation | NameSituation | null;
  /** The servers' answer is needed first, or would confirm `starts`, and nobody has it yet. */
  readonly query: NameQuery | null;
  /** Why it cannot be told, in words. */
  readonly unknown: string | null;
  readonly missing: readonly MissingFact[];
}

/** What a name's servers answered, by `queryKey`. */
export type Answers = ReadonlyMap<string, NameAnswer>;

export const queryKey = ({ servers, names, expected }: NameQuery): string =>
  JSON.stringify([servers, names, expected]);

const NOTHING: Target = { starts: [], situation: null, query: null, unknown: null, missing: [] };

/** From the ends of a question to addresses. Pure: live answers of name servers are handed in. */
export function targetOf(snapshot: Snapshot, flow: Flow, answers: Answers): Target {
  const { to, from } = flow;
  const end = (side: 'from' | 'to'): Target => ({
    ...NOTHING,
    situation: { type: 'end', snapshot, flow, side },
  });
  switch (to.type) {
    case 'stopped-container':
      return end('to');
    case 'address':
      return startsAt(snapshot, flow, [to.address]);
    case 'outside':
      return { ...NOTHING, unknown: 'TO cannot be outside' };
    case 'namespace': {
      const asker = from.type === 'namespace' ? from.namespace : null;
      const { addresses, denied, missing } = destinationsOf(snapshot, asker, to.namespace);
      if (missing.length > 0) return { ...NOTHING, missing };
      if (addresses.length === 0 && denied !== null) return { ...NOTHING, unknown: denied };
      return addresses.length === 0 ? end('to') : startsAt(snapshot, flow, addresses);
    }
    case 'name':
      return nameTarget(snapshot, flow, to, answers);
  }
}

function nameTarget(
  snapshot: Snapshot,
  flow: Flow,
  { name }: Extract<Endpoint, { type: 'name' }>,
  answers: Answers,
): Target {
  if (flow.from.type !== 'namespace')
    return { ...NOTHING, unknown: `a name (${name}) means something only to somebody who asks from here` };
  const { namespace, container, host } = flow.from;
  const lost = (reason: NameSituation['reason'], said: string): Target => {
    // It may be a container's: who may not ask the engine cannot say that nobody has this name.
    const engine = findHost(snapshot, host)?.engine;
    if (engine?.state === 'denied' && !name.includes('.')) return { ...NOTHING, unknown: engine.reason };
    return { ...NOTHING, situation: { type: 'name', snapshot, flow, namespace, name, reason, said } };
  };
  const resolution = resolveName(
    snapshot,
    { namespace, ...(container === undefined ? {} : { container }) },
    name,
  );
  switch (resolution.type) {
    case 'missing':
      return { ...NOTHING, missing: resolution.missing };
    case 'unknown':
      return { ...NOTHING, unknown: resolution.reason };
    case 'not-known':
      return lost(resolution.why, resolution.said);
    case 'addresses': {
      const usable = resolution.addresses.filter((address) => familyOf(address) === 4);
      const known = startsAt(snapshot, flow, usable.length > 0 ? usable : resolution.addresses);
      if (resolution.by !== 'engine') return known;
      // The engine knows the name; whether the container gets to hear it is another question.
      const query = { servers: [ENGINE_DNS], names: [name], expected: resolution.addresses };
      const answer = answers.get(queryKey(query));
      if (!answer) return { ...known, query };
      return answer.answered ? known : lost('no-answer', answer.said);
    }
    case 'ask': {
      const query = { servers: resolution.servers, names: resolution.queries, expected: null };
      const answer = answers.get(queryKey(query));
      if (!answer) return { ...NOTHING, query };
      if (answer.addresses.length > 0) return startsAt(snapshot, flow, answer.addresses);
      if (!answer.answered && resolution.noneNamed)
        return lost('no-nameserver', `/etc/resolv.conf names no server; ${answer.said}`);
      // A container's name has no dot; where the engine has none such, nobody beyond it will.
      const settled = answer.answered || (resolution.engineLacks && !name.includes('.'));
      return lost(settled ? 'no-such-name' : 'no-answer', answer.said);
    }
  }
}

function startsAt(snapshot: Snapshot, flow: Flow, addresses: readonly string[]): Target {
  const { from, protocol, port } = flow;
  const largest = flow.size === undefined ? {} : { largest: flow.size };
  switch (from.type) {
    case 'namespace':
      return {
        ...NOTHING,
        starts: addresses.map((destination) => ({
          from: 'namespace',
          namespace: from.namespace,
          destination,
          protocol,
          port,
          ...largest,
        })),
      };
    case 'outside': {
      const { namespace, device, source, missing } = arrivalOf(snapshot, from, addresses[0] ?? null);
      if (missing.length > 0) return { ...NOTHING, missing };
      return {
        ...NOTHING,
        starts: addresses.map((destination) => ({
          from: 'outside',
          namespace,
          device,
          source,
          destination,
          protocol,
          port,
          ...largest,
        })),
      };
    }
    default:
      return { ...NOTHING, unknown: 'FROM is no place that packets start from' };
  }
}
