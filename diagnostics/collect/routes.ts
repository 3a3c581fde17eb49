import { addressBits, prefixContains } from '../model/ip.ts';
import type { NextHop, Route, RouteException, RouteType } from '../model/route.ts';
import {
  isObject,
  numberField,
  objects,
  optional,
  stringField,
  stringsField,
  type JsonObject,
} from '../host/external-json.ts';
import { readRealms } from './realms.ts';
import { encapsulationOf } from './route-encapsulation.ts';
import type { TableNumber } from './route-tables.ts';

const ROUTE_TYPES: readonly RouteType[] = [
  'unicast',
  'local',
  'broadcast',
  'anycast',
  'multicast',
  'blackhole',
  'unreachable',
  'prohibit',
  'throw',
];

/** Routes of both families from `ip -d -j route show table all`. */
export function parseRoutes(records: readonly JsonObject[], tableNumber: TableNumber): Route[] {
  return records.flatMap((record) => {
    const type = ROUTE_TYPES.find((known) => known === (stringField(record, 'type') ?? 'unicast'));
    const destination = stringField(record, 'dst');
    const tableName = stringField(record, 'table') ?? 'main';
    const table = tableNumber(tableName);
    if (type === undefined || destination === undefined || table === undefined) return [];
    const family = familyOf(record);
    const from = stringField(record, 'from');
    return [
      {
        family,
        table,
        type,
        destination: prefixOf(destination, family),
        ...(from === undefined ? {} : { from: prefixOf(from, family) }),
        nextHops: nextHops(record),
        metric: numberField(record, 'metric') ?? 0,
        ...optional('preferredSource', stringField(record, 'prefsrc')),
        scope: stringField(record, 'scope') ?? 'global',
        protocol: stringField(record, 'protocol') ?? 'unspec',
        tos: numberField(record, 'tos') ?? 0,
        ...optional('mtu', metric(record, 'mtu')),
        ...optional('advertisedMss', metric(record, 'advmss')),
        ...optional('hopLimit', metric(record, 'hoplimit')),
        ...(hasExpired(record) ? { expired: true as const } : {}),
        text: routeText(record, family),
      },
    ];
  });
}

/** fib6_check_expired(): the kernel looks past an IPv6 route whose time is up, and lists it until it cleans up; seconds without their fraction. */
const hasExpired = (record: JsonObject): boolean => (numberField(record, 'expires') ?? 1) <= 0;

/** `default`, an address or a prefix, as iproute2 prints them. */
function prefixOf(text: string, family: 4 | 6): Route['destination'] {
  if (text === 'default') return { address: family === 6 ? '::' : '0.0.0.0', length: 0 };
  const [address = '', length] = text.split('/');
  return { address, length: length === undefined ? addressBits(family) : Number(length) };
}

/** RTA_METRICS, which iproute2 wraps in a list. */
const metric = (record: JsonObject, key: string): number | undefined =>
  objects(record['metrics'])
    .map((metrics) => numberField(metrics, key))
    .find((value) => value !== undefined);

/**
 * What the kernel learnt about single destinations (`ip route show table all cache`), at the routes that it was learnt by: the
 * longest prefix of the same table and device.
 */
export function withExceptions(
  routes: readonly Route[],
  records: readonly JsonObject[],
  tableNumber: TableNumber,
): Route[] {
  const found = new Map<Route, RouteException[]>();
  for (const record of records) {
    const destination = stringField(record, 'dst');
    const dev = stringField(record, 'dev');
    const table = tableNumber(stringField(record, 'table') ?? 'main');
    if (destination === undefined) continue;
    const [parent] = routes
      .filter(
        (route) =>
          route.table === table &&
          prefixContains(route.destination, destination) &&
          route.nextHops.some((hop) => hop.dev === dev),
      )
      .sort((a, b) => b.destination.length - a.destination.length || a.metric - b.metric);
    if (!parent) continue;
    const via = gateway(record);
    const learnt = {
      destination,
      ...(parent.nextHops.some((hop) => hop.via === via) ? {} : optional('via', via)),
      ...optional('mtu', metric(record, 'mtu')),
    };
    found.set(parent, [...(found.get(parent) ?? []), learnt]);
  }
  return routes.map((route) => {
    const exceptions = found.get(route);
    return exceptions ? { ...route, exceptions } : route;
  });
}

