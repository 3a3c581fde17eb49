import { expect, test } from 'vitest';
import { parseOffloads } from '../../../diagnostics/collect/offloads.ts';

const PRINTED = `Features for lo:
rx-checksumming: on [fixed]
tx-checksumming: on
	tx-checksum-ipv4: off [fixed]
	tx-checksum-ip-generic: on [fixed]
	tx-checksum-ipv6: off [fixed]
tcp-segmentation-offload: on

Features for eth0:
tx-checksumming: on
	tx-checksum-ipv4: on
	tx-checksum-ip-generic: off [fixed]
	tx-checksum-ipv6: off [fixed]

Features for br0:
tx-checksumming: off
	tx-checksum-ipv4: off [fixed]
	tx-checksum-ip-generic: off [requested on]
	tx-checksum-ipv6: off [fixed]
`;

test('which checksums are left to which interface', () => {
  expect(parseOffloads(PRINTED)).toEqual([
    { dev: 'lo', checksums: [4, 6] },
    { dev: 'eth0', checksums: [4] },
    { dev: 'br0', checksums: [] },
  ]);
});

test('of other output, nothing', () => {
  expect(parseOffloads('netlink error: No such device\n')).toEqual([]);
});
