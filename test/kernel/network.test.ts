import { expect, test } from 'vitest';
import { buildNetwork } from '../support/network.ts';

test('a test network is real, and nothing of it stays', async () => {
  const net = await buildNetwork();
  const before = await net.run('host', 'ip -o link');
  await net.namespaces('red', 'router');
  await net.wire('red/eth0 10.0.1.2/24 fd00::2/64', 'router/r0 10.0.1.1/24 fd00::1/64');
  await net.bridge('router/br0 10.0.2.1/24');
  await net.wire('host/uplink 10.0.3.1/24', 'router/r1 10.0.3.2/24');
  await net.wire('router/b0', 'red/b1 10.0.2.2/24');
  await net.run('router', 'ip link set b0 master br0');
  await net.listen('router', { protocol: 'tcp', port: 80 });
  await net.listen('router', { protocol: 'udp', port: 53, address: '::' });
  expect(await net.run('red', 'busybox nc -w 1 10.0.1.1 80', 'hello')).toBe('hello');
  expect(await net.run('red', 'ping -n -c 1 -W 1 10.0.2.1')).toContain('1 received');
  expect(await net.run('red', 'ping -n -c 1 -W 1 fd00::1')).toContain('1 received');
  expect(await net.run('router', 'ss -H -lnu')).toContain('*:53');
  const pid = await net.nameless();
  await net.wire('host/peer', `router/r2`);
  await net.run('host', `ip link set peer netns ${pid}`);

  await net.close();

  expect(await net.run('host', 'ip netns list')).toBe('');
  expect(await net.run('host', 'ip -o link')).toBe(before);
  expect(() => process.kill(pid, 0)).toThrow();
});
