import { prefixContains, sameAddress } from '../../model/ip.ts';
import { remember } from '../../model/remember.ts';
import type { NextHop, Realms, Route, RoutingRule } from '../../model/route.ts';
import { isMulticast6 } from './source-selection.ts';
import { drawnHops, type Draw } from './multipath.ts';
import { lookupTable, refuses, type TableMatch } from './route-table.ts';
import { isVrf, localTable, vrfOf, type Vrf } from './vrf.ts';
import { ignoresLinkDown, sysctlNumber } from '../sysctl.ts';
import { linkByName, type View } from '../view.ts';

/** What policy rules and tables look at (struct flowi4). */
export interface RouteQuery {
  readonly family: 4 | 6;
  readonly destination: string;
  /** null: not chosen yet. */
  readonly source: string | null;
  /** The device it came in by; `lo` for what is sent from here. */
  readonly inDev: string;
  /** Only where a socket is bound to a device, or a check asks for it. */
  readonly outDev: string | null;
  /** A device whose VRF is asked, whatever the others say; absent: that of `outDev`, else that of `inDev`. */
  readonly within?: string;
  readonly mark: number;
  /** IP protocol number; null where the kernel asks without one. */
  readonly protocol: number | null;
  readonly sourcePort: number | null;
  readonly destinationPort: number | null;
  /** Whose socket sends it; null: nobody knows. What is forwarded, and what the kernel sends itself, is root's (the default). */
  readonly user?: number | null;
  /** FIB_LOOKUP_IGNORE_LINKSTATE. */
  readonly ignoreLinkState?: boolean;
}

/** The errors of fib_props and fib_lookup, by what they mean. */
export type RouteError =
  | 'network-unreachable'
  | 'host-unreachable'
  | 'prohibited'
  | 'invalid'
  /** There is a route, and no address to speak with. */
  | 'no-source';

/** What a lookup of the policy rules and their tables comes to (fib_lookup(), fib6_rule_lookup()). */
export type RouteResult = (
  | { readonly found: true; readonly route: Route; readonly hop: NextHop }
  /** `route` is null where nothing matched; `byRule` where an `ip rule` itself refused. */
  | { readonly found: false; readonly error: RouteError; readonly route: Route | null }
) & {
  /** The `ip rule` that led there, where it is not one of the three every machine has. */
  readonly rule?: string;
  /** Realms that this rule gives. */
  readonly ruleRealms?: Realms;
  readonly doubts: readonly string[];
};

const inRange = (range: readonly [number, number], port: number): boolean =>
  port >= range[0] && port <= range[1];

/** The VRF that a lookup is about (l3mdev_update_flow() of net/l3mdev/l3mdev.c); null: none. */
const domainOf = (view: View, { inDev, outDev, within }: RouteQuery): Vrf | null =>
  vrfOf(view, within ?? outDev ?? inDev);

/** What a rule's `iif` or `oif` compares: the device, or the VRF that it belongs to (fib_rule_iif_match(), fib_rule_oif_match()). */
const onDevice = (asked: string | undefined, dev: string | null, domain: Vrf | null): boolean =>
  asked === undefined || asked === dev || (dev !== null && asked === domain?.name);

/** The selectors that fit only as the name of the packet's VRF. */
const byDomain = ({ iif, oif }: RoutingRule, { inDev, outDev }: RouteQuery): readonly string[] => [
  ...(iif === undefined || iif === inDev ? [] : [`iif ${iif}`]),
  ...(oif === undefined || oif === outDev ? [] : [`oif ${oif}`]),
];

