import { afterEach, beforeEach, expect, test } from 'vitest';
import { openMachine } from '../../diagnostics/host/local-machine.ts';
import { expectChinese } from '../support/chinese-report.ts';
import { ask, brief } from '../support/cause-case.ts';
import { buildNetwork, type TestNetwork } from '../support/network.ts';

/** What a program meets, and no walk of a packet shows. */
let net: TestNetwork;
beforeEach(async () => {
  net = await buildNetwork();
  await net.namespaces('red', 'blue');
  await net.wire('red/eth0 10.0.0.2/24', 'blue/eth0 10.0.0.3/24 10.0.0.33/24');
});
afterEach(() => net.close());

test('a datagram’s answer that comes from another address is told, and is no answer to who waits for it', async () => {
  await net.listen('blue', { protocol: 'udp', port: 7000 });
  const well = await ask({ from: 'netns:red', to: '10.0.0.3:7000', protocol: 'udp' });
  expect([well.verdict, well.probe.outcome, well.notes], brief(well)).toEqual(['reachable', 'reply', []]);

  const asked = { from: 'netns:red', to: '10.0.0.33:7000', protocol: 'udp' } as const;
  const broken = await ask(asked);
  expect([broken.verdict, broken.probe.outcome], brief(broken)).toEqual(['unreachable', 'timeout']);
  expect(broken.notes).toEqual([
    expect.stringContaining('The service answers, but from 10.0.0.3 and not from 10.0.0.33'),
  ]);
  expectChinese(await ask(asked, true, openMachine(), 'zh-cn'));

  await net.stop('blue', 'udp', 7000);
  await net.listen('blue', { protocol: 'udp', port: 7000, address: '10.0.0.33' });
  expect((await ask(asked)).verdict).toBe('reachable');
});

test('a sender without a free port is told so, rather than that the network is unreachable', async () => {
  await net.listen('blue', { protocol: 'tcp', port: 80 });
  await net.run('red', ['sysctl', '-qw', 'net.ipv4.ip_local_port_range=40000 40000']);
  const asked = { from: 'netns:red', to: '10.0.0.3:80' };
  expect((await ask(asked)).verdict).toBe('reachable');
  // The one port waits (TIME-WAIT) for a minute, or is held.
  await net.spawn('red', [
    ...[process.execPath, '-e'],
    "require('node:net').connect(80, '10.0.0.3').on('error', () => {})",
  ]);
  const established = async (): Promise<boolean> =>
    (await net.run('red', 'ss -Htan dport = :80')).includes('40000');
  await expect.poll(established).toBe(true);

  const broken = await ask(asked);
  expect([broken.verdict, broken.causes], brief(broken)).toEqual(['unreachable', []]);
  expect(broken.notes).toEqual([
    expect.stringContaining(
      'netns:red has no free port left to connect from to this destination (net.ipv4.ip_local_port_range is 40000–40000)',
    ),
  ]);
});
