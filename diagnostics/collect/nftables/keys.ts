import { entry } from '../../host/external-json.ts';
import type { Field } from '../../model/rule-field.ts';
import type { Match } from '../../model/rule-match.ts';
import { ICMP, ICMPV6, protocolNumber } from '../protocol-numbers.ts';
import { compare, number } from '../iptables/values.ts';
import { readConnection } from './connection-keys.ts';
import { readFib } from './fib-keys.ts';
import { at, isList, type Json, numberAt, textAt } from './json.ts';
import { IPV4, IPV6, key, type Key, type KeyPart } from './key.ts';
import { kindOfType, toNumber, type Kind } from './kinds.ts';
import { readTcpOption } from './tcp-options.ts';

/** Reads an expression; null: not modelled. */
export function readKey(json: Json | undefined): Key | null {
  const concat = at(json, 'concat');
  if (isList(concat)) return readConcatenation(concat);
  const masked = at(json, '&');
  if (isList(masked)) return readMaskedKey(masked);
  const payload = at(json, 'payload');
  const base = textAt(payload, 'base');
  if (base !== null) return readBytes(base, numberAt(payload, 'offset'), numberAt(payload, 'len'));
  if (payload !== undefined) return payloadKey(textAt(payload, 'protocol'), textAt(payload, 'field'));
  const meta = at(json, 'meta');
  if (meta !== undefined) return entry(META, textAt(meta, 'key') ?? '') ?? null;
  const ct = at(json, 'ct');
  if (ct !== undefined) return readConnection(textAt(ct, 'key'), textAt(ct, 'dir'), textAt(ct, 'family'));
  const socket = textAt(at(json, 'socket'), 'key');
  if (socket !== null) return entry(SOCKET, socket) ?? null;
  const route = at(json, 'rt');
  const routeKey = textAt(route, 'key');
  if (routeKey !== null) {
    const family = textAt(route, 'family');
    return entry(ROUTE, family === null ? routeKey : `${family} ${routeKey}`) ?? null;
  }
  const option = at(json, 'tcp option');
  if (option !== undefined) return readTcpOption(option);
  const fib = at(json, 'fib');
  if (fib !== undefined) return readFib(fib);
  const exthdr = at(json, 'exthdr');
  if (exthdr !== undefined && textAt(exthdr, 'field') !== null) return key('exthdr', 'number');
  for (const draw of ['numgen', 'jhash', 'symhash']) {
    const drawn = at(json, draw);
    const chances = numberAt(drawn, 'mod');
    // What is not there makes no hash: the rule does not hold for such a packet.
    const hashed = at(drawn, 'expr');
    const requires = hashed === undefined ? [] : (readKey(hashed)?.requires ?? headerOf(hashed));
    if (drawn !== undefined && chances !== null)
      return { ...key(draw === 'numgen' ? 'chance' : hashOf(drawn, hashed), 'number', ...requires), chances };
  }
  return null;
}

/** Without a seed of its own the kernel draws one. */
function hashOf(json: Json, hashed: Json | undefined): Field {
  const [modulus, seed] = [numberAt(json, 'mod'), numberAt(json, 'seed')];
  const fields = hashed === undefined ? undefined : readKey(hashed)?.parts.map(({ field }) => field);
  return modulus === null || seed === null || !fields
    ? 'hash'
    : `jhash ${modulus} ${seed} ${numberAt(json, 'offset') ?? 0} ${fields.join(' . ')}`;
}

function readConcatenation(list: readonly Json[]): Key | null {
  const keys = list.map(readKey);
  const known = keys.filter((one) => one !== null);
  if (known.length < keys.length) return null;
  return { parts: known.flatMap(({ parts }) => parts), requires: known.flatMap(({ requires }) => requires) };
}

/** `meta mark & 0xff`: bits of what is a number. */
function readMaskedKey([left, operand, ...more]: readonly Json[]): Key | null {
  const key = readKey(left);
  const [part, ...others] = key?.parts ?? [];
  if (!key || !part || others.length > 0 || more.length > 0 || part.kind === 'address') return null;
  const mask = toNumber(operand, part.kind);
  return mask === null ? null : { ...key, parts: [{ ...part, field: `bits ${mask} ${part.field}` }] };
}

