import { readText } from '../plain-files.ts';
import { iprouteNames } from '../route-tables.ts';

/** The words that iproute2 prints for numbers: those of its files on this machine, which a user may have extended. */
export interface IprouteNames {
  readonly table: (number: number) => string;
  readonly protocol: (number: number) => string;
  readonly scope: (number: number) => string;
  readonly group: (number: number) => string;
  readonly tos: (number: number) => string;
  /** Of IP, as in /etc/protocols. */
  readonly ipProtocol: (number: number) => string;
}

type Names = readonly (readonly [name: string, number: number])[];

/** Those that iproute2's lib/rt_names.c knows without a file. */
const TABLES: Names = [
  ['default', 253],
  ['main', 254],
  ['local', 255],
];
const SCOPES: Names = [
  ['global', 0],
  ['site', 200],
  ['link', 253],
  ['host', 254],
  ['nowhere', 255],
];
const PROTOCOLS: Names = [
  ['unspec', 0],
  ['redirect', 1],
  ['kernel', 2],
  ['boot', 3],
  ['static', 4],
  ['gated', 8],
  ['ra', 9],
  ['mrt', 10],
  ['zebra', 11],
  ['bird', 12],
  ['dnrouted', 13],
  ['xorp', 14],
  ['ntk', 15],
  ['dhcp', 16],
  ['keepalived', 18],
  ['babel', 42],
  ['bgp', 186],
  ['isis', 187],
  ['ospf', 188],
  ['rip', 189],
  ['eigrp', 192],
];

/** Names that ip(8) shows instead of numbers, from /etc/iproute2 and /usr/share/iproute2. */
export function readIprouteNames(): IprouteNames {
  const protocols = protocolsOf(readText('/etc/protocols'));
  const tos = named([], 'rt_dsfield');
  return {
    table: words(named(TABLES, 'rt_tables')),
    protocol: words(named(PROTOCOLS, 'rt_protos')),
    scope: words(named(SCOPES, 'rt_scopes')),
    group: words(named([['default', 0]], 'group')),
    tos: (number) => tos.get(number) ?? `0x${number.toString(16).padStart(2, '0')}`,
    ipProtocol: (number) => protocols.get(number) ?? `ipproto-${number}`,
  };
}

/** Of a number with several names, the last. */
const named = (builtIn: Names, file: string): ReadonlyMap<number, string> =>
  new Map([...builtIn, ...iprouteNames(file)].map(([name, number]) => [number, name]));

const words =
  (names: ReadonlyMap<number, string>) =>
  (number: number): string =>
    names.get(number) ?? String(number);

/** Lines `NAME NUMBER ALIAS…`; of several for a number, the first, as getprotobynumber(3) finds it. */
function protocolsOf(text: string): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  for (const line of text.split('\n')) {
    const [, name, number] = /^\s*([^\s#]+)\s+(\d+)/.exec(line) ?? [];
    if (name !== undefined && !found.has(Number(number))) found.set(Number(number), name);
  }
  return found;
}
