import type { Field, Match, Value } from '../../model/ruleset.ts';
import { ICMP, ICMPV6, protocolNumber } from '../protocol-numbers.ts';
import { icmpTypeAndCode } from '../icmp-types.ts';
import type { Extension, Option } from './options.ts';
import { readU32 } from './u32.ts';
import {
  compare,
  interfaceValue,
  number,
  rangeValue,
  readMasked,
  readNumber,
  readPrefix,
  readRange,
  text,
  unmodelledMatch,
} from './values.ts';

const HIGHEST_PORT = 65535;
const HIGHEST_LENGTH = 65535;
const HIGHEST_ID = 0xffffffff;
const HIGHEST_DSCP = 63;
const HIGHEST_ECN = 3;
const FRAGMENT_OFFSET = 0x1fff;
const TCP_FLAG_BITS: Readonly<Record<string, number>> = {
  FIN: 0x01,
  SYN: 0x02,
  RST: 0x04,
  PSH: 0x08,
  ACK: 0x10,
  URG: 0x20,
  ALL: 0x3f,
  NONE: 0,
};
/** --syn is `--tcp-flags SYN,RST,ACK,FIN SYN`. */
const SYN_MASK = 0x17;
const SYN = 0x02;

/** What one option says; null: not modelled. */
type Reader = (option: Option, family: 4 | 6) => readonly Match[] | null;

const one = (field: Field, value: Value | null, negate: boolean): readonly Match[] | null =>
  value && [compare(field, [value], negate)];

const all = (field: Field, values: readonly (Value | null)[], negate: boolean): readonly Match[] | null =>
  values.some((value) => value === null)
    ? null
    : [
        compare(
          field,
          values.filter((value) => value !== null),
          negate,
        ),
      ];

const words = ({ values }: Option): readonly string[] => (values[0] ?? '').split(',');

const port =
  (field: Field): Reader =>
  ({ values, negate }) => {
    const range = readRange(values[0], HIGHEST_PORT);
    return range && one(field, rangeValue(range), negate);
  };

const ports =
  (field: Field): Reader =>
  (option) =>
    all(field, words(option).map(portValue), option.negate);

const portValue = (word: string): Value | null => {
  const range = readRange(word, HIGHEST_PORT);
  return range && rangeValue(range);
};

/** Either port: one of the two has to be in the list. */
const eitherPort: Reader = (option) => {
  const values = words(option).map(portValue);
  if (values.some((value) => value === null)) return null;
  const known = values.filter((value) => value !== null);
  const any: Value = { type: 'any' };
  return [
    {
      type: 'compare',
      fields: ['sport', 'dport'],
      negate: option.negate,
      values: {
        type: 'inline',
        tuples: [...known.map((value) => [value, any]), ...known.map((value) => [any, value])],
      },
    },
  ];
};

const prefix =
  (field: Field): Reader =>
  ({ values, negate }) =>
    one(field, readPrefix(values[0]), negate);

const addressRange =
  (field: Field): Reader =>
  ({ values, negate }) => {
    const [from, to] = (values[0] ?? '').split('-');
    return from ? one(field, { type: 'range', from, to: to ?? from }, negate) : null;
  };

const range =
  (field: Field, highest: number): Reader =>
  ({ values, negate }) => {
    const read = readRange(values[0], highest);
    return read && one(field, rangeValue(read), negate);
  };

const hops =
  (comparison: 'eq' | 'lt' | 'gt'): Reader =>
  ({ values, negate }) => {
    const limit = readNumber(values[0]);
    if (limit === null) return null;
    const value: Value =
      comparison === 'eq'
        ? number(limit)
        : {
            type: 'range',
            from: comparison === 'lt' ? 0 : limit + 1,
            to: comparison === 'lt' ? limit - 1 : 255,
          };
    return one('ttl', value, negate);
  };

const masked =
  (field: Field): Reader =>
  ({ values, negate }) =>
    one(field, readMasked(values[0]), negate);

const lowerWords =
  (field: Field, known?: readonly string[]): Reader =>
  (option) => {
    const wanted = words(option).map((word) => word.toLowerCase().replace('_', '-'));
    return known && !wanted.every((word) => known.includes(word))
      ? null
      : all(field, wanted.map(text), option.negate);
  };