/** `@th,16,16`: bits of the network or transport header, of at most four bytes. */
function readBytes(base: string, offset: number | null, length: number | null): Key | null {
  if ((base !== 'nh' && base !== 'th') || offset === null || length === null) return null;
  if (offset % 8 === 0 && length % 8 === 0 && length <= 32)
    return key(`${base} ${offset / 8} ${length / 8}`, 'number');
  return (offset % 8) + length <= 32 ? key(`${base} bits ${offset} ${length}`, 'number') : null;
}

/** Where fields lie that are no more than bytes (RFC 791, 8200, 9293, 768). */
const BYTES: Readonly<Record<string, Field>> = {
  'ip id': 'nh 4 2',
  'ip checksum': 'nh 10 2',
  'ip version': 'nh bits 0 4',
  'ip hdrlength': 'nh bits 4 4',
  'ip6 version': 'nh bits 0 4',
  'ip6 flowlabel': 'nh bits 12 20',
  'tcp doff': 'th bits 96 4',
  'tcp reserved': 'th bits 100 4',
  'ip6 length': 'nh 4 2',
  'tcp sequence': 'th 4 4',
  'tcp ackseq': 'th 8 4',
  'tcp window': 'th 14 2',
  'tcp checksum': 'th 16 2',
  'tcp urgptr': 'th 18 2',
  'udp length': 'th 4 2',
  'udp checksum': 'th 6 2',
};

/** Of an echo request and its answer (RFC 792, RFC 4443): nft asks for their types, and does not list that. */
const ECHO_FIELDS: Readonly<Record<string, Field>> = { id: 'th 4 2', sequence: 'th 6 2' };
const ECHO = { icmp: [8, 0], icmpv6: [128, 129] } as const;

/** The bytes of an IPv4 address: what a mask is laid upon. */
export const ADDRESS_BYTES: Readonly<Record<string, Field>> = { saddr: 'nh 12 4', daddr: 'nh 16 4' };

const META: Readonly<Record<string, Key>> = {
  iif: key('iif', 'interface'),
  iifname: key('iif', 'interface'),
  oif: key('oif', 'interface'),
  oifname: key('oif', 'interface'),
  l4proto: key('l4proto', 'protocol'),
  nfproto: key('nfproto', 'text'),
  protocol: key('nfproto', 'ethertype'),
  mark: key('mark', 'number'),
  priority: key('priority', 'priority'),
  pkttype: key('pkttype', 'packet type'),
  length: key('length', 'number'),
  iifgroup: key('iif group', 'group'),
  oifgroup: key('oif group', 'group'),
  skuid: key('uid', 'number'),
  skgid: key('gid', 'number'),
  cgroup: key('meta cgroup', 'number'),
  iiftype: key('iif type', 'hardware type'),
  oiftype: key('oif type', 'hardware type'),
  iifkind: key('iif kind', 'interface'),
  oifkind: key('oif kind', 'interface'),
  ibrname: key('iif bridge', 'interface'),
  obrname: key('oif bridge', 'interface'),
  hour: key('hour', 'hour'),
  day: key('day', 'day'),
  time: key('time', 'time'),
  rtclassid: key('realm', 'realm'),
  sdifname: key('vrf port', 'interface'),
  sdif: key('vrf port', 'interface'),
  // Another number each time.
  random: key('chance', 'number'),
};

/** Of the route that the packet takes (nft_rt_get_eval()). */
const ROUTE: Readonly<Record<string, Key>> = {
  'ip nexthop': key('next hop', 'address', IPV4),
  'ip6 nexthop': key('next hop', 'address', IPV6),
  mtu: key('route mss', 'number'),
  classid: key('realm', 'realm'),
};

const SOCKET: Readonly<Record<string, Key>> = {
  transparent: key('socket transparent', 'number'),
  wildcard: key('socket wildcard', 'number'),
  mark: key('socket mark', 'number'),
  cgroupv2: key('socket cgroup', 'text'),
};

const IP_FIELDS: Readonly<Record<string, KeyPart>> = {
  saddr: { field: 'saddr', kind: 'address' },
  daddr: { field: 'daddr', kind: 'address' },
  protocol: { field: 'l4proto', kind: 'protocol' },
  nexthdr: { field: 'l4proto', kind: 'protocol' },
  ttl: { field: 'ttl', kind: 'number' },
  hoplimit: { field: 'ttl', kind: 'number' },
  'frag-off': { field: 'frag-off', kind: 'number' },
  dscp: { field: 'dscp', kind: 'dscp' },
  ecn: { field: 'ecn', kind: 'ecn' },
};