/** fib_rule_match(): three-valued, because some selectors are not modelled. */
const matches = (rule: RoutingRule, query: RouteQuery, domain: Vrf | null): boolean | 'maybe' => {
  const { user = 0 } = query;
  const selected = ((): boolean => {
    if (rule.action.type === 'vrf' && !domain) return false;
    if (!onDevice(rule.iif, query.inDev, query.outDev === null ? domain : null)) return false;
    if (!onDevice(rule.oif, query.outDev, domain)) return false;
    if (rule.mark && (query.mark & rule.mark.mask) >>> 0 !== rule.mark.value >>> 0) return false;
    if (
      rule.from &&
      rule.from.length > 0 &&
      (query.source === null || !prefixContains(rule.from, query.source))
    )
      return false;
    if (rule.to && rule.to.length > 0 && !prefixContains(rule.to, query.destination)) return false;
    if (rule.tos !== undefined && rule.tos !== 0) return false;
    if (rule.users && typeof user === 'number' && !inRange(rule.users, user)) return false;
    if (rule.protocol !== undefined && rule.protocol !== 0 && rule.protocol !== query.protocol) return false;
    if (rule.sourcePorts && (query.sourcePort === null || !inRange(rule.sourcePorts, query.sourcePort)))
      return false;
    return !(
      rule.destinationPorts &&
      (query.destinationPort === null || !inRange(rule.destinationPorts, query.destinationPort))
    );
  })();
  // Selectors we cannot see may still refuse a rule that otherwise matches; `not` turns the whole around.
  if (selected && (rule.unmodelled.length > 0 || (rule.users && user === null))) return 'maybe';
  // Linux 5.18 to 6.15 compare the device alone.
  if (selected && byDomain(rule, query).length > 0) return 'maybe';
  return rule.not ? !selected : selected;
};

const DEFAULT_RULES = new Set(['0/255', '32766/254', '32767/253']);

const isDefault = (rule: RoutingRule): boolean =>
  rule.action.type === 'lookup' &&
  DEFAULT_RULES.has(`${rule.priority}/${rule.action.table}`) &&
  !rule.not &&
  !rule.mark &&
  !rule.iif &&
  !rule.oif &&
  (!rule.from || rule.from.length === 0) &&
  (!rule.to || rule.to.length === 0);

/** Rules besides the three every machine starts with (fib4_has_custom_rules). */
export const hasCustomRules = (view: View, family: 4 | 6): boolean =>
  view.rules.some((rule) => rule.family === family && !isDefault(rule));

const standardRule = (family: 4 | 6, priority: number, table: number): RoutingRule => ({
  family,
  priority,
  not: false,
  unmodelled: [],
  action: { type: 'lookup', table },
  text: `from all lookup ${table}`,
});

const standardRules = (family: 4 | 6): readonly RoutingRule[] => [
  standardRule(family, 0, 255),
  standardRule(family, 32766, 254),
  standardRule(family, 32767, 253),
];

const inOrder = remember((rules: readonly RoutingRule[]) => {
  const sorted = [...rules].sort((a, b) => a.priority - b.priority);
  return { 4: sorted.filter(({ family }) => family === 4), 6: sorted.filter(({ family }) => family === 6) };
});

const orderedRules = (view: View, family: 4 | 6): readonly RoutingRule[] => {
  // Without readable rules the kernel's initial three are the best that can be said; the doubt is added by the caller.
  if (view.unreadable.has('rules')) return standardRules(family);
  return inOrder(view.rules)[family];
};

/** fib_lookup_good_nhc(): what is bound to a VRF may leave by any of its devices, what is bound to one of those only by that. */
const usableHop =
  (view: View, query: RouteQuery) =>
  (hop: NextHop): boolean => {
    if (hop.flags.includes('dead')) return false;
    if (
      hop.dev !== undefined &&
      hop.flags.includes('linkdown') &&
      !query.ignoreLinkState &&
      ignoresLinkDown(view, query.family, hop.dev)
    )
      return false;
    return query.outDev === null || hop.dev === query.outDev || isVrf(linkByName(view, query.outDev));
  };

