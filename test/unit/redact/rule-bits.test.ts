import { expect, test } from 'vitest';
import { withoutAddressHash, withoutBits } from '../../../diagnostics/redact/rule-bits.ts';

const rewrite = (target: string, value: object): object => ({ type: 'rewrite', target, value });
const steps = [
  { operator: '&', constant: 0xff },
  { operator: '|', constant: 0x0a_14_1e_00 },
];

test('what is worked out of an address’s bits is not known under new numbers, and shows none of the old', () => {
  const unknown = { type: 'unmodelled', text: 'rewrite', decides: false };
  expect(withoutBits(rewrite('daddr', { type: 'field', field: 'nh 16 4', steps }))).toEqual(unknown);
  expect(withoutBits(rewrite('mark', { type: 'field', field: 'nh 12 4', steps }))).toEqual(unknown);
  expect(withoutAddressHash('jhash 2 7 0 saddr . dport')).toBe('hash');
});

test('what has nothing to do with addresses’ bits stays', () => {
  expect(withoutBits(rewrite('mark', { type: 'field', field: 'ct mark', steps }))).toBeNull();
  expect(withoutBits(rewrite('daddr', { type: 'field', field: 'saddr', steps: [] }))).toBeNull();
  expect(withoutBits(rewrite('daddr', { type: 'constant', value: '10.0.0.1' }))).toBeNull();
  expect(withoutAddressHash('jhash 2 7 0 sport')).toBe('jhash 2 7 0 sport');
  expect(withoutAddressHash('saddr')).toBe('saddr');
});

test('what compares a part of an address keeps none of it', () => {
  const unknown = { type: 'unmodelled', text: 'address bits' };
  const tuples = [[{ type: 'address bits', mask: '::ffff', value: '::1' }]];
  const values = { type: 'inline', tuples };
  expect(withoutBits({ type: 'compare', fields: ['saddr'], negate: false, values })).toEqual(unknown);
  const bits = { type: 'inline', tuples: [[{ type: 'bits', mask: 0xff, value: 1 }]] };
  expect(withoutBits({ type: 'compare', fields: ['nh 16 4'], negate: false, values: bits })).toEqual(unknown);
  expect(withoutBits({ type: 'compare', fields: ['nh 4 2'], negate: false, values: bits })).toBeNull();
});