/** Thousands of rules ask for the same few fields: each is worked out once. As many as a listing can name in earnest. */
const PAYLOADS_LIMIT = 1000;
const payloads = new Map<string, Key | null>();

function payloadKey(protocol: string | null, field: string | null): Key | null {
  if (protocol === null || field === null) return null;
  const name = `${protocol} ${field}`;
  const seen = payloads.get(name);
  if (seen !== undefined) return seen;
  const found = readPayload(protocol, field);
  if (payloads.size < PAYLOADS_LIMIT) payloads.set(name, found);
  return found;
}

function readPayload(protocol: string, field: string): Key | null {
  switch (protocol) {
    case 'ip':
    case 'ip6': {
      // The length of the IPv6 header's field leaves the header itself out: only IPv4's is the packet's.
      const bytes = entry(BYTES, `${protocol} ${field}`);
      const part: KeyPart | undefined =
        protocol === 'ip' && field === 'length'
          ? { field: 'length', kind: 'number' }
          : bytes
            ? { field: bytes, kind: 'number' }
            : entry(IP_FIELDS, field);
      return part ? { parts: [part], requires: [protocol === 'ip' ? IPV4 : IPV6] } : null;
    }
    case 'ether':
      return entry(ETHER, field) ?? null;
    case 'vlan':
      return entry(VLAN, field) ?? null;
    case 'icmp':
    case 'icmpv6': {
      const requires = compare('l4proto', [number(protocol === 'icmp' ? ICMP : ICMPV6)]);
      const echo = entry(ECHO_FIELDS, field);
      if (echo) return key(echo, 'number', requires, compare('icmp type', ECHO[protocol].map(number)));
      if (field !== 'type' && field !== 'code') return null;
      return key(`icmp ${field}`, `${protocol} ${field}`, requires);
    }
    case 'arp':
      return entry(ARP, field) ?? null;
    case 'th':
      return field === 'sport' || field === 'dport' ? key(field, 'number') : null;
    default: {
      const value = protocolNumber(protocol);
      if (value === null) return null;
      const requires = compare('l4proto', [number(value)]);
      if (field === 'sport' || field === 'dport') return key(field, 'number', requires);
      if (protocol === 'tcp' && field === 'flags') return key('tcp flags', 'tcp flags', requires);
      const bytes = entry(BYTES, `${protocol} ${field}`);
      return bytes ? key(bytes, 'number', requires) : null;
    }
  }
}

/** What a packet must be for a field of its header to be there, also where the field itself is not modelled (`esp spi`). */
export function headerOf(json: Json | undefined): readonly Match[] {
  const protocol = textAt(at(json, 'payload'), 'protocol');
  if (protocol === 'ip' || protocol === 'ip6') return [protocol === 'ip' ? IPV4 : IPV6];
  const value = protocol === null ? null : protocolNumber(protocol);
  return value === null ? [] : [compare('l4proto', [number(value)])];
}

const ARP: Readonly<Record<string, Key>> = {
  operation: key('arp operation', 'arp operation'),
  htype: key('arp htype', 'number'),
  ptype: key('arp plen', 'arp protocol'),
  hlen: key('arp hlen', 'number'),
  plen: key('arp plen', 'number'),
  'saddr ip': key('arp saddr ip', 'address'),
  'daddr ip': key('arp daddr ip', 'address'),
  'saddr ether': key('arp saddr ether', 'text'),
  'daddr ether': key('arp daddr ether', 'text'),
};

const VLAN: Readonly<Record<string, Key>> = {
  id: key('vlan id', 'number'),
  pcp: key('vlan pcp', 'number'),
  type: key('vlan type', 'ethertype'),
};

const ETHER: Readonly<Record<string, Key>> = {
  saddr: key('ether saddr', 'text'),
  daddr: key('ether daddr', 'text'),
  type: key('ether type', 'ethertype'),
};

/** The kinds of a set's elements, from the set's own type; null where one is not modelled. */
export function kindsOfSet(type: Json | undefined): readonly Kind[] | null {
  const kinds = (isList(type) ? type : [type]).map((one) => {
    if (typeof one === 'string') return kindOfType(one);
    const expression = at(one, 'typeof') ?? one;
    const parts = readKey(expression)?.parts.map(({ kind }) => kind);
    return parts ?? null;
  });
  return kinds.includes(null) ? null : kinds.flat().filter((kind) => kind !== null);
}