const flags = (list: string | undefined): number | null => {
  const bits = (list ?? '').split(',').map((name) => TCP_FLAG_BITS[name] ?? null);
  return bits.reduce<number | null>((sum, bit) => (sum === null || bit === null ? null : sum | bit), 0);
};

const tcpFlags: Reader = ({ values, negate }) => {
  const mask = flags(values[0]);
  const value = flags(values[1]);
  return mask === null || value === null ? null : one('tcp flags', { type: 'bits', mask, value }, negate);
};

const icmp: Reader = ({ values: [wanted = ''], negate }, family) => {
  const protocol = compare('l4proto', [number(family === 4 ? ICMP : ICMPV6)]);
  if (wanted === 'any' || wanted === '255/0:255') return negate ? null : [protocol];
  const found = icmpTypeAndCode(wanted, family);
  if (!found) return null;
  const codes: Value = found.code === null ? { type: 'any' } : number(found.code);
  return [
    protocol,
    {
      type: 'compare',
      fields: ['icmp type', 'icmp code'],
      negate,
      values: { type: 'inline', tuples: [[number(found.type), codes]] },
    },
  ];
};

const protocol: Reader = ({ values: [wanted = ''], negate }) => {
  if (wanted === 'all' || wanted === '0') return [];
  const value = protocolNumber(wanted);
  return value === null ? null : one('l4proto', number(value), negate);
};

const device =
  (field: Field): Reader =>
  ({ values: [name = ''], negate }) =>
    one(field, interfaceValue(name), negate);

const isThere =
  (field: Field): Reader =>
  ({ negate }) => [compare(field, [text('')], !negate)];

/** Bridged: there are both an incoming and an outgoing port. */
const isBridged: Reader = ({ negate }) => {
  const any: Value = { type: 'any' };
  const tuples = [
    [text(''), any],
    [any, text('')],
  ];
  return [
    {
      type: 'compare',
      fields: ['physical in', 'physical out'],
      negate: !negate,
      values: { type: 'inline', tuples },
    },
  ];
};

const packetType: Reader = ({ values: [wanted = ''], negate }) =>
  one('pkttype', text(wanted === 'unicast' ? 'host' : wanted), negate);

const hardware: Reader = ({ values: [wanted = ''], negate }) =>
  one('ether saddr', text(wanted.toLowerCase()), negate);

const fragment: Reader = ({ negate }) =>
  one('frag-off', { type: 'bits', mask: FRAGMENT_OFFSET, value: 0 }, !negate);

/** `1000`, `1000-1999`; a name would need the machine's own list of users. */
const owner =
  (field: Field): Reader =>
  ({ values, negate }) => {
    const read = readRange(values[0]?.replace('-', ':'), HIGHEST_ID);
    return read && one(field, rangeValue(read), negate);
  };

/** Which group it is, is not known; but what no socket made is in none. */
const socketGroup: Reader = ({ values, negate }) => one('cgroup', text(values[0] ?? ''), negate);

/** `0x5`, `0x1/0xff`, or `default`, the name of group 0. */
const group =
  (field: Field): Reader =>
  ({ values: [wanted = ''], negate }) =>
    one(field, wanted === 'default' ? number(0) : readMasked(wanted), negate);

const packetBits: Reader = ({ values: [program = ''], negate }) => {
  const tests = readU32(program);
  return tests && [{ type: 'u32', negate, tests }];
};

