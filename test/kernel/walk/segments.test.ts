import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { agree, ping } from '../../support/agree.ts';
import { askBoth, traceText } from '../../support/ask-both.ts';
import { disturb, hasty } from '../../support/hasty.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';

let net: TestNetwork;
beforeEach(async () => void (net = await buildNetwork()));
afterEach(() => net.close());

type Fault = readonly [name: string, where: string, commands: readonly string[], there: string, back: string];

describe('two namespaces on one wire', () => {
  beforeEach(async () => {
    await net.namespaces('a', 'b');
    await net.wire('a/eth0 10.0.0.1/24', 'b/eth0 10.0.0.2/24');
    await net.run('b', 'ip address add 10.7.7.7/32 dev lo');
    await hasty(net, 'a', 'b');
  });
  const MAC = 'ip link set eth0 address 02:00:00:00:00:0b';

  it.each<Fault>([
    ['all well', 'a', [], 'delivered at b', 'delivered at a'],
    ['the sender down', 'a', ['ip link set eth0 down'], 'no-route at a', 'nothing'],
    ['the receiver down', 'b', ['ip link set eth0 down'], 'link-down at a', 'nothing'],
    ['the wire gone', 'b', ['ip link delete eth0'], 'no-route at a', 'nothing'],
    ['no address at the sender', 'a', ['ip address flush dev eth0'], 'no-route at a', 'nothing'],
    [
      'no address at the receiver',
      'b',
      ['ip address flush dev eth0'],
      'neighbour-unresolved at a',
      'nothing',
    ],
    [
      'another address at the receiver',
      'b',
      ['ip address replace 10.0.0.3/24 dev eth0', 'ip address del 10.0.0.2/24 dev eth0'],
      'neighbour-unresolved at a',
      'nothing',
    ],
    [
      'a longer prefix at the receiver',
      'b',
      ['ip address del 10.0.0.2/24 dev eth0', 'ip address add 10.0.0.2/32 dev eth0'],
      'delivered at b',
      'no-route at b',
    ],
    [
      'a longer prefix at the sender',
      'a',
      ['ip address del 10.0.0.1/24 dev eth0', 'ip address add 10.0.0.1/32 dev eth0'],
      'no-route at a',
      'nothing',
    ],
    ['echo requests ignored', 'b', ['sysctl -qw net.ipv4.icmp_echo_ignore_all=1'], 'dropped at b', 'nothing'],
    [
      'a wrong permanent neighbour',
      'a',
      ['ip neigh replace 10.0.0.2 lladdr 02:00:00:00:00:99 dev eth0 nud permanent'],
      'filtered-source at b',
      'nothing',
    ],
    [
      'a wrong stale neighbour',
      'a',
      ['ip neigh replace 10.0.0.2 lladdr 02:00:00:00:00:99 dev eth0 nud stale'],
      'filtered-source at b',
      'nothing',
    ],
    [
      'a wrong neighbour for the answer',
      'b',
      ['ip neigh replace 10.0.0.1 lladdr 02:00:00:00:00:99 dev eth0 nud permanent'],
      'delivered at b',
      'filtered-source at a',
    ],
    [
      'a new hardware address',
      'b',
      ['ip link set eth0 down', MAC, 'ip link set eth0 up'],
      'delivered at b',
      'delivered at a',
    ],
    [
      'arp_ignore 8',
      'b',
      ['sysctl -qw net.ipv4.conf.all.arp_ignore=8'],
      'neighbour-unresolved at a',
      'nothing',
    ],
    [
      'arp_ignore 1 for its own address',
      'b',
      ['sysctl -qw net.ipv4.conf.eth0.arp_ignore=1'],
      'delivered at b',
      'delivered at a',
    ],
    [
      'arp_ignore 8 at the sender, whom the receiver knows since it was asked',
      'a',
      ['sysctl -qw net.ipv4.conf.all.arp_ignore=8'],
      'delivered at b',
      'delivered at a',
    ],
    [
      'arp_ignore 8 at the sender, and a permanent entry that its question does not change',
      'b',
      ['ip neigh replace 10.0.0.1 lladdr 02:00:00:00:00:99 dev eth0 nud permanent'],
      'delivered at b',
      'filtered-source at a',
    ],
    [
      'a wrong stale neighbour for the answer, corrected by the question',
      'b',
      ['ip neigh replace 10.0.0.1 lladdr 02:00:00:00:00:99 dev eth0 nud stale'],
      'delivered at b',
      'delivered at a',
    ],
    ['ARP off at the sender', 'a', ['ip link set eth0 arp off'], 'filtered-source at b', 'nothing'],
    ['strict filter', 'b', ['sysctl -qw net.ipv4.conf.eth0.rp_filter=1'], 'delivered at b', 'delivered at a'],
    ['the loopback down at both', 'b', ['ip link set lo down'], 'delivered at b', 'delivered at a'],
    [
      'a rule that refuses local delivery',
      'b',
      [
        'ip rule add to 10.0.0.2 prohibit pref 0',
        'ip rule del lookup local',
        'ip rule add lookup local pref 10',
      ],
      'neighbour-unresolved at a',
      'nothing',
    ],
  ])('%s', async (_, where, commands, there, back) => {
    await disturb(net, where, commands);
    await agree(ping('a', '10.0.0.2'), there, back);
  });

  it.each(['tcp', 'udp', 'icmp'] as const)('a route and no address to speak with: %s', async (protocol) => {
    await net.run('a', 'ip address flush dev eth0');
    await net.run('a', 'ip route add 10.0.0.2 dev eth0');
    const both = await askBoth({
      from: 'netns:a',
      to: '10.0.0.2',
      protocol,
      ...(protocol === 'icmp' ? {} : { port: 80 }),
    });
    expect(both.predicted.outcome, traceText(both)).toBe(both.probed.outcome);
  });

  it('a datagram’s sender is not told that nobody has the address', async () => {
    const both = await askBoth({ from: 'netns:a', to: '10.0.0.77', protocol: 'udp', port: 80 });
    expect(both.predicted, traceText(both)).toEqual({ outcome: 'timeout', certain: true });
    expect(both.probed.outcome).toBe('timeout');
  });

  it.each<Fault>([
    ['an address on another interface', 'a', [], 'delivered at b', 'delivered at a'],
    [
      'is not told with arp_ignore 1',
      'b',
      ['sysctl -qw net.ipv4.conf.all.arp_ignore=1'],
      'neighbour-unresolved at a',
      'nothing',
    ],
    [
      'is not told with arp_ignore 2',
      'b',
      ['sysctl -qw net.ipv4.conf.all.arp_ignore=2'],
      'neighbour-unresolved at a',
      'nothing',
    ],
    [
      'is told with arp_ignore 3 and a global address',
      'b',
      ['sysctl -qw net.ipv4.conf.all.arp_ignore=3'],
      'delivered at b',
      'delivered at a',
    ],
    [
      'is told with arp_filter where the answer leaves by the same device',
      'b',
      ['sysctl -qw net.ipv4.conf.all.arp_filter=1'],
      'delivered at b',
      'delivered at a',
    ],
  ])('%s', async (_, where, commands, there, back) => {
    await net.run('a', 'ip route add 10.7.7.7 dev eth0');
    await disturb(net, where, commands);
    await agree(ping('a', '10.7.7.7'), there, back);
  });

  it.each(['10.0.0.1', '127.0.0.1', '127.9.9.9'])('a reaches itself as %s', async (to) => {
    await agree(ping('a', to), 'delivered at a', 'delivered at a');
  });

  it.each(['10.0.0.1', '127.0.0.1'])('with the loopback down not even itself as %s', async (to) => {
    await net.run('a', 'ip link set lo down');
    const both = await askBoth(ping('a', to));
    expect(both.predicted.outcome, traceText(both)).toBe(both.probed.outcome);
    expect(both.probed.outcome).not.toBe('reply');
  });
});

