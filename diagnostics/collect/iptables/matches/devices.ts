import type { Field } from '../../../model/rule-field.ts';
import type { Value } from '../../../model/rule-match.ts';
import { compare, interfaceValue, number, readMasked, text } from '../values.ts';
import { one, type Reader, type Readers } from './reader.ts';

export const device =
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

/** `0x5`, `0x1/0xff`, or `default`, the name of group 0. */
const group =
  (field: Field): Reader =>
  ({ values: [wanted = ''], negate }) =>
    one(field, wanted === 'default' ? number(0) : readMasked(wanted), negate);

/** The interfaces that a packet passes. */
export const DEVICES: Readers = {
  physdev: {
    '--physdev-in': device('physical in'),
    '--physdev-out': device('physical out by name'),
    '--physdev-is-in': isThere('physical in'),
    '--physdev-is-out': isThere('physical out'),
    '--physdev-is-bridged': isBridged,
  },
  devgroup: { '--src-group': group('iif group'), '--dst-group': group('oif group') },
};
