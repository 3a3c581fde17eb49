import type { FixAction } from '../fixes/registry.ts';
import { changeBy } from '../fixes/registry.ts';
import { findChain } from '../fixes/rule-patch.ts';
import type { NamespaceId } from '../model/ids.ts';
import { prefixContains, sameAddress } from '../model/ip.ts';
import type { Rule } from '../model/ruleset.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { routeFromHere } from '../simulate/route/from-here.ts';
import { openNamespace } from '../simulate/view.ts';
import { walkFlow } from '../simulate/walk.ts';
import type { Remedy } from './finding.ts';
import { routesIn } from './detour.ts';
import { gatewaysTowards } from './gateways.ts';
import { routeRemedies } from './list/no-route.ts';
import { linkIn, type WaySituation } from './situation.ts';
import { acceptRemedies, decidingFilter, placeOf, type FilterStep } from './verdict-rule.ts';

/** A firewall that drops what comes in by another interface than its answer would leave by. */
export interface ReversePathRule {
  readonly step: FilterStep;
  readonly dev: string;
  /** No route at all leads back. */
  readonly noWay: boolean;
  readonly remedies: readonly Remedy[];
}

const FIELDS: readonly string[] = ['reverse route', 'reverse route with mark'];

const asksForWayBack = ({ parts }: Rule): boolean =>
  parts.some((part) => part.type === 'compare' && part.fields.some((field) => FIELDS.includes(field)));

/**
 * The drop of a reverse path filter that is made of rules (`fib saddr . iif oif missing drop`, `-m rpfilter --invert -j DROP`, or
 * a drop at the end of a chain that lets go what has a way back): null where a way back would not have helped.
 */
export function reversePathRule(situation: WaySituation): ReversePathRule | null {
  const step = decidingFilter(situation);
  const { snapshot, namespace, hop, packet } = situation;
  const rule = step?.decidedBy.rule;
  if (!step || !rule || hop.inDev === null) return null;
  const place = placeOf(namespace, step.decidedBy, step.decidedBy.chain);
  const chain = findChain(snapshot, place);
  const asks = chain?.rules.some((one) => one.number <= rule.number && asksForWayBack(one)) ?? false;
  const link = linkIn(snapshot, namespace, hop.inDev);
  if (!asks || !link) return null;
  const back = wayBack(situation);
  if (back?.dev === link.name) return null;
  const routes = waysBackBy(snapshot, namespace, packet.source, link.name, back?.route ?? null);
  const mending = routes.filter(({ actions }) => passes(situation, step, actions));
  if (mending.length === 0) return null;
  return {
    step,
    dev: link.name,
    noWay: back === null,
    remedies: [
      ...mending,
      ...acceptRemedies(situation, step),
      { actions: [{ kind: 'delete-rule', place, rule }] },
    ],
  };
}

interface WayBack {
  readonly dev: string | null;
  readonly route: string;
}

/** Where an answer would leave; null: nowhere. */
export function wayBack({ snapshot, namespace, packet }: WaySituation): WayBack | null {
  const opened = openNamespace(snapshot, namespace);
  if (opened.state === 'closed') return null;
  const { family, source, destination } = packet;
  const found = routeFromHere(opened.view, { family, destination: source, source: destination });
  return found?.found ? { dev: found.hop.dev ?? null, route: found.route.text } : null;
}

/** Routes to an address by a device: without the one that leads elsewhere, by another gateway, or with one more. */
export function waysBackBy(
  snapshot: Snapshot,
  namespace: NamespaceId,
  source: string,
  dev: string,
  wrong: string | null,
): readonly Remedy[] {
  const added = routeRemedies(snapshot, namespace, source).filter(({ actions }) =>
    actions.every((action) => action.kind === 'add-route' && action.dev === dev),
  );
  if (wrong === null) return added;
  const written = routesIn(snapshot, namespace)
    .filter(({ text, protocol }) => text === wrong && protocol !== 'kernel')
    .filter(({ destination }) => destination.length > 0 && prefixContains(destination, source));
  const gateways = gatewaysTowards(snapshot, namespace, source).filter(
    (gateway) => gateway.dev === dev && !sameAddress(gateway.address, source),
  );
  return [
    ...written.map((route): Remedy => ({ actions: [{ kind: 'delete-route', namespace, route }] })),
    ...written
      .filter(({ nextHops }) => nextHops.length === 1)
      .flatMap((route) =>
        gateways.map(({ address }): Remedy => ({
          actions: [{ kind: 'replace-route', namespace, route, via: address, dev }],
        })),
      ),
    ...added,
  ];
}

/** Whether the rule lets the packet go after that. */
function passes(
  { snapshot, namespace, start, direction }: WaySituation,
  { decidedBy }: FilterStep,
  actions: readonly FixAction[],
): boolean {
  if (!start) return false;
  const mended = actions.reduce((facts, action) => changeBy(action, facts), snapshot);
  const { forward, back } = walkFlow(mended, start);
  const trace = direction === 'forward' ? forward : back;
  const hops = trace?.hops.filter((hop) => hop.namespace === namespace) ?? [];
  return (
    hops.length > 0 &&
    !hops.some(({ steps }) =>
      steps.some(
        (it) =>
          it.kind === 'filter' &&
          it.verdict !== 'accept' &&
          it.decidedBy.rule?.text === decidedBy.rule?.text &&
          it.decidedBy.chain === decidedBy.chain,
      ),
    )
  );
}
