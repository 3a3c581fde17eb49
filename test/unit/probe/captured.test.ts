import { expect, test } from 'vitest';
import { arrivalFate } from '../../../diagnostics/probe/arrival.ts';
import { packetLines, type Captured } from '../../../diagnostics/probe/capture.ts';
import { icmpWords, isAbout, parseIcmpError } from '../../../diagnostics/probe/icmp-error.ts';
import { parseUdpCounters } from '../../../diagnostics/probe/udp-counters.ts';

/** As tcpdump 4.99 prints two packets of `-i any`, the second one without its interface, as versions before do. */
const PRINTED = `eth0  In  IP 10.0.1.1 > 10.0.1.2: ICMP host 10.0.2.2 unreachable - admin prohibited, length 36
	0x0000:  45c0 0038 66c0 0000 4001 fc71 0a00 0101
	0x0010:  0a00 0102 030d 9e5e 0000 0000 4500 0023
	0x0020:  1b87 4000 3f11 079e 0a00 0102 0a00 0202
	0x0030:  b3a1 1b59 000f 1649
IP6 fd01::1 > fd01::2: ICMP6, packet too big, mtu 1400, length 56
	0x0000:  6000 0000 0038 3a40 fd01 0000 0000 0000
	0x0010:  0000 0000 0000 0001 fd01 0000 0000 0000
	0x0020:  0000 0000 0000 0002 0200 0000 0000 0578
	0x0030:  6000 0000 0008 063f fd01 0000 0000 0000
	0x0040:  0000 0000 0000 0002 fd02 0000 0000 0000
	0x0050:  0000 0000 0000 0002 b3a1 0050 0000 0000`;

const read = (text: string): readonly Captured[] => {
  const packets: Captured[] = [];
  const take = packetLines((packet) => packets.push(packet));
  for (const line of text.split('\n')) take(line);
  return packets;
};

test('packets are put together from what tcpdump prints', () => {
  const packets = read(PRINTED);
  expect(packets.map(({ device, bytes }) => [device, bytes.length])).toEqual([
    ['eth0', 56],
    [null, 96],
  ]);
});

test('an error says who sent it, what it means, and whom it is about', () => {
  const [prohibited, large] = read(PRINTED).map(({ bytes }) => parseIcmpError(bytes));
  if (!prohibited || !large) throw new Error('no error was recognised');
  expect([prohibited.from, icmpWords(prohibited)]).toEqual(['10.0.1.1', 'administratively prohibited']);
  expect(isAbout(prohibited, 'udp', ['10.9.9.9', '10.0.2.2'])).toBe(true);
  expect(isAbout(prohibited, 'tcp', ['10.0.2.2'])).toBe(false);
  expect(isAbout(prohibited, 'udp', ['10.9.9.9'])).toBe(false);
  expect([large.from, icmpWords(large)]).toEqual(['fd01::1', 'packet too big, at most 1400 bytes']);
  expect(isAbout(large, 'tcp', ['fd02::2'])).toBe(true);
});

test('half a packet is none, and garbage is no error', () => {
  expect(read(PRINTED.split('\n').slice(0, 4).join('\n'))).toEqual([]);
  expect(parseIcmpError(Uint8Array.of())).toBeNull();
  expect(parseIcmpError(Uint8Array.from({ length: 60 }, () => 0xff))).toBeNull();
  expect(
    parseIcmpError(Uint8Array.of(0x45, 0, 0, 20, 0, 0, 0, 0, 64, 1, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2)),
  ).toBeNull();
});

const FILES = `Ip: Forwarding DefaultTTL
Ip: 1 64
Udp: InDatagrams NoPorts InErrors OutDatagrams
Udp: 7 2 0 9
Udp6InDatagrams                 	3
Udp6NoPorts                     	1
   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  101: 0200000A:1B5A 00000000:0000 07 00000000:00000300 00:00000000 00000000     0        0 12 2 0 4
   12: 0200000A:0035 00000000:0000 07 00000000:00000500 00:00000000 00000000     0        0 13 2 0 9
  101: 00000000000000000000000000000000:1B5A 00000000000000000000000000000000:0000 07 00000000:00000001 00:00000000 00000000     0        0 14 2 0 1`;

test('counters of a family, and of the sockets of a port', () => {
  expect(parseUdpCounters(FILES, 4, 7002)).toEqual({ taken: 7, noPort: 2, waiting: 0x301, lost: 5 });
  expect(parseUdpCounters(FILES, 6, 53)).toEqual({ taken: 3, noPort: 1, waiting: 0x500, lost: 9 });
  expect(parseUdpCounters('', 4, 53)).toBeNull();
});

const none = { taken: 5, noPort: 5, waiting: 0, lost: 0 };

test.each([
  ['was not seen', { taken: 9 }, { came: false, others: 4 }, 'never'],
  ['was read', { taken: 6 }, { came: true, others: 0 }, 'taken'],
  ['more was read than others sent', { taken: 8 }, { came: true, others: 2 }, 'taken'],
  ['others’ may be what was read', { taken: 7 }, { came: true, others: 2 }, null],
  ['one frame to many was among them', { taken: 9 }, { came: true, others: Infinity }, null],
  ['waits', { waiting: 100 }, { came: true, others: 0 }, 'waiting'],
  ['found a full buffer', { lost: 1 }, { came: true, others: 0 }, 'buffer-full'],
  ['found nobody', { noPort: 6 }, { came: true, others: 0 }, 'no-listener'],
  ['came, and nothing happened', {}, { came: true, others: 3 }, 'stopped'],
  ['nobody could look, and nothing happened', {}, null, 'not-taken'],
  ['nobody could look, and something was read', { taken: 6 }, null, null],
] as const)('a datagram that %s: %s', (_, after, seen, fate) => {
  expect(arrivalFate(none, { ...none, ...after }, seen)).toBe(fate);
});
