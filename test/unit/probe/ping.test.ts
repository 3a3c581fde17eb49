import { expect, test } from 'vitest';
import type { Output } from '../../../diagnostics/host/machine.ts';
import { pingOutcome } from '../../../diagnostics/probe/ping.ts';

const said = (stdout: string, stderr = ''): Output => ({ exitCode: 1, stdout, stderr });
const END =
  '\n--- 10.0.0.1 ping statistics ---\n1 packets transmitted, 0 received, 100% packet loss, time 0ms\n';

test.each([
  ['iputils: an answer', said('64 bytes from 10.0.0.1: icmp_seq=1 ttl=64 time=0.045 ms'), 'reply'],
  ['busybox: an answer', said('64 bytes from 10.0.0.1: seq=0 ttl=64 time=0.120 ms'), 'reply'],
  ['silence', said(END), 'timeout'],
  ['no neighbour', said(`From 10.0.0.2 icmp_seq=1 Destination Host Unreachable\n${END}`), 'unreachable'],
  [
    'IPv6, no route',
    said(`From fd00::1 icmp_seq=1 Destination unreachable: No route\n${END}`),
    'unreachable',
  ],
  ['forbidden', said(`From 10.0.0.2 icmp_seq=1 Packet filtered\n${END}`), 'prohibited'],
  [
    'IPv6, forbidden',
    said(`From fd00::1 icmp_seq=1 Destination unreachable: Administratively prohibited\n${END}`),
    'prohibited',
  ],
  ['too big', said(`From 10.0.0.2 icmp_seq=1 Frag needed and DF set (mtu = 1400)\n${END}`), 'too-big'],
  ['out of hops', said(`From 10.0.0.2 icmp_seq=1 Time to live exceeded\n${END}`), 'unreachable'],
  ['a rejected port', said(`From 10.0.0.2 icmp_seq=1 Destination Port Unreachable\n${END}`), 'refused'],
  ['no route here', said('', 'ping: connect: Network is unreachable\n'), 'unreachable'],
  ['a rule here', said(END, 'ping: sendmsg: Operation not permitted\n'), 'prohibited'],
  [
    'no right to ping',
    said('', 'ping: socktype: SOCK_RAW\nping: socket: Operation not permitted\n'),
    'not-run',
  ],
  [
    'a shorter way is told, and no reply comes',
    said(`From 10.0.0.1 icmp_seq=1 Redirect Host(New nexthop: 10.0.0.2)\n${END}`),
    'timeout',
  ],
  ['no ping', { ...said(''), problem: 'missing-tool' }, 'not-run'],
] as const)('%s', (_, output, outcome) => {
  const answer = pingOutcome(output);
  expect(answer.outcome).toBe(outcome);
  expect(answer.detail).toMatch(/\.$/);
});

test('who reported it is told', () => {
  expect(pingOutcome(said(`From 10.0.0.2 icmp_seq=1 Destination Host Unreachable\n${END}`)).detail).toBe(
    '10.0.0.2 answered: Destination Host Unreachable.',
  );
  // Not the colon that busybox puts behind an address.
  for (const who of ['fd00:0:a01:1::', 'fd00::1:'])
    expect(
      pingOutcome(said(`From ${who} icmp_seq=1 Destination unreachable: No route\n${END}`)).detail,
    ).toMatch(/^fd00:0:a01:1:: answered|^fd00::1 answered/);
});
