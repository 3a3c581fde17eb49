import { isAddress, parsePrefix } from '../model/ip.ts';
import { isNarrower } from '../model/narrower.ts';
import type { Field } from '../model/rule-field.ts';
import type { Match, Value } from '../model/rule-match.ts';
import type { NamedSet } from '../model/ruleset.ts';
import { icmpTypeAndCode } from './icmp-types.ts';
import { ICMP, ICMPV6, protocolNumber, TCP } from './protocol-numbers.ts';
import type { Extension } from './iptables/options.ts';
import { number, rangeValue, readNumber, readRange, unmodelledMatch } from './iptables/values.ts';

/** One dimension of a set: what `src` and `dst` choose the side of. */
type Part = 'address' | 'port' | 'protocol port' | 'interface' | 'mac' | 'mark';

/** A set of ipset(8), as rules of iptables look packets up in it. */
export interface IpSet {
  readonly name: string;
  readonly parts: readonly Part[];
  readonly set: NamedSet;
  /** A rule that puts a packet in, puts in just what it is looked up by: no network around it. */
  readonly exact: boolean;
  /** It holds as many elements as it may. */
  readonly full: boolean;
  /** Of a list of sets: whose elements it holds. */
  readonly members?: readonly string[];
  /** What its elements give a packet that is looked up (`skbinfo`); of elements that may both be meant, the narrower first. */
  readonly gives: readonly Giving[];
  /** A rule puts elements in, or takes them out. */
  readonly changing: boolean;
}

/** What an element has beside what it is looked up by: the bits of the mark that become others, and the class of queues. */
export interface Giving {
  readonly tuple: readonly Value[];
  readonly mark: { readonly value: number; readonly mask: number };
  readonly priority: number;
}

/** By the second half of a set's type; a port of a hash has its protocol beside it, one of a bitmap has none. */
const PARTS: Readonly<Record<string, Part>> = {
  ip: 'address',
  net: 'address',
  port: 'protocol port',
  iface: 'interface',
  mac: 'mac',
  mark: 'mark',
};

/** What is looked up is masked first: not modelled. */
const MASKS = ['bitmask', 'markmask'];

/** IPSET_TYPE_NOMATCH. */
const WITH_EXCEPTIONS = /net/;

/** hash_netiface4_data_equal() counts what has another interface alone as found, and no wider network is tried then. */
const HIDING = 'hash:net,iface';

/** The beginning of a name (hash_netiface4_data_equal()). */
const WILDCARD = 'wildcard';

const HIGHEST_PORT = 65535;

interface Draft {
  /** `hash:ip family inet maxelem 65536`. */
  readonly type: readonly string[];
  readonly parts: readonly Part[] | null;
  readonly words: string[][];
}

/** IPSET_DEFAULT_MAXELEM of ip_set_hash_gen.h. */
const DEFAULT_ROOM = 65536;

/**
 * Reads `ipset save`. A set of a type that is not modelled, or with an element that is not understood, is not there: a rule that
 * looks into it is uncertain then; so is every set of a listing that is damaged or cut, since any may lack elements. A list of sets
 * holds what its members hold. Never throws.
 */
export function parseIpsets(text: string): ReadonlyMap<string, IpSet> {
  const drafts = new Map<string, Draft>();
  const lines = text.split('\n');
  if (lines.pop() !== '') return new Map();
  for (const line of lines) {
    // A comment is free text between quotes.
    const [verb, name, ...words] = line
      .replace(/"[^"]*"/g, '')
      .trim()
      .split(/\s+/);
    const draft = drafts.get(name ?? '');
    if (verb === 'create' && name !== undefined)
      drafts.set(name, { type: words, parts: partsOf(words), words: [] });
    else if (verb === 'add' && draft) draft.words.push(words);
    else return new Map();
  }
  const sets = new Map<string, IpSet>();
  for (const [name, draft] of drafts) {
    const set = finish(name, draft);
    if (set) sets.set(name, set);
  }
  for (const [name, { parts, words }] of drafts) {
    if (parts !== null) continue;
    const members = words.map(([member = '']) => sets.get(member));
    const [first] = members;
    const alike = members.every((one) => one && String(one.parts) === String(first?.parts));
    if (!first || !alike) continue;
    const names = members.flatMap((one) => one?.name ?? []);
    const set = { name: setName(name), tuples: [], dynamic: false, members: names.map(setName) };
    const rest = {
      exact: false,
      full: false,
      changing: false,
      gives: members.flatMap((one) => one?.gives ?? []),
    };
    sets.set(name, { name, parts: first.parts, set, members: names, ...rest });
  }
  return sets;
}

