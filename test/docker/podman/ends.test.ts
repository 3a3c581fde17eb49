import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { brief } from '../../support/cause-case.ts';
import { podmanCase, SERVER, type DockerCase } from '../../support/docker-case.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';
import { startPodman, type TestPodman } from '../../support/podman.ts';
import { withoutTun } from '../../support/tun.ts';

/** Networks and ports of podman's that are closed by what podman sets, and not by a rule. */
let podman: TestPodman;
let kase: DockerCase;
let net: TestNetwork;

beforeAll(async () => {
  podman = await startPodman();
  kase = podmanCase(podman);
  await podman.podman('network create --subnet 10.81.0.0/24 front');
  await podman.podman('network create --internal --subnet 10.83.0.0/24 inner');
});
afterAll(() => podman.close());
beforeEach(async () => {
  net = await buildNetwork();
  await net.namespaces('client');
  await net.wire('host/uplink 10.99.0.1/24 fd99::1/64', 'client/eth0 10.99.0.2/24 fd99::2/64');
  await net.run('client', 'ip route add default via 10.99.0.1');
});
afterEach(async () => {
  await podman.podman('rm --force --all --time 0');
  await net.close();
});

test('internal-network: asked from outside, from another network, and asking', async () => {
  await kase.run('near', '--network front');
  await kase.run('safe', '--network inner', SERVER);
  await kase.serving({ from: 'host', to: 'container:safe', port: 80 });
  const outside = { from: 'netns:client', to: 'container:safe', port: 80 };
  const closed = await kase.expectCause(outside, 'internal-network');
  expect(closed.causes[0]?.params).toMatchObject({ container: 'safe', outwards: false, engine: 'Podman' });
  const beside = { from: 'near', to: 'container:safe', port: 80 };
  const diagnosis = await kase.expectCause(beside, 'internal-network');
  await kase.mendAndUndo(beside, diagnosis);
  const outwards = await kase.expectCause({ from: 'safe', to: '10.99.0.2' }, 'internal-network');
  expect(outwards.causes[0]).toMatchObject({ params: { outwards: true } });
  expect(outwards.causes[0]?.summary, brief(outwards)).not.toContain('Docker');
});

test('published-on-other-address: by IPv6, of a container without it; nobody is told to change conmon', async () => {
  await kase.run('web', '--network front --publish 8080:80', SERVER);
  await kase.serving({ from: 'netns:client', to: '10.99.0.1', port: 8080 });
  for (const [from, to, instead] of [
    ['netns:client', 'fd99::1', '10.99.0.1'],
    ['host', '::1', '127.0.0.1'],
  ] as const) {
    const diagnosis = await kase.expectCause({ from, to, port: 8080 }, 'published-on-other-address');
    expect(diagnosis.causes[0]?.fixes[0]).toMatchObject({ title: `Use ${instead} instead`, proven: true });
    expect(diagnosis.causes[0]?.explanation).not.toContain('userland-proxy');
  }
});

test('published-in-vain: the rules of a published port are gone, and conmon keeps it; podman writes them again', async () => {
  await kase.run('web', '--network front --publish 8080:80', SERVER);
  const asked = { from: 'netns:client', to: '10.99.0.1', port: 8080 };
  await kase.serving(asked);
  await net.run('host', 'nft flush ruleset');
  const diagnosis = await kase.expectCause(asked, 'published-in-vain');
  expect(diagnosis.causes[0]?.params).toMatchObject({ reason: 'no-rule', container: 'web' });
  await kase.mendAndUndo(asked, diagnosis);
  await podman.podman('network reload web');
  await kase.serving(asked);
  await podman.podman('network disconnect front web');
  const alone = await kase.expectCause(asked, 'published-in-vain');
  expect(alone.causes[0]?.params).toMatchObject({ reason: 'no-network' });
});

test('container-without-network: taken off its only network, it is connected again; made without one, it is not', async () => {
  await kase.run('web', '--network front', SERVER);
  await kase.run('off', '--network front');
  await kase.run('lone', '--network none');
  await podman.podman('network disconnect front off');
  const asked = { from: 'off', to: 'container:web', port: 80 };
  const diagnosis = await kase.expectCause(asked, 'container-without-network');
  await kase.mendAndUndo(asked, diagnosis);
  const lone = await kase.expectCause({ ...asked, from: 'lone' }, 'container-without-network');
  expect(lone.causes[0]?.summary).toContain('(network “none”)');
  expect(lone.causes[0]?.fixes).toEqual([]);
});

test.skipIf(withoutTun() !== null)('user-mode-network: root’s container behind slirp4netns', async () => {
  await kase.run('near', '--network front');
  await kase.run('web', '--network slirp4netns', SERVER);
  for (const from of ['near', 'host', 'netns:client']) {
    const diagnosis = await kase.expectCause({ from, to: 'container:web', port: 80 }, 'user-mode-network');
    expect(diagnosis.causes[0]?.summary).toBe(
      'web was made with “--network slirp4netns”: its network is a program’s, and its address is nobody’s to ask',
    );
  }
});

test('container-stopped: of another network, whose containers it reaches all the same', async () => {
  await podman.podman('network create --subnet 10.84.0.0/24 back');
  try {
    await kase.run('near', '--network back');
    await podman.podman(['create', '--name', 'web', '--network', 'front', 'busybox', ...SERVER]);
    const asked = { from: 'near', to: 'container:web', port: 80 };
    const diagnosis = await kase.expectCause(asked, 'container-stopped');
    expect(diagnosis.causes[0]?.summary).toBe('The container web is not running (created)');
    await podman.podman('start web');
    await kase.serving(asked);
  } finally {
    await podman.podman('rm --force --all --time 0');
    await podman.podman('network rm back');
  }
});