/** The options of rules and matches that are modelled, by match (`''`: those every rule has) and name. */
const READERS: Readonly<Record<string, Readonly<Record<string, Reader>>>> = {
  '': {
    '-s': prefix('saddr'),
    '-d': prefix('daddr'),
    '-i': device('iif'),
    '-o': device('oif'),
    '-p': protocol,
    '-f': fragment,
  },
  tcp: {
    '--sport': port('sport'),
    '--dport': port('dport'),
    '--source-port': port('sport'),
    '--destination-port': port('dport'),
    '--tcp-flags': tcpFlags,
    '--syn': ({ negate }) => one('tcp flags', { type: 'bits', mask: SYN_MASK, value: SYN }, negate),
  },
  udp: {
    '--sport': port('sport'),
    '--dport': port('dport'),
    '--source-port': port('sport'),
    '--destination-port': port('dport'),
  },
  sctp: { '--sport': port('sport'), '--dport': port('dport') },
  dccp: { '--sport': port('sport'), '--dport': port('dport') },
  udplite: { '--sport': port('sport'), '--dport': port('dport') },
  multiport: {
    '--sports': ports('sport'),
    '--source-ports': ports('sport'),
    '--dports': ports('dport'),
    '--destination-ports': ports('dport'),
    '--ports': eitherPort,
  },
  conntrack: {
    '--ctstate': lowerWords('ct state'),
    '--ctstatus': lowerWords('ct status', ['seen-reply', 'confirmed', 'expected']),
    '--ctdir': lowerWords('ct direction'),
    '--ctorigsrc': prefix('ct original saddr'),
    '--ctorigdst': prefix('ct original daddr'),
    '--ctorigsrcport': port('ct original sport'),
    '--ctorigdstport': port('ct original dport'),
    '--ctreplsrc': prefix('ct reply saddr'),
    '--ctrepldst': prefix('ct reply daddr'),
    '--ctreplsrcport': port('ct reply sport'),
    '--ctrepldstport': port('ct reply dport'),
    '--ctproto': protocol,
  },
  state: { '--state': lowerWords('ct state') },
  mark: { '--mark': masked('mark') },
  connmark: { '--mark': masked('ct mark') },
  icmp: { '--icmp-type': icmp },
  icmp6: { '--icmpv6-type': icmp },
  icmpv6: { '--icmpv6-type': icmp },
  mac: { '--mac-source': hardware },
  physdev: {
    '--physdev-in': device('physical in'),
    '--physdev-out': device('physical out'),
    '--physdev-is-in': isThere('physical in'),
    '--physdev-is-out': isThere('physical out'),
    '--physdev-is-bridged': isBridged,
  },
  iprange: { '--src-range': addressRange('saddr'), '--dst-range': addressRange('daddr') },
  length: { '--length': range('length', HIGHEST_LENGTH) },
  ttl: { '--ttl-eq': hops('eq'), '--ttl-lt': hops('lt'), '--ttl-gt': hops('gt'), '--ttl': hops('eq') },
  hl: { '--hl-eq': hops('eq'), '--hl-lt': hops('lt'), '--hl-gt': hops('gt') },
  pkttype: { '--pkt-type': packetType },
  owner: {
    '--uid-owner': owner('owner uid'),
    '--gid-owner': owner('owner gid'),
    '--socket-exists': ({ negate }) => [compare('socket owner', [text('exists')], negate)],
  },
  devgroup: { '--src-group': group('iif group'), '--dst-group': group('oif group') },
  u32: { '--u32': packetBits },
  cgroup: { '--path': socketGroup, '--cgroup': socketGroup },
  dscp: { '--dscp': range('dscp', HIGHEST_DSCP) },
  tos: { '--tos': masked('tos') },
  ecn: { '--ecn-ip-ect': range('ecn', HIGHEST_ECN) },
  // It counts, and always matches.
  nfacct: { '--nfacct-name': () => [] },
};

/** Matches on IPv6 extension headers: a packet without any never matches, negated or not. */
const EXTENSION_HEADERS = new Set(['rt', 'frag', 'hbh', 'dst', 'mh', 'srh']);

export const readBaseOption = (option: Option, family: 4 | 6): readonly Match[] =>
  READERS['']?.[option.name]?.(option, family) ?? [
    unmodelledMatch([...(option.negate ? ['!'] : []), option.name, ...option.values].join(' ')),
  ];

