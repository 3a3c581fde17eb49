import { expect, test } from 'vitest';
import { readListingText } from '../../../../diagnostics/collect/nftables/listing-text.ts';

const listing = (header: string): string =>
  `table netdev d { # handle 1\n\tchain c { # handle 1\n\t\t${header}\n\t\ttcp dport 80 drop # handle 2\n\t}\n}\n`;

test.each([
  ['type filter hook ingress device "eth0" priority filter; policy accept;', ['eth0']],
  ['type filter hook ingress devices = { "a.1", "b-2" } priority filter; policy accept;', ['a.1', 'b-2']],
  ['type filter hook egress devices = { a, b } priority -5; policy drop;', ['a', 'b']],
  ['type filter hook ingress priority filter; policy accept;', []],
  ['type filter hook input priority filter; policy accept;', null],
])('the devices of a chain: %s', (header, devices) => {
  const read = readListingText(listing(header));
  expect(read.devices('netdev', 'd', 'c')).toEqual(devices);
  expect(read.rulesOf('netdev', 'd', 'c').get(2)).toBe('tcp dport 80 drop');
});
