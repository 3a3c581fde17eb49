import { allEngines } from '../model/engines.ts';
import type { EndSituation, NameSituation } from '../causes/situation.ts';
import { displayText } from '../model/display-text.ts';
import type { Endpoint, Flow } from '../model/flow.ts';
import { familyOf } from '../model/ip.ts';
import { linkNamed } from '../model/link.ts';
import { findHost, findNamespace, type MissingFact, type Snapshot } from '../model/snapshot.ts';
import type { NameAnswer, NameAnswers } from '../model/dns-answer.ts';
import type { NameAsk } from '../simulate/names/dns-search.ts';
import { resolveName, type Asker, type NameResolution } from '../simulate/names/names.ts';
import { isLinkLocal } from '../simulate/route/source-selection.ts';
import type { FlowStart } from '../simulate/start.ts';
import { destinationsOf } from './destinations.ts';
import { scopesOf } from './link-local.ts';
import { arrivalOf } from './outside.ts';
import { QuestionError } from './question-error.ts';
import { unbracketedPort } from './unbracketed.ts';

/** A name with many addresses is tried with the first ones. */
export const MOST_ADDRESSES = 4;

/** What a question comes to: first packets to follow, or why there is none. */
export interface Target {
  readonly starts: readonly FlowStart[];
  readonly situation: EndSituation | NameSituation | null;
  /** What has to be asked of name servers first, or would confirm `starts`, and nobody has an answer to yet. */
  readonly asks: readonly NameAsk[];
  /** What name servers were asked on the way to this, in order. */
  readonly sent: readonly NameAnswer[];
  /** How TO's name became the addresses of `starts`; null where it is no name. */
  readonly naming: Extract<NameResolution, { type: 'addresses' }> | null;
  /** The one interface that a link-local address, which was said without one, can be behind. */
  readonly scope?: string;
  /** Why it cannot be told, in words. */
  readonly unknown: string | null;
  readonly missing: readonly MissingFact[];
}

const NOTHING: Target = {
  starts: [],
  situation: null,
  asks: [],
  sent: [],
  naming: null,
  unknown: null,
  missing: [],
};

/** From the ends of a question to addresses. Pure: live answers of name servers are handed in. */
export function targetOf(snapshot: Snapshot, flow: Flow, answers: NameAnswers): Target {
  const { to, from } = flow;
  const end = (side: 'from' | 'to'): Target => ({
    ...NOTHING,
    situation: { type: 'end', snapshot, flow, side },
  });
  switch (to.type) {
    case 'stopped-container':
      return end('to');
    case 'address':
      return linkLocalTarget(snapshot, flow, to) ?? startsAt(snapshot, flow, [to.address]);
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
  answers: NameAnswers,
): Target {
  if (flow.from.type !== 'namespace')
    return { ...NOTHING, unknown: `a name (${name}) means something only to somebody who asks from here` };
  const { namespace, host } = flow.from;
  const lost = (reason: NameSituation['reason'], said: string): Target => {
    // It may be a container's: who may not ask the engine cannot say that nobody has this name.
    const asked = findHost(snapshot, host);
    const engine = (asked ? allEngines(asked) : []).find(({ state }) => state === 'denied');
    if (engine?.state === 'denied' && !name.includes('.')) return { ...NOTHING, unknown: engine.reason };
    return { ...NOTHING, situation: { type: 'name', snapshot, flow, namespace, name, reason, said } };
  };
  const resolution = resolveName(snapshot, askerOf(flow.from), name, answers);
  const { sent } = resolution;
  switch (resolution.type) {
    case 'missing':
      return { ...NOTHING, missing: resolution.missing };
    case 'unknown':
      return { ...NOTHING, sent, unknown: resolution.reason };
    case 'not-known':
      return { ...lost(resolution.why, resolution.said), sent };
    case 'addresses':
      return { ...startsAt(snapshot, flow, preferred(resolution.addresses)), sent, naming: resolution };
    case 'ask': {
      // The engine knows the name; whether the container gets to hear it is another question.
      const { expected, asks } = resolution;
      if (expected.length === 0) return { ...NOTHING, sent, asks };
      const source = asks[0]?.server ?? '';
      return {
        ...startsAt(snapshot, flow, preferred(expected)),
        naming: { type: 'addresses', addresses: expected, by: 'engine', query: name, source, sent },
        sent,
        asks,
      };
    }
  }
}

/** Whose resolver is asked. */
export const askerOf = ({ namespace, container }: Extract<Endpoint, { type: 'namespace' }>): Asker => ({
  namespace,
  ...(container === undefined ? {} : { container }),
});

/** IPv4 where there is any. */
const preferred = (addresses: readonly string[]): readonly string[] => {
  const four = addresses.filter((address) => familyOf(address) === 4);
  return four.length > 0 ? four : addresses;
};

/** An address that means something only together with an interface of the sender's; null: it is no such one. */
function linkLocalTarget(
  snapshot: Snapshot,
  flow: Flow,
  { address, device = flow.device }: Extract<Endpoint, { type: 'address' }>,
): Target | null {
  if (!isLinkLocal(address) || flow.from.type !== 'namespace') return null;
  if (device !== undefined) return startsAt(snapshot, { ...flow, device }, [address]);
  const { namespace } = flow.from;
  const { scopes, others, missing } = scopesOf(snapshot, namespace, address);
  if (missing.length > 0) return { ...NOTHING, missing };
  const [scope] = scopes;
  if (scope !== undefined && scopes.length === 1)
    return { ...startsAt(snapshot, { ...flow, device: scope }, [address]), scope };
  if (others.length === 0) return null;
  const where = (scopes.length > 0 ? scopes : others).map((dev) => displayText(dev));
  const meant = flow.port === null ? unbracketedPort(flow.toText) : null;
  throw new QuestionError(
    'not-usable-here',
    meant
      ? `“${displayText(flow.toText)}” is an IPv6 address without a port: port ${meant.port} of ${meant.address} is written [${meant.address}%INTERFACE]:${meant.port}, with an interface of ${displayText(flow.fromText)} (${where.join(', ')})`
      : `The link-local address ${displayText(address)} means something only together with an interface of ${displayText(flow.fromText)}: say ${where.map((dev) => `${displayText(address)}%${dev}`).join(', ')}`,
  );
}

/** Throws `QuestionError` where FROM has no such interface. */
function checkedDevice(snapshot: Snapshot, { from, device }: Flow, to: string): readonly MissingFact[] {
  if (device === undefined || from.type !== 'namespace') return [];
  const { namespace } = from;
  const links = findNamespace(snapshot, namespace)?.facts.links;
  if (links?.state === 'unread') return [{ namespace, fact: 'links' }];
  if (links?.state === 'known' && !linkNamed(links.value, device))
    throw new QuestionError(
      'not-usable-here',
      `There is no interface “${displayText(device)}” to send to ${displayText(to)} by`,
    );
  return [];
}

function startsAt(snapshot: Snapshot, flow: Flow, addresses: readonly string[]): Target {
  const { from, protocol, port, device } = flow;
  const unread = checkedDevice(snapshot, flow, addresses[0] ?? flow.toText);
  if (unread.length > 0) return { ...NOTHING, missing: unread };
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
          ...(device === undefined ? {} : { device }),
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
