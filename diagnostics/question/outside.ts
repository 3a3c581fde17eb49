import { valueOr } from '../model/fact.ts';
import { isOf } from '../causes/situation.ts';
import type { Endpoint } from '../model/flow.ts';
import type { NamespaceId } from '../model/ids.ts';
import { familyOf, sameAddress } from '../model/ip.ts';
import { findHost, findNamespace, type MissingFact, type Snapshot } from '../model/snapshot.ts';
import { freeAddress } from '../fixes/patch.ts';
import { QuestionError } from './question-error.ts';
import { displayText } from '../model/display-text.ts';

/** Where a question from outside begins. */
export interface Arrival {
  readonly namespace: NamespaceId;
  readonly device: string;
  readonly source: string;
  readonly missing: readonly MissingFact[];
}

/** Nobody's addresses: TEST-NET-2 of RFC 5737, and of RFC 3849. */
const ANYBODY = { 4: '198.51.100.1', 6: '2001:db8::1' } as const;

/**
 * The interface by which a client elsewhere comes in, and its address: as the user said, else the interface that has the asked
 * address or the default route, and a neighbour on its network. Throws `QuestionError` where no interface fits.
 */
export function arrivalOf(
  snapshot: Snapshot,
  end: Extract<Endpoint, { type: 'outside' }>,
  destination: string | null,
): Arrival {
  const wanted = familyOf(destination ?? end.address ?? '') ?? 4;
  if (end.address !== undefined && familyOf(end.address) !== wanted)
    throw new QuestionError(
      'from-not-found',
      `A packet from ${displayText(end.address)} cannot be for ${displayText(destination ?? '')}: one is an IPv4 address, the other an IPv6 one`,
    );
  const namespace = findHost(snapshot, end.host)?.rootNamespace ?? '';
  const facts = findNamespace(snapshot, namespace)?.facts;
  const missing = (['links', 'routes'] as const)
    .filter((fact) => facts?.[fact].state === 'unread')
    .map((fact): MissingFact => ({ namespace, fact }));
  if (!facts || missing.length > 0) return { namespace, device: '', source: ANYBODY[wanted], missing };

  const links = valueOr(facts.links, []);
  const asked = links.find(({ name }) => name === end.device);
  if (end.device !== undefined && !asked)
    throw new QuestionError(
      'from-not-found',
      `There is no interface “${displayText(end.device)}” to come in by`,
    );
  const defaultDevice = valueOr(facts.routes, []).find(
    ({ family, table, destination: prefix }) => family === wanted && table === 254 && prefix.length === 0,
  )?.nextHops[0]?.dev;
  const link =
    asked ??
    links.find(
      ({ addresses, kind }) =>
        kind.type !== 'loopback' && addresses.some((own) => own.address === destination),
    ) ??
    links.find(({ name }) => name === defaultDevice);
  if (!link)
    throw new QuestionError(
      'from-not-found',
      'Say by which interface the packet comes in: outside:ADDRESS@INTERFACE',
    );
  const own = link.addresses.find(isOf(wanted));
  const neighbour = own ? freeAddress(snapshot, own) : null;
  const source =
    end.address ??
    (neighbour !== null && !sameAddress(neighbour, own?.address ?? '') ? neighbour : ANYBODY[wanted]);
  return { namespace, device: link.name, source, missing: [] };
}