/** rt6_check_neigh(): an IPv6 host, unlike a router, passes by a gateway that did not answer, where there is another way. */
const answeringGateway =
  (view: View, family: 4 | 6) =>
  ({ via, dev }: NextHop): boolean =>
    family === 4 ||
    via === undefined ||
    sysctlNumber(view, 'net/ipv6/conf/all/forwarding', 0) !== 0 ||
    !view.neighbours.some(
      (entry) =>
        !entry.proxy && entry.state === 'failed' && entry.dev === dev && sameAddress(entry.address, via),
    );

type Unqualified =
  | { readonly found: true; readonly route: Route; readonly hop: NextHop }
  | { readonly found: false; readonly error: RouteError; readonly route: Route | null };

const qualify = (result: Unqualified, rule: RoutingRule | null, doubts: readonly string[]): RouteResult => ({
  ...result,
  ...(rule && !isDefault(rule) ? { rule: rule.text } : {}),
  ...(rule?.realms === undefined ? {} : { ruleRealms: rule.realms }),
  doubts,
});

/** rt_bind_exception(): an ICMP redirect showed another gateway for this destination (`ip route show cache`). */
const redirected = (route: Route, hop: NextHop, destination: string): NextHop => {
  const via = route.exceptions?.find((learnt) => sameAddress(learnt.destination, destination))?.via;
  return via === undefined ? hop : { ...hop, via };
};

const fromMatch = (
  view: View,
  { route, hops: usable }: TableMatch,
  { destination, draw }: { readonly destination: string; readonly draw: Draw },
  rule: RoutingRule | null,
  doubts: readonly string[],
): readonly RouteResult[] => {
  switch (route.type) {
    case 'blackhole':
      return [qualify({ found: false, error: 'invalid', route }, rule, doubts)];
    case 'unreachable':
      return [qualify({ found: false, error: 'host-unreachable', route }, rule, doubts)];
    case 'prohibit':
      return [qualify({ found: false, error: 'prohibited', route }, rule, doubts)];
    default: {
      const hops = drawnHops(view, route, usable, draw);
      return hops.map((hop) =>
        qualify({ found: true, route, hop: redirected(route, hop, destination) }, rule, doubts),
      );
    }
  }
};

const REFUSAL = {
  blackhole: 'invalid',
  unreachable: 'host-unreachable',
  prohibit: 'prohibited',
} as const;

/** suppress_prefixlength: a route as short as that does not count; what refuses does (fib_rules_lookup() asks after a way alone). */
const suppressed = (rule: RoutingRule, match: TableMatch): boolean =>
  rule.suppressPrefixLength !== undefined &&
  !refuses(match.route) &&
  match.route.destination.length <= rule.suppressPrefixLength;

const isSentFromHere = (view: View, { inDev }: RouteQuery): boolean =>
  linkByName(view, inDev)?.kind.type === 'loopback';

/**
 * fib_lookup() with policy rules (net/core/fib_rules.c, net/ipv4/fib_rules.c). Several results where a multipath hash, a
 * selector that is not modelled, or what the rules were before, decides.
 */
export function lookupRoute(view: View, query: RouteQuery): readonly RouteResult[] {
  const rules = orderedRules(view, query.family);
  const unread = view.unreadable.get('rules');
  const told = lookupBy(rules, view, query, unread === undefined ? [] : [unread]);
  if (!mayGoUnread(view, query.family)) return told;
  const unchanged = lookupBy(standardRules(query.family), view, query, []);
  const way = (result: RouteResult): string =>
    JSON.stringify(result.found ? [result.route.text, result.hop] : [result.error, result.route?.text]);
  if (told.map(way).join() === unchanged.map(way).join()) return unchanged;
  const doubt = `whether the kernel of ${view.label} goes by its IPv6 rules, of which one of the first is missing, depends on whether another was ever added`;
  return [...told, ...unchanged].map((result) => ({ ...result, doubts: [...result.doubts, doubt] }));
}

/**
 * fib6_rule_lookup(): until a rule of IPv6 was added once (fib6_has_custom_rules), the local and the main table are looked into,
 * whichever of the rules that every machine begins with were taken away.
 */