/** The matches that an extension stands for; a comment stands for none. */
export function readMatch(extension: Extension, family: 4 | 6): readonly Match[] {
  const { name, options } = extension;
  if (name === 'comment') return [];
  if (name === 'addrtype') return addressTypes(extension, family);
  if (name === 'policy') return ipsecPolicy(extension);
  if (name === 'rpfilter') return reversePath(extension);
  if (name === 'statistic') return [{ ...unmodelledMatch(extension.text), chance: true }];
  if (EXTENSION_HEADERS.has(name)) return [compare('exthdr', [{ type: 'any' }])];
  const readers = READERS[name];
  if (!readers) return [unmodelledMatch(extension.text)];
  const read = options.map((option) => readers[option.name]?.(option, family) ?? null);
  const known = read.filter((matches) => matches !== null).flat();
  return read.includes(null) ? [...known, unmodelledMatch(extension.text)] : known;
}

/** With --limit-iface-in or -out only addresses of that interface count as local. */
function addressTypes({ options, text: written }: Extension, family: 4 | 6): readonly Match[] {
  const limit = options.some(({ name }) => name === '--limit-iface-in')
    ? ' iif'
    : options.some(({ name }) => name === '--limit-iface-out')
      ? ' oif'
      : '';
  return options.flatMap((option): readonly Match[] => {
    const types = words(option).map((word) => word.toLowerCase());
    switch (option.name) {
      case '--src-type':
      case '--dst-type': {
        const address = option.name === '--src-type' ? 'saddr' : 'daddr';
        if (family === 4) return [compare(`${address} type${limit}`, types.map(text), option.negate)];
        return addressTypes6(address, limit, types, option.negate) ?? [unmodelledMatch(written)];
      }
      case '--limit-iface-in':
      case '--limit-iface-out':
        return [];
      default:
        return [unmodelledMatch(written)];
    }
  });
}

/** What IPv6 tells by the address alone: a local address is unicast too (match_type6() in xt_addrtype.c). */
const SHAPES_6: Readonly<Record<string, { readonly prefixes: readonly Value[]; readonly negate: boolean }>> =
  {
    unicast: {
      prefixes: [
        { type: 'prefix', address: 'ff00::', length: 8 },
        { type: 'prefix', address: '::', length: 128 },
      ],
      negate: true,
    },
    multicast: { prefixes: [{ type: 'prefix', address: 'ff00::', length: 8 }], negate: false },
    unspec: { prefixes: [{ type: 'prefix', address: '::', length: 128 }], negate: false },
  };

/** Of several IPv6 types all have to hold; null where that cannot be said (the negation of several, rare types). */
function addressTypes6(
  address: 'saddr' | 'daddr',
  limit: '' | ' iif' | ' oif',
  types: readonly string[],
  negate: boolean,
): readonly Match[] | null {
  if (negate && types.length > 1) return null;
  const matches = types.map((type) => {
    const shape = SHAPES_6[type];
    if (shape) return compare(address, shape.prefixes, shape.negate !== negate);
    return type === 'local' ? compare(`${address} type${limit}`, [text(type)], negate) : null;
  });
  const known = matches.filter((match) => match !== null);
  return known.length < matches.length ? null : known;
}

/** `--dir in --pol none`: what came (or goes) outside of IPsec. Of a policy's details nothing is modelled. */
function ipsecPolicy({ options, text: written }: Extension): readonly Match[] {
  const valueOf = (wanted: string): string | undefined =>
    options.find(({ name }) => name === wanted)?.values[0];
  const [direction, policy] = [valueOf('--dir'), valueOf('--pol')];
  if ((direction !== 'in' && direction !== 'out') || (policy !== 'none' && policy !== 'ipsec'))
    return [unmodelledMatch(written)];
  const outside = compare(`ipsec ${direction}`, [text('none')], policy === 'ipsec');
  const more = options.some(({ name }) => name !== '--dir' && name !== '--pol');
  return more ? [outside, unmodelledMatch(written)] : [outside];
}

function reversePath({ options, text: written }: Extension): readonly Match[] {
  const names = options.map(({ name }) => name);
  if (names.some((name) => name !== '--validmark' && name !== '--invert')) return [unmodelledMatch(written)];
  const field = names.includes('--validmark') ? 'reverse route with mark' : 'reverse route';
  return [compare(field, [text(names.includes('--invert') ? 'missing' : 'exists')])];
}
