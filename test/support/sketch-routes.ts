import { parseAddress, parsePrefix, prefixRange, type Prefix } from '../../diagnostics/model/ip.ts';
import type { Address, Link } from '../../diagnostics/model/link.ts';
import type { Route, RouteType, RoutingRule } from '../../diagnostics/model/route.ts';
import { wordAfter } from './sketch-words.ts';

/** As `ip route add` takes it, and finds the interface. */
export const routeFrom = (text: string, links: readonly Link[]): Route => {
  const words = text.split(/\s+/);
  const types: readonly string[] = ['blackhole', 'unreachable', 'prohibit', 'throw', 'local'];
  const type = types.includes(words[0] ?? '') ? (words.shift() as RouteType) : 'unicast';
  const target = words.shift() ?? '';
  const prefix: Prefix | null =
    target === 'default' ? { address: '0.0.0.0', length: 0 } : parsePrefix(target);
  if (!prefix) throw new Error(`not a route: ${text}`);
  const via = wordAfter(words, 'via');
  const onLink = (link: Link): boolean =>
    link.addresses.some((own) => via !== undefined && inPrefix(own, via));
  const dev = wordAfter(words, 'dev') ?? links.find(onLink)?.name;
  const preferredSource = wordAfter(words, 'src');
  const refusing = type !== 'unicast' && type !== 'local';
  return {
    family: 4,
    table: Number(wordAfter(words, 'table') ?? (type === 'local' ? 255 : 254)),
    type,
    destination: prefix,
    nextHops: refusing
      ? []
      : [
          {
            ...(via ? { via } : {}),
            ...(dev ? { dev } : {}),
            weight: 1,
            flags: words.includes('linkdown') ? ['linkdown'] : [],
          },
        ],
    metric: Number(wordAfter(words, 'metric') ?? 0),
    ...(preferredSource ? { preferredSource } : {}),
    scope: wordAfter(words, 'scope') ?? (type === 'local' ? 'host' : via || refusing ? 'global' : 'link'),
    protocol: wordAfter(words, 'proto') ?? 'static',
    tos: 0,
    text,
  };
};

const inPrefix = (own: Address, address: string): boolean => {
  const range = prefixRange({ address: own.address, length: own.length });
  const [from, to, asked] = [range?.from, range?.to, address].map((one) => parseAddress(one ?? '')?.value);
  return from !== undefined && to !== undefined && asked !== undefined && from <= asked && asked <= to;
};

/** fib_add_ifaddr(): what the kernel adds by itself for an address. */
export const kernelRoutes = (link: Link, vrf: number | null): readonly string[] =>
  link.addresses
    .filter((own) => own.family === 4)
    .flatMap((own) => {
      const local = `local ${own.address} dev ${link.name} table ${vrf ?? 255} src ${own.address} proto kernel`;
      if (link.kind.type === 'loopback')
        return [local, `local 127.0.0.0/8 dev ${link.name} table 255 src ${own.address} proto kernel`];
      const range = prefixRange({ address: own.address, length: own.length });
      if (!link.up || own.length === 32 || !range) return link.up ? [local] : [];
      return [
        local,
        `${range.from}/${own.length} dev ${link.name} proto kernel scope link src ${own.address}${vrf === null ? '' : ` table ${vrf}`}${link.carrier ? '' : ' linkdown'}`,
      ];
    });

/** As `ip rule add` takes it. */
export const ruleFrom = (text: string): RoutingRule => {
  const words = text.split(/\s+/);
  const prefix = (word: string): Prefix | undefined => {
    const value = wordAfter(words, word);
    return value === undefined || value === 'all' ? undefined : (parsePrefix(value) ?? undefined);
  };
  const from = prefix('from');
  const to = prefix('to');
  const iif = wordAfter(words, 'iif');
  const oif = wordAfter(words, 'oif');
  const mark = wordAfter(words, 'fwmark');
  const table = wordAfter(words, 'lookup');
  const refusal = words.find((word) => word === 'blackhole' || word === 'unreachable' || word === 'prohibit');
  return {
    family: 4,
    priority: Number(wordAfter(words, 'pref') ?? 100),
    not: words.includes('not'),
    ...(from ? { from } : {}),
    ...(to ? { to } : {}),
    ...(iif ? { iif } : {}),
    ...(oif ? { oif } : {}),
    ...(mark ? { mark: { value: Number(mark), mask: 0xffffffff } } : {}),
    unmodelled: words.includes('uidrange') ? ['uidrange'] : [],
    action: refusal
      ? { type: refusal as 'blackhole' }
      : words.includes('[l3mdev-table]')
        ? { type: 'vrf' }
        : { type: 'lookup', table: Number(table ?? 254) },
    text,
  };
};

export const STANDARD_RULES = [
  'from all lookup 255 pref 0',
  'from all lookup 254 pref 32766',
  'from all lookup 253 pref 32767',
];