const mayGoUnread = (view: View, family: 4 | 6): boolean =>
  family === 6 &&
  !view.unreadable.has('rules') &&
  !hasCustomRules(view, 6) &&
  orderedRules(view, 6).length < FIRST_RULES_6;

/** 0 (local) and 32766 (main); IPv4 has 32767 (default) too. */
const FIRST_RULES_6 = 2;

function lookupBy(
  rules: readonly RoutingRule[],
  view: View,
  query: RouteQuery,
  before: readonly string[],
): readonly RouteResult[] {
  const usable = usableHop(view, query);
  const answers = answeringGateway(view, query.family);
  const domain = domainOf(view, query);
  const draw: Draw = {
    bound: query.outDev !== null && !isVrf(linkByName(view, query.outDev)),
    source: isSentFromHere(view, query) ? query.source : null,
  };

  const from = (start: number, doubts: readonly string[]): readonly RouteResult[] => {
    for (let at = start; at < rules.length; at += 1) {
      const rule = rules[at];
      if (!rule) break;
      const matched = matches(rule, query, domain);
      if (matched === false) continue;
      if (matched === 'maybe') {
        const vrf = byDomain(rule, query);
        const others = rule.users && vrf.length === 0 ? ['uidrange'] : vrf;
        const unseen = rule.unmodelled.length === 0 ? others : rule.unmodelled;
        const doubt = `whether the rule "${rule.text}" applies in ${view.label} is not modelled (${unseen.join(', ')})`;
        return [...apply(rule, at, [...doubts, doubt]), ...from(at + 1, [...doubts, doubt])];
      }
      return apply(rule, at, doubts);
    }
    return [qualify({ found: false, error: 'network-unreachable', route: null }, null, doubts)];
  };

  const apply = (rule: RoutingRule, at: number, doubts: readonly string[]): readonly RouteResult[] => {
    const { action } = rule;
    switch (action.type) {
      case 'nop':
        return from(at + 1, doubts);
      case 'goto': {
        // fib_nl_newrule(), fib_nl_delrule(): the first rule of that very priority; without one it leads nowhere, and the next is asked.
        const target = rules.findIndex((other, index) => index > at && other.priority === action.priority);
        return from(target < 0 ? at + 1 : target, doubts);
      }
      case 'blackhole':
      case 'unreachable':
      case 'prohibit':
        return [qualify({ found: false, error: REFUSAL[action.type], route: null }, rule, doubts)];
      case 'lookup':
      case 'vrf': {
        const { destination, source } = query;
        const table = action.type === 'vrf' ? (domain?.kind.table ?? 0) : action.table;
        const match =
          lookupTable(view.routes, table, destination, (hop) => usable(hop) && answers(hop), source) ??
          lookupTable(view.routes, table, destination, usable, source);
        if (!match || match.route.type === 'throw' || suppressed(rule, match)) return from(at + 1, doubts);
        return fromMatch(view, match, { destination, draw }, rule, doubts);
      }
    }
  };

  return from(0, before);
}

/** inet_addr_type(), ipv6_chk_addr() and its kin: what the local table says of an address; `within`: that of this device's VRF. */
export function addressType(
  view: View,
  address: string,
  dev?: string,
  within: string | null = dev ?? null,
): 'local' | 'broadcast' | 'multicast' | 'anycast' | 'unicast' {
  if (isMulticast6(address)) return 'multicast';
  if (address === '255.255.255.255' || address.startsWith('0.')) return 'broadcast';
  const first = Number(address.split('.')[0]);
  if (!address.includes(':') && first >= 224 && first <= 239) return 'multicast';
  const match = lookupTable(
    view.routes,
    localTable(view, within),
    address,
    (hop) => dev === undefined || hop.dev === undefined || hop.dev === dev,
  );
  const type = match?.route.type;
  return type === 'local' || type === 'broadcast' || type === 'multicast' || type === 'anycast'
    ? type
    : 'unicast';
}