/** nft's sets and ipset's live apart: this keeps their names apart too. */
export const setName = (name: string): string => `ipset ${name}`;

/** Null for what is no set of packets' values (a list of sets), or not modelled. */
function partsOf([type = '', ...options]: readonly string[]): readonly Part[] | null {
  if (options.some((option) => MASKS.includes(option))) return null;
  const [method, kinds] = type.split(':');
  if (type === 'bitmap:port') return ['port'];
  const parts = (kinds ?? '').split(',').map((kind) => PARTS[kind] ?? null);
  const known = parts.filter((part) => part !== null);
  return method === 'list' || known.length < parts.length ? null : known;
}

function finish(name: string, { type, parts, words: elements }: Draft): IpSet | null {
  if (!parts) return null;
  const netmask = type.includes('netmask') ? readNumber(type[type.indexOf('netmask') + 1]) : null;
  if (type.includes('netmask') && netmask === null) return null;
  const tuples: (readonly Value[])[] = [];
  const exceptions: (readonly Value[])[] = [];
  const gives: Giving[] = [];
  for (const [element = '', ...options] of elements) {
    const read = readElement(options.includes(WILDCARD) ? `${element}*` : element, parts);
    const tuple = netmask === null ? read : read?.map((value) => widened(value, netmask));
    const given = tuple && readGiving(tuple, options);
    if (!given) return null;
    (options.includes('nomatch') ? exceptions : tuples).push(tuple);
    gives.push(given);
  }
  const set = {
    name: setName(name),
    tuples,
    ...(WITH_EXCEPTIONS.test(type[0] ?? '') && { exceptions }),
    ...(type[0] === HIDING && { hiding: true as const }),
    dynamic: false,
  };
  const room = readNumber(type[type.indexOf('maxelem') + 1]) ?? DEFAULT_ROOM;
  const exact = netmask === null && !/net|iface/.test(type[0] ?? '');
  gives.sort((a, b) => (isNarrower(a.tuple, b.tuple) ? -1 : Number(isNarrower(b.tuple, a.tuple))));
  return { name, parts, set, exact, full: elements.length >= room, gives, changing: false };
}

/** `netmask`: elements are kept, and packets looked up, by the first bits of their address. */
const widened = (value: Value, length: number): Value =>
  value.type === 'prefix' ? { ...value, length: Math.min(value.length, length) } : value;

/** `skbmark 0x5/0xff skbprio 1:a` (ip_set_get_extensions(): what is not there is nought); null where it is not understood. */
function readGiving(tuple: readonly Value[], options: readonly string[]): Giving | null {
  const after = (word: string): string | undefined => options[options.indexOf(word) + 1];
  const [bits, under] = options.includes('skbmark') ? (after('skbmark') ?? '').split('/') : ['0', '0'];
  const [value, mask] = [readNumber(bits), readNumber(under ?? '0xffffffff')];
  const [major, minor] = options.includes('skbprio') ? (after('skbprio') ?? '').split(':') : ['0', '0'];
  const priority = readNumber(`0x${major}`);
  const low = readNumber(`0x${minor}`);
  if (value === null || mask === null || priority === null || low === null) return null;
  return { tuple, mark: { value, mask }, priority: priority * 0x10000 + low };
}

/** `10.0.0.0/8,tcp:80,physdev:eth0`: its parts are separated by commas, which none of them holds. */
function readElement(element: string, parts: readonly Part[]): readonly Value[] | null {
  const words = element.split(',');
  if (words.length !== parts.length) return null;
  const values = words.map((word, at) => readPart(word, parts[at] ?? 'address'));
  return values.includes(null) ? null : values.flatMap((value) => value ?? []);
}

function readPart(word: string, part: Part): readonly Value[] | null {
  switch (part) {
    case 'address':
      return readAddresses(word);
    case 'port':
      return readPorts(word);
    case 'protocol port': {
      const [protocol, port] = word.includes(':')
        ? [word.slice(0, word.indexOf(':')), word.slice(word.indexOf(':') + 1)]
        : ['tcp', word];
      const numbered = protocol === 'tcp' ? TCP : protocolNumber(protocol);
      const ports = readPorts(port) ?? readIcmp(port, numbered);
      return numbered === null || !ports ? null : [number(numbered), ...ports];
    }
    case 'interface':
      // By the bridge port, rather than the bridge: not modelled.
      return word.startsWith('physdev:') ? null : [{ type: 'text', value: word }];
    case 'mac':
      return [{ type: 'text', value: word.toLowerCase() }];
    case 'mark': {
      const mark = readNumber(word);
      return mark === null ? null : [number(mark)];
    }
  }
}