describe('a proxy between two namespaces', () => {
  beforeEach(async () => {
    await net.namespaces('a', 'p', 'b');
    await net.wire('a/eth0 10.0.0.1/24', 'p/left 10.9.1.1/24');
    await net.wire('p/right 10.9.2.1/24', 'b/eth0 10.0.0.2/24');
    await net.run('p', 'ip route add 10.0.0.1 dev left');
    await net.run('p', 'ip route add 10.0.0.2 dev right');
    await net.run('p', 'sysctl -qw net.ipv4.ip_forward=1');
    await hasty(net, 'a', 'p', 'b');
  });

  it.each<Fault>([
    ['keeps silent', 'p', [], 'neighbour-unresolved at a', 'nothing'],
    [
      'speaks for both',
      'p',
      ['sysctl -qw net.ipv4.conf.all.proxy_arp=1'],
      'delivered at b',
      'delivered at a',
    ],
    [
      'speaks for one',
      'p',
      ['sysctl -qw net.ipv4.conf.left.proxy_arp=1'],
      'delivered at b',
      'neighbour-unresolved at b',
    ],
    [
      'speaks for single addresses',
      'p',
      ['ip neigh add proxy 10.0.0.2 dev left', 'ip neigh add proxy 10.0.0.1 dev right'],
      'delivered at b',
      'delivered at a',
    ],
    [
      'does not forward',
      'p',
      ['sysctl -qw net.ipv4.conf.all.proxy_arp=1', 'sysctl -qw net.ipv4.ip_forward=0'],
      'neighbour-unresolved at a',
      'nothing',
    ],
  ])('%s', async (_, where, commands, there, back) => {
    await disturb(net, where, commands);
    await agree(ping('a', '10.0.0.2'), there, back);
  });
});

