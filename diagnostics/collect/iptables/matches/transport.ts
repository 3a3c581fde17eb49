import { entry } from '../../../host/external-json.ts';
import type { Field } from '../../../model/rule-field.ts';
import type { Value } from '../../../model/rule-match.ts';
import { icmpTypeAndCode } from '../../icmp-types.ts';
import { ICMP, ICMPV6, protocolNumber } from '../../protocol-numbers.ts';
import { compare, number, rangeValue, readNumber, readRange } from '../values.ts';
import { all, one, range, words, type Reader, type Readers } from './reader.ts';

const HIGHEST_PORT = 65535;
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

export const port = (field: Field): Reader => range(field, HIGHEST_PORT);

const ports =
  (field: Field): Reader =>
  (option) =>
    all(field, words(option).map(portValue), option.negate);

const portValue = (word: string): Value | null => {
  const read = readRange(word, HIGHEST_PORT);
  return read && rangeValue(read);
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

const flags = (list: string | undefined): number | null => {
  const bits = (list ?? '').split(',').map((name) => entry(TCP_FLAG_BITS, name) ?? null);
  return bits.reduce<number | null>((sum, bit) => (sum === null || bit === null ? null : sum | bit), 0);
};

const tcpFlags: Reader = ({ values, negate }) => {
  const mask = flags(values[0]);
  const value = flags(values[1]);
  return mask === null || value === null ? null : one('tcp flags', { type: 'bits', mask, value }, negate);
};

/** tcp_find_option() of xt_tcpudp.c. */
const tcpOption: Reader = ({ values, negate }) => {
  const kind = readNumber(values[0]);
  return kind === null ? null : one(`tcp option ${kind}`, number(1), negate);
};

const icmp: Reader = ({ values: [wanted = ''], negate }, family) => {
  const protocolMatch = compare('l4proto', [number(family === 4 ? ICMP : ICMPV6)]);
  if (wanted === 'any' || wanted === '255/0:255') return negate ? null : [protocolMatch];
  const found = icmpTypeAndCode(wanted, family);
  if (!found) return null;
  const codes: Value = found.code === null ? { type: 'any' } : number(found.code);
  return [
    protocolMatch,
    {
      type: 'compare',
      fields: ['icmp type', 'icmp code'],
      negate,
      values: { type: 'inline', tuples: [[number(found.type), codes]] },
    },
  ];
};

export const protocol =
  (field: Field): Reader =>
  ({ values: [wanted = ''], negate }) => {
    if (wanted === 'all' || wanted === '0') return [];
    const value = protocolNumber(wanted);
    return value === null ? null : one(field, number(value), negate);
  };

const ownPorts = { '--sport': port('sport'), '--dport': port('dport') };
const longPorts = {
  ...ownPorts,
  '--source-port': port('sport'),
  '--destination-port': port('dport'),
};

/** Ports, flags and types of the protocols that IP carries. */
export const TRANSPORT: Readers = {
  tcp: {
    ...longPorts,
    '--tcp-flags': tcpFlags,
    '--tcp-option': tcpOption,
    '--syn': ({ negate }) => one('tcp flags', { type: 'bits', mask: SYN_MASK, value: SYN }, negate),
  },
  udp: longPorts,
  sctp: ownPorts,
  dccp: ownPorts,
  udplite: ownPorts,
  multiport: {
    '--sports': ports('sport'),
    '--source-ports': ports('sport'),
    '--dports': ports('dport'),
    '--destination-ports': ports('dport'),
    '--ports': eitherPort,
  },
  icmp: { '--icmp-type': icmp },
  icmp6: { '--icmpv6-type': icmp },
  icmpv6: { '--icmpv6-type': icmp },
};
