import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Diagnosis } from '../../diagnostics/model/diagnosis.ts';
import type { Protocol } from '../../diagnostics/model/flow.ts';
import { ask, brief } from '../support/cause-case.ts';
import { expectChinese } from '../support/chinese-report.ts';
import { hoplab } from '../support/command-line.ts';
import { openMachine } from '../../diagnostics/host/local-machine.ts';
import { hasty, settled } from '../support/hasty.ts';
import { buildNetwork, type TestNetwork } from '../support/network.ts';

let net: TestNetwork;

/** red has two ways to blue, by r1 (eth1) and r2 (eth2); its default route knows the first alone. */
beforeAll(async () => {
  net = await buildNetwork();
  await net.namespaces('red', 'r1', 'r2', 'blue');
  for (const leg of [1, 2]) {
    await net.wire(
      `red/eth${leg} 10.1.${leg}.2/24 fd00:1:${leg}::2/64`,
      `r${leg}/left 10.1.${leg}.1/24 fd00:1:${leg}::1/64`,
    );
    await net.wire(
      `r${leg}/right 10.2.${leg}.1/24 fd00:2:${leg}::1/64`,
      `blue/eth${leg} 10.2.${leg}.2/24 fd00:2:${leg}::2/64`,
    );
    await net.run(`r${leg}`, 'sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1');
    await net.run(`r${leg}`, `ip route add 10.9.9.9 via 10.2.${leg}.2`);
    await net.run(`r${leg}`, `ip -6 route add fd00:9::9 via fd00:2:${leg}::2`);
    await net.run('blue', `ip route add 10.1.${leg}.0/24 via 10.2.${leg}.1`);
    await net.run('blue', `ip -6 route add fd00:1:${leg}::/64 via fd00:2:${leg}::1`);
  }
  await net.run('red', 'ip route add default via 10.1.1.1');
  await net.run('red', 'ip -6 route add default via fd00:1:1::1');
  await net.run('red', 'ip address add fe80::5/64 dev eth1 nodad');
  await net.run('r2', 'ip address add fe80::2:1/64 dev left nodad');
  await net.run('blue', 'ip address add 10.9.9.9/32 dev lo');
  await net.run('blue', 'ip address add fd00:9::9/128 dev lo nodad');
  await net.listen('blue', { protocol: 'tcp', port: 80, address: '::' });
  await net.listen('blue', { protocol: 'udp', port: 53, address: '10.9.9.9' });
  await net.run('r2', 'iptables -A FORWARD -p udp -j REJECT');
  await hasty(net, 'red', 'r1', 'r2', 'blue');
  await settled(net);
});
afterAll(() => net.close());

const by = async (device: string, to: string, protocol: Protocol, port?: number): Promise<Diagnosis> => {
  const answer = await ask({
    from: 'netns:red',
    ...{ to, device, protocol },
    ...(port === undefined ? {} : { port }),
  });
  // A datagram's answer is nobody's duty: that one came contradicts nothing, and confirms nothing.
  const answered = protocol === 'udp' && answer.probe.outcome === 'reply';
  expect(answer.probe.agrees, brief(answer)).toBe(answered ? null : true);
  return answer;
};

const found = ({ verdict, causes }: Diagnosis): string =>
  [verdict, ...causes.map(({ id, namespace }) => `${id} ${namespace}`)].join(', ');

describe('what is bound to an interface', () => {
  test('is asked for on its network, where no route leads out by it', async () => {
    expect(found(await by('eth1', '10.9.9.9', 'tcp', 80))).toBe('reachable');
    for (const [protocol, port] of [['tcp', 80], ['icmp']] as const)
      expect(found(await by('eth2', '10.9.9.9', protocol, port))).toMatch(/^unreachable/);
  });

  test('has no way in IPv6, where no route leads out by it', async () => {
    expect(found(await by('eth2', 'fd00:9::9', 'tcp', 80))).toMatch(/^unreachable/);
  });

  test('goes by the table that a rule keeps for it (oif)', async () => {
    await net.run('red', 'ip rule add oif eth2 lookup 100');
    await net.run('red', 'ip route add default via 10.1.2.1 table 100');
    await net.run('red', 'ip -6 rule add oif eth2 lookup 100');
    await net.run('red', 'ip -6 route add default via fd00:1:2::1 table 100');
    for (const to of ['10.9.9.9', 'fd00:9::9'])
      for (const [protocol, port] of [['tcp', 80], ['icmp']] as const) {
        const answer = await by('eth2', to, protocol, port);
        expect(found(answer), brief(answer)).toBe('reachable');
        expect(answer.legs[0]?.forward.hops[0]?.outDev).toBe('eth2');
      }
    expect(found(await by('eth2', '10.9.9.9', 'udp', 53))).toBe('unreachable, filter-reject netns:r2');
    expect(found(await by('eth1', '10.9.9.9', 'udp', 53))).toBe('reachable');
  });

  test('is asked for by --interface', async () => {
    const bound = await hoplab(['why', 'netns:red', '10.1.2.1', '--interface', 'eth2']);
    expect([bound.status, bound.stderr]).toEqual([0, '']);
    const wrong = await hoplab(['why', 'netns:red', '10.1.2.1', '--interface', 'eth7']);
    expect([wrong.status, wrong.stderr]).toEqual([
      64,
      'hoplab: There is no interface “eth7” to send to 10.1.2.1 by\n',
    ]);
    const outside = await hoplab(['why', 'outside@eth1', '10.1.2.1', '--interface', 'eth7']);
    expect([outside.status, outside.stderr.trim()]).toEqual([
      64,
      'hoplab: A packet from outside comes in by an interface: outside@INTERFACE; --interface is for what is sent from here',
    ]);
  });
});

describe('a link-local address that is said without an interface', () => {
  test('is looked for behind the one interface where somebody has it', async () => {
    const asked = { from: 'netns:red', to: '[fe80::2:1]:81' };
    const answer = await ask(asked);
    expect(answer.probe.agrees, brief(answer)).toBe(true);
    expect(found(answer)).toBe('unreachable, no-listener netns:r2');
    expect(answer.notes.join()).toContain('fe80::2:1 was taken for fe80::2:1%eth2');
    expectChinese(await ask(asked, false, openMachine(), 'zh-cn'));
  });

  test('is the asker’s own', async () => {
    const answer = await ask({ from: 'netns:red', to: 'fe80::5' });
    expect(answer, brief(answer)).toMatchObject({ verdict: 'reachable', probe: { agrees: true } });
  });

  test('is nobody’s: the answer says how to ask', async () => {
    const { status, stderr } = await hoplab(['why', 'netns:red', 'fe80::77']);
    expect([status, stderr]).toEqual([
      64,
      'hoplab: The link-local address fe80::77 means something only together with an interface of netns:red: say fe80::77%eth1, fe80::77%eth2\n',
    ]);
  });
});
