import { afterAll, beforeAll, expect, test } from 'vitest';
import { brief } from '../../support/cause-case.ts';
import { podmanCase, SERVER, type DockerCase } from '../../support/docker-case.ts';
import { startPodman, type TestPodman } from '../../support/podman.ts';

let podman: TestPodman;
let kase: DockerCase;

beforeAll(async () => {
  podman = await startPodman({ backend: 'cni' });
  kase = podmanCase(podman);
  await podman.podman('network create front');
  await podman.podman('network create back');
  await kase.run('web', '--network front');
  await kase.run('far', '--network back');
  await kase.run('db', '--network front --network-alias storage --publish 8080:80', SERVER);
});
afterAll(() => podman.close());

test.each([
  ['web', 'db', 80],
  ['web', 'storage', 80],
  ['host', '127.0.0.1', 8080],
])('networks that CNI plugins made: why %s %s:%i', async (from, to, port) => {
  await kase.serving({ from, to, port });
  const diagnosis = await kase.ask({ from, to, port });
  expect(diagnosis.probe.agrees, brief(diagnosis)).toBe(true);
});

test('name-on-other-network: dnsname knows the alias on one network only', async () => {
  const asked = { from: 'far', to: 'storage', port: 80 };
  const diagnosis = await kase.expectCause(asked, 'name-on-other-network');
  await kase.mend(asked, diagnosis);
});
