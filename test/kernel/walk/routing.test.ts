import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { agree } from '../../support/agree.ts';
import { askBoth, traceText, type Question } from '../../support/ask-both.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';
import { disturb, hasty } from '../../support/hasty.ts';
import { ROUTING_FAULTS } from './routing-faults.ts';

let net: TestNetwork;
afterEach(() => net.close());

/** red — one — two — blue, all well: three wires, two routers, servers on TCP 80 and UDP 7000 of blue. */
beforeEach(async () => {
  net = await buildNetwork();
  await net.namespaces('red', 'one', 'two', 'blue');
  await net.wire('red/eth0 10.0.1.2/24', 'one/r0 10.0.1.1/24');
  await net.wire('one/r1 10.0.12.1/24', 'two/r0 10.0.12.2/24');
  await net.wire('two/r1 10.0.2.1/24', 'blue/eth0 10.0.2.2/24');
  await net.run('red', 'ip route add default via 10.0.1.1');
  await net.run('one', 'ip route add 10.0.2.0/24 via 10.0.12.2');
  await net.run('two', 'ip route add 10.0.1.0/24 via 10.0.12.1');
  await net.run('blue', 'ip route add default via 10.0.2.1');
  for (const router of ['one', 'two']) await net.run(router, 'sysctl -qw net.ipv4.ip_forward=1');
  await net.listen('blue', { protocol: 'tcp', port: 80 });
  await net.listen('blue', { protocol: 'udp', port: 7000 });
  await hasty(net, 'red', 'one', 'two', 'blue');
});

const TO_BLUE: Question = { from: 'netns:red', to: '10.0.2.2', protocol: 'tcp', port: 80 };

/** The walk and the kernel agree, and the walk ends where it should. */
describe('all well', () => {
  it.each<[Question['protocol'], number | undefined, string]>([
    ['tcp', 80, 'delivered at blue'],
    ['tcp', 81, 'refused at blue'],
    ['udp', 7000, 'delivered at blue'],
    ['udp', 7001, 'refused at blue'],
    ['icmp', undefined, 'delivered at blue'],
  ])('%s %s: %s', async (protocol, port, there) => {
    const question = { from: 'netns:red', to: '10.0.2.2', protocol, ...(port === undefined ? {} : { port }) };
    await agree(question, there, 'delivered at red');
  });

  it.each(['10.0.1.1', '10.0.12.1', '10.0.12.2', '10.0.2.1', '10.0.1.2', '127.0.0.1'])(
    'red reaches %s',
    async (to) => {
      const both = await askBoth({ from: 'netns:red', to, protocol: 'icmp' });
      expect([both.predicted.outcome, both.probed.outcome], traceText(both)).toEqual(['reply', 'reply']);
    },
  );
});

it.each([
  ['tcp', 80],
  ['udp', 7000],
  ['icmp', undefined],
] as const)(
  'a rule for the ports that senders choose is asked by %s with the port',
  async (protocol, port) => {
    await net.run('red', 'ip rule add pref 600 sport 32768-60999 prohibit');
    const question = { from: 'netns:red', to: '10.0.2.2', protocol, ...(port === undefined ? {} : { port }) };
    await agree(question, 'prohibited at red', 'nothing');
  },
);

describe('to an address that only a route makes this machine’s', () => {
  it.each(['tcp', 'icmp'] as const)('%s', async (protocol) => {
    await net.run('two', 'ip route add 10.50.0.0/24 via 10.0.2.2');
    await net.run('one', 'ip route add 10.50.0.0/24 via 10.0.12.2');
    await net.run('blue', 'ip route add local 10.50.0.0/24 dev lo');
    const port = protocol === 'tcp' ? { port: 80 } : {};
    await agree(
      { from: 'netns:red', to: '10.50.0.9', protocol, ...port },
      'delivered at blue',
      'delivered at red',
    );
  });
});

describe('to everybody', () => {
  it.each([
    ['on its own network', '10.0.1.255'],
    ['wherever it is', '255.255.255.255'],
    ['on a network behind a router', '10.0.2.255'],
    ['on a network behind a router, whose name is its first address', '10.0.2.0'],
  ])('%s', async (_, to) => {
    for (const protocol of ['tcp', 'udp', 'icmp'] as const) {
      const both = await askBoth({
        from: 'netns:red',
        to,
        protocol,
        ...(protocol === 'icmp' ? {} : { port: 80 }),
      });
      expect([protocol, both.predicted.outcome], traceText(both)).toEqual([protocol, both.probed.outcome]);
    }
  });
});

describe('one thing is wrong', () => {
  it.each(ROUTING_FAULTS)('%s', async (_, where, commands, there, back) => {
    await disturb(net, where, commands);
    await agree(TO_BLUE, there, back);
  });
});

describe('several next hops', () => {
  it('where one of them leads nowhere, nobody can say which the kernel takes', async () => {
    await net.run('one', 'ip route replace 10.0.2.0/24 nexthop via 10.0.12.2 nexthop via 10.0.12.77');
    const both = await askBoth(TO_BLUE);
    expect(both.predicted.certain, traceText(both)).toBe(false);
    expect(both.trip.forward.doubts.join()).toContain('several next hops');
  });
});

describe('what was learnt', () => {
  it('an ICMP redirect leads past a router', async () => {
    await net.namespaces('ann', 'gate', 'near');
    await net.wire('ann/eth0 10.5.0.2/24', 'host/va');
    await net.wire('gate/eth0 10.5.0.1/24', 'host/vg');
    await net.wire('near/eth0 10.5.0.3/24', 'host/vn');
    await net.bridge('host/br5', 'va', 'vg', 'vn');
    await net.run('near', 'ip address add 10.7.0.1/32 dev lo');
    await net.run('ann', 'ip route add default via 10.5.0.1');
    await net.run('gate', 'ip route add 10.7.0.0/24 via 10.5.0.3');
    await net.run('gate', 'sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.send_redirects=1');
    await net.run(
      'ann',
      'sysctl -qw net.ipv4.conf.all.accept_redirects=1 net.ipv4.conf.eth0.accept_redirects=1',
    );
    // It is believed once the new gateway is known, and IPv4 lists it once it was used (__ip_do_redirect(), fnhe_dump_bucket()).
    while (!(await net.run('ann', 'ip route show cache')).includes('10.5.0.3'))
      await net.run('ann', 'ping -n -c 1 -W 1 10.7.0.1');
    await net.run('gate', 'ip route del 10.7.0.0/24');
    const both = await askBoth({ from: 'netns:ann', to: '10.7.0.1', protocol: 'icmp' });
    expect(both.probed.outcome, traceText(both)).toBe('reply');
    expect(both.predicted, traceText(both)).toEqual({ outcome: 'reply', certain: true });
  });
});