/** A `default` names no family. Only IPv6 routes carry a preference (RTA_PREF), and all of them do. */
function familyOf(record: JsonObject): 4 | 6 {
  const destination = stringField(record, 'dst') ?? '';
  if (destination.includes(':')) return 6;
  if (destination.includes('.')) return 4;
  return record['pref'] === undefined ? 4 : 6;
}

function nextHops(record: JsonObject): NextHop[] {
  const several = objects(record['nexthops']);
  if (several.length > 0) return several.map(nextHop);
  const one = nextHop(record);
  return one.via === undefined && one.dev === undefined ? [] : [one];
}

function nextHop(record: JsonObject): NextHop {
  const flow = record['flow'];
  return {
    ...optional('via', gateway(record)),
    ...optional('dev', stringField(record, 'dev')),
    ...optional('encapsulation', encapsulationOf(record)),
    weight: numberField(record, 'weight') ?? 1,
    flags: stringsField(record, 'flags'),
    ...(isObject(flow) && { realms: readRealms(stringField(flow, 'from'), stringField(flow, 'to')) }),
  };
}

/** An IPv4 route's gateway may be an IPv6 one (`via inet6 fe80::1`, RFC 5549). */
function gateway(record: JsonObject): string | undefined {
  const via = record['via'];
  return stringField(record, 'gateway') ?? (isObject(via) ? stringField(via, 'host') : undefined);
}

/** As `ip route show` prints it: print_route() in iproute2's ip/iproute.c, without -details. */
function routeText(record: JsonObject, family: 4 | 6): string {
  const type = stringField(record, 'type') ?? 'unicast';
  const several = objects(record['nexthops']);
  const words: (string | undefined)[] = [
    type === 'unicast' ? undefined : type,
    stringField(record, 'dst'),
    pair('from', stringField(record, 'from')),
    pair('tos', stringField(record, 'tos')),
    pair('nhid', numberField(record, 'nhid')),
    nextHopText(record),
    table(stringField(record, 'table')),
    unless('proto', stringField(record, 'protocol'), 'boot'),
    family === 6 ? undefined : unless('scope', stringField(record, 'scope'), 'global'),
    pair('src', stringField(record, 'prefsrc')),
    pair('metric', numberField(record, 'metric')),
    ...stringsField(record, 'flags'),
    ...objects(record['metrics']).flatMap((metrics) =>
      Object.entries(metrics).map(([key, value]) => `${key} ${String(value)}`),
    ),
    ...several.map((hop) =>
      ['nexthop', nextHopText(hop), pair('weight', numberField(hop, 'weight')), ...stringsField(hop, 'flags')]
        .filter(Boolean)
        .join(' '),
    ),
    pair('pref', stringField(record, 'pref')),
  ];
  return words.filter(Boolean).join(' ');
}

function nextHopText(record: JsonObject): string | undefined {
  const via = record['via'];
  const other = isObject(via)
    ? `via ${stringField(via, 'family') ?? ''} ${stringField(via, 'host') ?? ''}`
    : undefined;
  const words = [
    pair('encap', encapsulationOf(record)),
    pair('via', stringField(record, 'gateway')) ?? other,
    pair('dev', stringField(record, 'dev')),
  ];
  return words.filter(Boolean).join(' ') || undefined;
}

const pair = (word: string, value: string | number | undefined): string | undefined =>
  value === undefined ? undefined : `${word} ${value}`;

const unless = (word: string, value: string | undefined, usual: string): string | undefined =>
  value === usual ? undefined : pair(word, value);

const table = (name: string | undefined): string | undefined =>
  name === 'main' ? undefined : pair('table', name);
