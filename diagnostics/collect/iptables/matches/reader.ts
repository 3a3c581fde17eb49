import type { Field } from '../../../model/rule-field.ts';
import type { Match, Value } from '../../../model/rule-match.ts';
import type { Option } from '../options.ts';
import { compare, rangeValue, readMasked, readPrefix, readRange, text } from '../values.ts';

/** What one option says; null: not modelled. */
export type Reader = (option: Option, family: 4 | 6) => readonly Match[] | null;

/** The options of some matches, by match and name. */
export type Readers = Readonly<Record<string, Readonly<Record<string, Reader>>>>;

/** A comparison with one value; null where the value was not understood. */
export const one = (field: Field, value: Value | null, negate: boolean): readonly Match[] | null =>
  value && [compare(field, [value], negate)];

/** A comparison with several; null where one of them was not understood. */
export const all = (
  field: Field,
  values: readonly (Value | null)[],
  negate: boolean,
): readonly Match[] | null =>
  values.some((value) => value === null)
    ? null
    : [
        compare(
          field,
          values.filter((value) => value !== null),
          negate,
        ),
      ];

/** Parts of an option's value, between commas. */
export const words = ({ values }: Option): readonly string[] => (values[0] ?? '').split(',');

export const prefix =
  (field: Field): Reader =>
  ({ values, negate }) =>
    one(field, readPrefix(values[0]), negate);

export const range =
  (field: Field, highest: number): Reader =>
  ({ values, negate }) => {
    const read = readRange(values[0], highest);
    return read && one(field, rangeValue(read), negate);
  };

export const masked =
  (field: Field): Reader =>
  ({ values, negate }) =>
    one(field, readMasked(values[0]), negate);

export const lowerWords =
  (field: Field, known?: readonly string[]): Reader =>
  (option) => {
    const wanted = words(option).map((word) => word.toLowerCase().replace('_', '-'));
    return known && !wanted.every((word) => known.includes(word))
      ? null
      : all(field, wanted.map(text), option.negate);
  };
