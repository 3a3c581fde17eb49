import { expect, test } from 'vitest';
import { startEngine } from '../support/docker.ts';
import { buildNetwork } from '../support/network.ts';

test('a test engine runs real containers, and nothing of it stays', async () => {
  await using net = await buildNetwork();
  const engine = await startEngine();
  await engine.docker('run -d --name web -p 8080:80 busybox nc -ll -p 80 -e cat');
  await engine.docker('run -d --name db busybox sleep 600');
  expect(await engine.docker('exec db ping -c 1 -W 1 172.17.0.2')).toContain('1 packets received');

  await engine.close();

  expect(await net.run('host', 'ip -o link show type bridge')).toBe('');
  expect(await net.run('host', 'ip -o link show type veth')).toBe('');
});