describe('three namespaces on a bridge', () => {
  beforeEach(async () => {
    await net.namespaces('sw', 'a', 'b', 'c');
    await net.wire('a/eth0 10.0.0.2/24', 'sw/va');
    await net.wire('b/eth0 10.0.0.3/24', 'sw/vb');
    await net.wire('c/eth0 10.0.0.4/24', 'sw/vc');
    await net.bridge('sw/br0 10.0.0.1/24', 'va', 'vb', 'vc');
    await hasty(net, 'sw', 'a', 'b', 'c');
  });

  it.each([
    ['a', '10.0.0.3', 'b'],
    ['a', '10.0.0.4', 'c'],
    ['a', '10.0.0.1', 'sw'],
    ['sw', '10.0.0.2', 'a'],
  ])('%s reaches %s', async (from, to, at) => {
    await agree(ping(from, to), `delivered at ${at}`, `delivered at ${from}`);
  });

  it.each<Fault>([
    ['one port isolated', 'sw', ['bridge link set dev va isolated on'], 'delivered at b', 'delivered at a'],
    [
      'both ports isolated',
      'sw',
      ['bridge link set dev va isolated on', 'bridge link set dev vb isolated on'],
      'filtered-source at sw',
      'nothing',
    ],
    ['a port blocked', 'sw', ['bridge link set dev vb state disabled'], 'link-down at sw', 'nothing'],
    [
      "the sender's port blocked",
      'sw',
      ['bridge link set dev va state disabled'],
      'link-down at sw',
      'nothing',
    ],
    ['a port down', 'sw', ['ip link set vb down'], 'link-down at sw', 'nothing'],
    ["the sender's port down", 'sw', ['ip link set va down'], 'link-down at a', 'nothing'],
    ['not attached', 'sw', ['ip link set vb nomaster'], 'neighbour-unresolved at a', 'nothing'],
    ['the bridge down', 'sw', ['ip link set br0 down'], 'link-down at sw', 'nothing'],
    ['the receiver down', 'b', ['ip link set eth0 down'], 'link-down at sw', 'nothing'],
  ])('%s', async (_, where, commands, there, back) => {
    await disturb(net, where, commands);
    await agree(ping('a', '10.0.0.3'), there, back);
  });

  it('a static entry leads a frame for it astray', async () => {
    await net.run('a', 'ip neigh replace 10.0.0.3 lladdr 02:00:00:00:00:99 dev eth0 nud permanent');
    await net.run('sw', 'bridge fdb replace 02:00:00:00:00:99 dev vc master static');
    await agree(ping('a', '10.0.0.3'), 'filtered-source at c', 'nothing');
  });

  it('a frame for nobody is flooded, and nobody takes it', async () => {
    await net.run('a', 'ip neigh replace 10.0.0.3 lladdr 02:00:00:00:00:99 dev eth0 nud permanent');
    await agree(ping('a', '10.0.0.3'), 'neighbour-unresolved at sw', 'nothing');
  });

  it('one hardware address twice: nothing is certain', async () => {
    const mac = await macOf('b');
    await disturb(net, 'c', [
      'ip link set eth0 down',
      `ip link set eth0 address ${mac}`,
      'ip link set eth0 up',
    ]);
    const both = await askBoth(ping('a', '10.0.0.3'));
    expect(both.predicted.certain && both.predicted.outcome !== both.probed.outcome).toBe(false);
  });

  const macOf = async (namespace: string): Promise<string> => {
    const [link] = JSON.parse(await net.run(namespace, 'ip -j link show eth0')) as { address: string }[];
    return link?.address ?? '';
  };

  it('two hosts that claim one address: whichever answers first, nothing is certain', async () => {
    await net.run('c', 'ip address add 10.0.0.3/24 dev eth0');
    const both = await askBoth(ping('a', '10.0.0.3'));
    expect(both.predicted.certain).toBe(false);
    expect(both.probed.outcome).toBe('reply');
  });

  it('macvlan on a port: siblings meet, their host does not meet them', async () => {
    await net.namespaces('m', 'n');
    await net.run('c', 'ip link add link eth0 name m0 netns m type macvlan mode bridge');
    await net.run('c', 'ip link add link eth0 name n0 netns n type macvlan mode bridge');
    await net.run('m', 'ip address add 10.0.0.21/24 dev m0');
    await net.run('n', 'ip address add 10.0.0.22/24 dev n0');
    await net.run('m', 'ip link set m0 up');
    await net.run('n', 'ip link set n0 up');
    await hasty(net, 'm', 'n');
    await agree(ping('m', '10.0.0.22'), 'delivered at n', 'delivered at m');
    await agree(ping('a', '10.0.0.21'), 'delivered at m', 'delivered at a');
    await agree(ping('m', '10.0.0.2'), 'delivered at a', 'delivered at m');
    await agree(ping('m', '10.0.0.4'), 'neighbour-unresolved at c', 'nothing');
    await agree(ping('c', '10.0.0.21'), 'neighbour-unresolved at c', 'nothing');
  });
});
