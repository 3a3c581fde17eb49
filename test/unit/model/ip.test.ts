import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonicalAddress,
  compareAddresses,
  formatAddress,
  parseAddress,
  parsePrefix,
  prefixContains,
  prefixRange,
  rangeContains,
  sameAddress,
} from '../../../diagnostics/model/ip.ts';

describe('addresses', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['2001:DB8:0:0::1', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::ffff:10.0.0.1', '::ffff:a00:1'],
    ['not an address', 'not an address'],
    ['10.1', '10.1'],
    ['10.0.0.256', '10.0.0.256'],
  ])('%s is written %s', (text, canonical) => {
    expect(canonicalAddress(text)).toBe(canonical);
  });

  it('are the same however they are spelled', () => {
    expect(sameAddress('fd00::0:1', 'FD00::1')).toBe(true);
    expect(sameAddress('10.0.0.1', '10.0.0.2')).toBe(false);
    expect(sameAddress('0.0.0.1', '::1')).toBe(false);
  });

  it('survive being written and read', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const address = parseAddress(text);
        expect(address).not.toBeNull();
        if (address) expect(parseAddress(formatAddress(address))).toEqual(address);
      }),
    );
  });

  it('are ordered', () => {
    expect(compareAddresses('9.0.0.0', '10.0.0.0')).toBeLessThan(0);
    expect(compareAddresses('fd00::2', 'fd00::1')).toBeGreaterThan(0);
    expect(compareAddresses('x', 'fd00::1')).toBeNull();
  });
});

describe('prefixes', () => {
  it.each([
    ['10.0.0.0/8', { address: '10.0.0.0', length: 8 }],
    ['10.0.0.0/255.255.0.0', { address: '10.0.0.0', length: 16 }],
    ['10.0.0.1', { address: '10.0.0.1', length: 32 }],
    ['fd00::/64', { address: 'fd00::', length: 64 }],
    ['fd00::/ffff::', { address: 'fd00::', length: 16 }],
    ['0.0.0.0/0.0.0.0', { address: '0.0.0.0', length: 0 }],
    ['10.0.0.0/255.0.255.0', null],
    ['10.0.0.0/33', null],
    ['10.0.0.0/x', null],
    ['default', null],
  ])('%s', (text, prefix) => {
    expect(parsePrefix(text)).toEqual(prefix);
  });

  it.each([
    ['10.0.0.0/8', '10.255.255.255', true],
    ['10.0.0.0/8', '11.0.0.0', false],
    ['10.1.2.3/8', '10.9.9.9', true],
    ['0.0.0.0/0', '1.2.3.4', true],
    ['0.0.0.0/0', '::1', false],
    ['fd00::/64', 'fd00::ffff:0:0:1', true],
    ['fd00::/64', 'fd00:0:0:1::1', false],
    ['10.0.0.1', '10.0.0.1', true],
  ])('%s contains %s: %s', (text, address, expected) => {
    const prefix = parsePrefix(text);
    expect(prefix && prefixContains(prefix, address)).toBe(expected);
  });

  it('have a first and a last address', () => {
    expect(prefixRange({ address: '10.1.2.3', length: 16 })).toEqual({
      from: '10.1.0.0',
      to: '10.1.255.255',
    });
    expect(prefixRange({ address: 'fd00::5', length: 127 })).toEqual({ from: 'fd00::4', to: 'fd00::5' });
  });

  it('contain exactly what lies between their ends', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.integer({ min: 0, max: 32 }), fc.ipV4(), (base, length, address) => {
        const range = prefixRange({ address: base, length });
        expect(range && rangeContains(range.from, range.to, address)).toBe(
          prefixContains({ address: base, length }, address),
        );
      }),
    );
  });
});