function readAddresses(word: string): readonly Value[] | null {
  const [from = '', to] = word.split('-');
  if (to !== undefined) return isAddress(from) && isAddress(to) ? [{ type: 'range', from, to }] : null;
  const prefix = parsePrefix(from);
  return prefix && [{ type: 'prefix', ...prefix }];
}

function readPorts(word: string): readonly Value[] | null {
  const range = readRange(word.replace('-', ':'), HIGHEST_PORT);
  return range && [rangeValue(range)];
}

/** ip_set_get_ip4_port(): type and code stand where ports do. */
function readIcmp(word: string, protocol: number | null): readonly Value[] | null {
  if (protocol !== ICMP && protocol !== ICMPV6) return null;
  const found = icmpTypeAndCode(word, protocol === ICMP ? 4 : 6);
  return found && [number((found.type << 8) | (found.code ?? 0))];
}

/** What `src,dst` makes of the parts of a set. */
function fieldsOf(part: Part, side: 'src' | 'dst'): readonly Field[] {
  const source = side === 'src';
  const port: Field = source ? 'sport' : 'dport';
  switch (part) {
    case 'address':
      return [source ? 'saddr' : 'daddr'];
    case 'port':
      return [port];
    case 'protocol port':
      return ['l4proto', port];
    case 'interface':
      return [source ? 'iif' : 'oif'];
    case 'mac':
      return [source ? 'ether saddr' : 'ether daddr'];
    case 'mark':
      return ['mark'];
  }
}

/** Options that change only what is counted. */
const COUNTING = new Set(['--update-counters', '--update-subcounters']);
const EXCEPTIONS = '--return-nomatch';

/** What `src,dst` says a set is looked up by; null where it is not understood, or says less than the set wants. */
export function lookedUpBy({ parts }: IpSet, flags: string): readonly Field[] | null {
  const sides = flags.split(',');
  if (!sides.every((side) => side === 'src' || side === 'dst') || sides.length < parts.length) return null;
  return parts.flatMap((part, at) => fieldsOf(part, sides[at] === 'src' ? 'src' : 'dst'));
}

/** `-m set [!] --match-set NAME src,dst` */
export function readSetMatch(
  { options, text }: Extension,
  ipsets: ReadonlyMap<string, IpSet>,
): readonly Match[] {
  const [lookup, ...others] = options.filter(({ name }) => !COUNTING.has(name) && name !== EXCEPTIONS);
  const [name = '', flags = ''] = lookup?.values ?? [];
  const ipset = ipsets.get(name);
  const sides = flags.split(',');
  const known = sides.every((side) => side === 'src' || side === 'dst');
  if (lookup?.name !== '--match-set' || others.length > 0 || !ipset || !known) return [unmodelledMatch(text)];
  // ip_set_test(): with fewer sides than the set has parts nothing is ever in it.
  if (sides.length < ipset.parts.length)
    return [
      { type: 'compare', fields: ['nfproto'], negate: lookup.negate, values: { type: 'inline', tuples: [] } },
    ];
  const fields = ipset.parts.flatMap((part, at) => fieldsOf(part, sides[at] === 'src' ? 'src' : 'dst'));
  const exceptions = options.some((option) => option.name === EXCEPTIONS);
  const values = { type: 'set', name: ipset.set.name, ...(exceptions && { exceptions }) } as const;
  return [{ type: 'compare', fields, negate: lookup.negate, values }];
}

/** Whether a listing of rules looks into any set. */
export const mentionsIpsets = (listing: string): boolean => / --(?:match|map)-set /.test(listing);

/** The sets as rules of a listing leave them: those marked that it fills as packets pass. */
export function asUsed(ipsets: ReadonlyMap<string, IpSet>, listing: string): ReadonlyMap<string, IpSet> {
  const changed = new Set([...listing.matchAll(/ --(?:add|del)-set (\S+)/g)].map(([, name]) => name ?? ''));
  const changes = ({ name, members = [] }: IpSet): boolean =>
    [name, ...members].some((one) => changed.has(one));
  return new Map(
    [...ipsets].map(([name, one]) => {
      const changing = changes(one);
      return [name, { ...one, changing, set: { ...one.set, dynamic: changed.has(name) } }];
    }),
  );
}
