import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ask, brief } from '../../support/cause-case.ts';
import { hasty } from '../../support/hasty.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';

let net: TestNetwork;
beforeEach(async () => void (net = await buildNetwork()));
afterEach(() => net.close());

/** Who sends, and how its frames get to b, which has 10.0.0.2 and fd00::2. */
const carriers: Readonly<Record<string, () => Promise<void>>> = {
  'a bridge that learns': async () => {
    await net.wire('a/eth0 10.0.0.1/24 fd00::1/64', 'host/va');
    await net.wire('b/eth0 10.0.0.2/24 fd00::2/64', 'host/vb');
    await net.bridge('host/br0 10.0.0.9/24', 'va', 'vb');
  },
  'a macvlan of mode bridge': async () => {
    await net.wire('host/low', 'host/other');
    for (const [place, end] of [
      ['a', '1'],
      ['b', '2'],
    ] as const) {
      await net.run('host', `ip link add eth0 netns ${place} link low type macvlan mode bridge`);
      await net.run(place, `ip address add 10.0.0.${end}/24 dev eth0`);
      await net.run(place, `ip address add fd00::${end}/64 dev eth0 nodad`);
      await net.run(place, 'ip link set eth0 up');
    }
  },
};

const QUESTIONS = [['icmp'], ['udp', 53], ['udp', 54], ['tcp', 80]] as const;

type Row = readonly [mac: string, to: string];

/** Groups that nobody has joined: devices take all of them, but a macvlan sorts them by hashes. */
const unjoined: readonly Row[] = [
  ['03:bf:0a:00:00:02', '10.0.0.2'],
  ['33:33:ff:00:00:07', 'fd00::2'],
];

describe.each(Object.keys(carriers))('a frame for many over %s', (name) => {
  const sortsGroups = name.startsWith('a macvlan');
  beforeEach(async () => {
    await net.namespaces('a', 'b');
    await carriers[name]?.();
    for (const protocol of ['tcp', 'udp'] as const)
      await net.listen('b', { protocol, port: protocol === 'tcp' ? 80 : 53, address: '::' });
    await hasty(net, 'a', 'b');
  });

  it.each<Row>([
    ['ff:ff:ff:ff:ff:ff', '10.0.0.2'],
    ['33:33:ff:00:00:02', 'fd00::2'],
    ['ff:ff:ff:ff:ff:ff', 'fd00::2'],
    ...(sortsGroups ? [] : unjoined),
  ])('%s for %s: echo and datagrams are taken, TCP is not, no error tells', async (mac, to) => {
    await net.run('a', `ip neigh replace ${to} lladdr ${mac} dev eth0 nud permanent`);
    const answers: string[] = [];
    for (const [protocol, port] of QUESTIONS) {
      const answer = await ask({ from: 'netns:a', to, protocol, ...(port ? { port } : {}) });
      // Whether a server answers a datagram is its own affair.
      expect(answer.probe.agrees, brief(answer)).toBe(port === 53 ? null : true);
      answers.push([protocol, port, answer.verdict, ...answer.causes.map(({ id }) => id)].join(' '));
    }
    expect(answers).toEqual([
      'icmp  reachable',
      'udp 53 reachable',
      'udp 54 unreachable no-listener',
      'tcp 80 unreachable stale-neighbour',
    ]);
  });

  if (sortsGroups) {
    it.each(unjoined)(
      '%s for %s, a group that was not joined: most probably for nobody, and the probe decides',
      async (mac, to) => {
        await net.run('a', `ip neigh replace ${to} lladdr ${mac} dev eth0 nud permanent`);
        const heard = await net.run('a', `ping -c 1 -W 1 ${to}`).then(
          () => true,
          () => false,
        );
        for (const [protocol, port] of QUESTIONS) {
          const answer = await ask({ from: 'netns:a', to, protocol, ...(port ? { port } : {}) });
          expect(answer.probe.agrees, brief(answer)).toBe(null);
          expect(answer.notes.join(' ')).toContain(`eth0 of netns:b has not joined the group ${mac}`);
          const lost = !heard || port === 80;
          expect(answer.verdict === 'unreachable', brief(answer)).toBe(lost || port === 54);
          if (lost) expect(answer.causes[0]).toMatchObject({ id: 'stale-neighbour', certainty: 'likely' });
        }
      },
    );

    it('one in about fifty groups is heard without having been joined', async () => {
      const found = await net.run('a', [
        'bash',
        '-c',
        `for at in {0..1500}; do
         mac=$(printf 03:bf:0b:%02x:%02x:02 $((at % 256)) $((at / 256)))
         ip neigh replace 10.0.0.2 lladdr $mac dev eth0 nud permanent
         ping -q -c 1 -W 0.02 10.0.0.2 > /dev/null && echo $mac && break
       done`,
      ]);
      expect(found.trim()).toMatch(/^03:bf:0b/);
      const answers: string[] = [];
      for (const [protocol, port] of QUESTIONS) {
        const answer = await ask({ from: 'netns:a', to: '10.0.0.2', protocol, ...(port ? { port } : {}) });
        expect(answer.notes.join(' ')).toContain(`has not joined the group ${found.trim()}`);
        answers.push([protocol, port, answer.verdict].join(' '));
      }
      expect(answers).toEqual([
        'icmp  reachable',
        'udp 53 reachable',
        'udp 54 unreachable',
        'tcp 80 unreachable',
      ]);
    });
  }

  it('is not taken at all where frames for many may not carry packets for one', async () => {
    await net.run('b', 'sysctl -qw net.ipv4.conf.eth0.drop_unicast_in_l2_multicast=1');
    await net.run('a', 'ip neigh replace 10.0.0.2 lladdr ff:ff:ff:ff:ff:ff dev eth0 nud permanent');
    const answer = await ask({ from: 'netns:a', to: '10.0.0.2', protocol: 'icmp' });
    expect(answer.probe.agrees, brief(answer)).toBe(true);
    expect(answer.causes.map(({ id }) => id)).toEqual(['stale-neighbour']);
  });
});

it('an address for many that nobody on the network has', async () => {
  await net.namespaces('a', 'b');
  await net.wire('a/eth0 10.0.0.1/24', 'b/eth0 10.0.0.2/24');
  await net.run('a', 'ip neigh replace 10.0.0.3 lladdr ff:ff:ff:ff:ff:ff dev eth0 nud permanent');
  const answer = await ask({ from: 'netns:a', to: '10.0.0.3', protocol: 'icmp' });
  expect(answer.probe.agrees, brief(answer)).toBe(true);
  expect(answer.causes.map(({ id }) => id)).toEqual(['neighbour-unresolved']);
});
