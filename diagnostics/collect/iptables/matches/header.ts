import type { Field } from '../../../model/rule-field.ts';
import type { Value } from '../../../model/rule-match.ts';
import { readBytecode } from '../bytecode.ts';
import { readU32 } from '../u32.ts';
import { compare, number, readNumber, text } from '../values.ts';
import { masked, one, range, type Reader, type Readers } from './reader.ts';

const HIGHEST_LENGTH = 65535;
const HIGHEST_DSCP = 63;
const HIGHEST_ECN = 3;
const HIGHEST_TTL = 255;
const FRAGMENT_OFFSET = 0x1fff;

const addressRange =
  (field: Field): Reader =>
  ({ values, negate }) => {
    const [from, to] = (values[0] ?? '').split('-');
    return from ? one(field, { type: 'range', from, to: to ?? from }, negate) : null;
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
            to: comparison === 'lt' ? limit - 1 : HIGHEST_TTL,
          };
    return one('ttl', value, negate);
  };

const packetType: Reader = ({ values: [wanted = ''], negate }) =>
  one('pkttype', text(wanted === 'unicast' ? 'host' : wanted), negate);

const hardware: Reader = ({ values: [wanted = ''], negate }) =>
  one('ether saddr', text(wanted.toLowerCase()), negate);

export const fragment: Reader = ({ negate }) =>
  one('frag-off', { type: 'bits', mask: FRAGMENT_OFFSET, value: 0 }, !negate);

const packetBits: Reader = ({ values: [program = ''], negate }) => {
  const tests = readU32(program);
  return tests && [{ type: 'u32', negate, tests }];
};

/** What `--object-pinned` names is the kernel's alone, and nobody knows what it decides. */
const bytecode: Reader = ({ values: [written = ''] }) => {
  const program = readBytecode(written);
  return program && [{ type: 'bytecode', program }];
};

/** RFC 3168: those who negotiate it say so in the SYN, which nobody does unasked. */
const flag =
  (bit: number): Reader =>
  ({ negate }) => [compare('tcp flags', [{ type: 'bits', mask: bit, value: bit }], negate)];

/** What the frame's and IP's own headers hold. */
export const HEADER: Readers = {
  mac: { '--mac-source': hardware },
  iprange: { '--src-range': addressRange('saddr'), '--dst-range': addressRange('daddr') },
  length: { '--length': range('length', HIGHEST_LENGTH) },
  ttl: { '--ttl-eq': hops('eq'), '--ttl-lt': hops('lt'), '--ttl-gt': hops('gt'), '--ttl': hops('eq') },
  hl: { '--hl-eq': hops('eq'), '--hl-lt': hops('lt'), '--hl-gt': hops('gt') },
  pkttype: { '--pkt-type': packetType },
  u32: { '--u32': packetBits },
  bpf: { '--bytecode': bytecode },
  dscp: { '--dscp': range('dscp', HIGHEST_DSCP) },
  tos: { '--tos': masked('tos') },
  ecn: {
    '--ecn-ip-ect': range('ecn', HIGHEST_ECN),
    '--ecn-tcp-ece': flag(0x40),
    '--ecn-tcp-cwr': flag(0x80),
  },
  // tcpmss_mt(): what says nothing of its segments is met by the opposite.
  tcpmss: { '--mss': range('mss option', HIGHEST_LENGTH) },
};
