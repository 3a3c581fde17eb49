import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { agree, ping, tcp } from '../../support/agree.ts';
import { askBoth, type Question } from '../../support/ask-both.ts';
import { disturb, hasty } from '../../support/hasty.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';
import { firewallCases, type FirewallCase } from './firewall-cases.ts';

let net: TestNetwork;
beforeEach(async () => void (net = await buildNetwork()));
afterEach(() => net.close());

const FIREWALLS = ['iptables', 'iptables-legacy'] as const;

/** red — fw — blue; blue listens on TCP 80 and UDP 7000, and knows only its own network unless a case says otherwise. */
describe('a firewall between two networks', () => {
  beforeEach(async () => {
    await net.namespaces('red', 'fw', 'blue');
    await net.wire('red/eth0 10.0.1.2/24', 'fw/in 10.0.1.1/24');
    await net.wire('fw/out 10.0.2.1/24', 'blue/eth0 10.0.2.2/24');
    await net.run('red', 'ip route add default via 10.0.1.1');
    await net.run('fw', 'sysctl -qw net.ipv4.ip_forward=1');
    await net.listen('blue', { protocol: 'tcp', port: 80 });
    await net.listen('fw', { protocol: 'tcp', port: 8080 });
    await hasty(net, 'red', 'fw', 'blue');
  });
  describe.each(FIREWALLS)('%s', (iptables) => {
    it.each<FirewallCase>(firewallCases(iptables))(
      '%s',
      async (_, where, commands, to, port, there, back) => {
        await disturb(net, where, commands);
        await agree(tcp('red', to, port), there, back);
      },
    );
  });

  it.each<readonly [string, Question['protocol'], string, string]>([
    ['drop', 'udp', 'dropped at red', 'nothing'],
    ['drop', 'icmp', 'dropped at red', 'nothing'],
    ['reject', 'udp', 'rejected at red', 'delivered at red'],
    ['reject', 'icmp', 'rejected at red', 'delivered at red'],
  ])('nft: output %s of %s fails at once', async (verdict, protocol, there, back) => {
    await net.run(
      'red',
      'nft -f -',
      `table inet t { chain o { type filter hook output priority 0; ip daddr 10.0.2.2 ${verdict}; }; }`,
    );
    await agree(
      { from: 'netns:red', to: '10.0.2.2', protocol, ...(protocol === 'udp' ? { port: 7000 } : {}) },
      there,
      back,
    );
  });

  it.each(['udp', 'tcp', 'icmp'] as const)(
    'nft: %s dropped where it leaves fails as it does in OUTPUT',
    async (protocol) => {
      await net.run(
        'red',
        'nft -f -',
        `table inet t { chain p { type filter hook postrouting priority 0; ip daddr 10.0.2.2 drop; }; }`,
      );
      const port = protocol === 'icmp' ? {} : { port: 7000 };
      await agree({ from: 'netns:red', to: '10.0.2.2', protocol, ...port }, 'dropped at red', 'nothing');
    },
  );

  it('a rule that stops what the machine says to itself speaks from the address that was asked', async () => {
    await net.run('red', 'ip address add 10.0.1.7/24 dev eth0');
    await net.run('red', 'iptables -A OUTPUT -m conntrack --ctstate NEW -j REJECT');
    const { trip, probed } = await askBoth(ping('red', '10.0.1.7'));
    expect(probed.detail).toContain('10.0.1.7 answered');
    expect(trip.back?.hops[0]?.packet.source).toBe('10.0.1.7');
  });

  it('an ICMP error about a translated packet finds its way back', async () => {
    await net.run('fw', 'iptables -t nat -A POSTROUTING -o out -j MASQUERADE');
    await agree(
      { from: 'netns:red', to: '10.0.2.2', protocol: 'udp', port: 7001 },
      'refused at blue',
      'delivered at red',
    );
  });

  it('an answer that comes by another way than its question is no answer to a firewall that did not see it', async () => {
    // blue answers past fw, by a wire of its own.
    await net.wire('red/side 10.0.3.1/24', 'blue/side 10.0.3.2/24');
    await net.run('blue', 'ip route add 10.0.1.0/24 via 10.0.3.1');
    await net.run('blue', 'iptables -A OUTPUT -m conntrack --ctstate INVALID -j DROP');
    await hasty(net, 'red', 'blue');
    await agree(tcp('red', '10.0.2.2', 80), 'delivered at blue', 'delivered at red');
    await net.run('fw', 'iptables -t nat -A POSTROUTING -o out -j MASQUERADE');
    await agree(tcp('red', '10.0.2.2', 80), 'delivered at blue', 'delivered at red');
    await net.run('fw', 'iptables -t nat -F');
    await net.run(
      'fw',
      'iptables -t nat -A PREROUTING -p tcp --dport 8081 -j DNAT --to-destination 10.0.2.2:80',
    );
    await agree(tcp('red', '10.0.1.1', 8081), 'delivered at blue', 'refused at red');
  });
});
