import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { agree } from '../../support/agree.ts';
import { walkLive } from '../../support/ask-both.ts';
import { ask, brief } from '../../support/cause-case.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';
import { bridgeAndRouter6 } from '../../support/pairs.ts';

let net: TestNetwork;
afterEach(() => net.close());

beforeEach(async () => {
  net = await buildNetwork();
  await bridgeAndRouter6(net);
});

describe('the source of a packet', () => {
  const CHANGES: readonly (readonly [why: string, to: string, commands: readonly string[]])[] = [
    ['the longest shared prefix', 'fd00:2::2', ['ip -6 addr add fd00:2:0:1::2/128 dev eth0 nodad']],
    ['not a deprecated one', 'fd00:2::2', ['ip -6 addr add fd00:1::a/64 dev eth0 nodad preferred_lft 0']],
    ['the newest of equals', 'fd00:2::2', ['ip -6 addr add fd00:1::b/64 dev eth0 nodad']],
    [
      'what the route says',
      'fd00:2::2',
      [
        'ip -6 addr add fd00:1::c/64 dev eth0 nodad',
        'ip -6 addr add fd00:1::d/64 dev eth0 nodad',
        'ip -6 route replace default via fd00:1::1 src fd00:1::c',
      ],
    ],
    [
      'an address of another device',
      'fd00:2::2',
      [
        'ip -6 addr add fd00:9::1/128 dev lo nodad',
        'ip -6 addr add 2001:db8::1/128 dev lo nodad',
        'ip -6 addr del fd00:1::2/64 dev eth0',
        'ip -6 addr add 2001:db8:1::2/64 dev eth0 nodad',
        'ip -6 route add fd00:1::1 dev eth0',
      ],
    ],
    ['nearest by label', '2001:db8::9', ['ip -6 addr add 2001:db8:5::2/128 dev lo nodad']],
  ];

  it('is the one that the kernel names, after each of these', async () => {
    for (const [why, to, commands] of CHANGES) {
      for (const command of commands) await net.run('red', command);
      const { trip } = await walkLive({ from: 'netns:red', to, protocol: 'udp', port: 9 });
      const sent = trip.forward.hops[0]?.steps.find((step) => step.kind === 'send');
      const said = JSON.parse(await net.run('red', `ip -j -6 route get ${to}`)) as { prefsrc?: string }[];
      expect(sent?.kind === 'send' ? sent.packet.source : null, why).toBe(said[0]?.prefsrc);
    }
  });
});

describe('what is not followed is said so', () => {
  it.each(['ff02::1', 'fe80::1'])('%s', async (to) => {
    const { trip } = await walkLive({ from: 'netns:red', to, protocol: 'icmp' });
    expect([trip.forward.disposition, trip.forward.certain]).toEqual(['unknown', false]);
    expect(trip.forward.doubts.join()).toContain(to);
  });
});

describe('an address that somebody else had first', () => {
  beforeEach(async () => {
    await net.run('blue', 'sysctl -qw net.ipv6.conf.eth0.accept_dad=1');
    await net.run('blue', 'ip addr add fd00:1::2/64 dev eth0');
    while (!(await net.run('blue', 'ip -6 addr show dev eth0')).includes('dadfailed'))
      await net.run('blue', 'sleep 0.1');
  });

  it('is not used by the second, who cannot reach the first', () =>
    agree(
      { from: 'netns:blue', to: 'fd00:1::2', protocol: 'icmp' },
      'neighbour-unresolved at blue',
      'nothing',
    ));

  it('is still the first one’s', () =>
    agree(
      { from: 'netns:router', to: 'fd00:1::2', protocol: 'icmp' },
      'delivered at red',
      'delivered at router',
    ));
});

describe('from outside', () => {
  it('a neighbour’s address of the same family is taken', async () => {
    await net.wire('green/o0', 'host/o0 10.7.0.1/24 fd00:7::1/64');
    const found = await ask({ from: 'outside@o0', to: 'fd00:7::1' }, false);
    expect(found.verdict, brief(found)).toBe('reachable');
    const source = found.legs[0]?.forward.hops[0]?.packet.source ?? '';
    expect(source).toMatch(/^fd00:7::/);
    await expect(ask({ from: 'outside:10.7.0.9@o0', to: 'fd00:7::1' }, false)).rejects.toThrow(
      'IPv4 address',
    );
  });
});
