import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { brief } from '../../support/cause-case.ts';
import { dockerCase, SERVER, type DockerCase } from '../../support/docker-case.ts';
import { startEngine } from '../../support/docker.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';

/** An engine whose rules somebody flushed; without the userland proxy it keeps a socket on each published port. */
const CLIENT = 'netns:client';
const HOST = '10.99.0.1';

let net: TestNetwork;
let docker: DockerCase;
/** What the tables held before they were flushed. */
let saved: string;
beforeAll(async () => {
  docker = dockerCase(await startEngine());
  await docker.engine.docker('network create --subnet 10.60.0.0/24 front');
});
afterAll(() => docker.engine.close());
beforeEach(async () => {
  net = await buildNetwork();
  await net.namespaces('client');
  await net.wire('host/uplink 10.99.0.1/24', 'client/eth0 10.99.0.2/24');
  await docker.run('web', '--network front --publish 8080:80', SERVER);
  await docker.serving({ from: CLIENT, to: HOST, port: 8080 });
  saved = await net.run('host', 'iptables-save');
});
afterEach(async () => {
  await net.run('host', 'iptables-restore', `${saved}\n`);
  await docker.removeContainers();
  await net.close();
});

const asked = { from: CLIENT, to: HOST, port: 8080 };

test.each([
  ['the whole table nat', ['-t nat -F', '-t nat -X'], 'chain'],
  ['the calls of its chain', ['-t nat -F PREROUTING'], 'jump'],
  ['its own chain', ['-t nat -F DOCKER'], 'rule'],
])(
  'docker-chains-missing: %s was flushed, and the kernel still accepts for the engine',
  async (_, flushes, lacks) => {
    for (const words of flushes) await net.run('host', `iptables ${words}`);
    const diagnosis = await docker.expectCause(asked, 'docker-chains-missing');
    // The handshake is made; nobody ever fetches the connection.
    expect(diagnosis.probe.outcome, brief(diagnosis)).toBe('reply');
    expect(diagnosis.causes[0]).toMatchObject({
      namespace: 'host',
      params: { lacks, container: 'web', port: 8080 },
    });
    expect(diagnosis.causes[0]?.fixes.at(-1)?.steps[0]?.argv).toEqual(['systemctl', 'restart', 'docker']);
    // A rule of the engine's is no part of anybody's configuration.
    expect(diagnosis.causes[0]?.fixes[0]?.permanent).toMatch(/^The container engine writes this rule/);
    await docker.mendAndUndo(asked, diagnosis);
  },
);

test('docker-chains-missing: chain FORWARD was flushed, and its policy drops', async () => {
  await net.run('host', 'iptables -P FORWARD DROP');
  await docker.serving(asked);
  await net.run('host', 'iptables -F FORWARD');
  const diagnosis = await docker.expectCause(asked, 'docker-chains-missing');
  expect(diagnosis.causes[0]).toMatchObject({ namespace: 'host', params: { lacks: 'forward' } });
  // Both directions are the engine's to let through.
  const restart = diagnosis.causes[0]?.fixes.at(-1);
  expect(restart).toMatchObject({ proven: true, steps: [{ argv: ['systemctl', 'restart', 'docker'] }] });
  await docker.mendAndUndo(asked, diagnosis);
});

test('docker-chains-missing: only chain DOCKER of table filter was flushed, and the policy drops', async () => {
  await net.run('host', 'iptables -P FORWARD DROP');
  await docker.serving(asked);
  await net.run('host', 'iptables -F DOCKER');
  const diagnosis = await docker.expectCause(asked, 'docker-chains-missing');
  expect(diagnosis.causes[0]).toMatchObject({
    namespace: 'host',
    params: { lacks: 'accept', container: 'web', port: 8080 },
  });
  await docker.mendAndUndo(asked, diagnosis);
});

test('docker-chains-missing: nothing masquerades what leaves a container any more', async () => {
  await net.listen('client', { protocol: 'tcp', port: 80 });
  const outwards = { from: 'container:web', to: '10.99.0.2', port: 80 };
  await docker.serving(outwards);
  await net.run('host', 'iptables -t nat -F');
  const diagnosis = await docker.expectCause(outwards, 'docker-chains-missing');
  expect(diagnosis.causes[0]).toMatchObject({ namespace: 'host', params: { lacks: 'masquerade' } });
  await docker.mendAndUndo(outwards, diagnosis);
});

test.each([
  ['iptables-legacy', ['iptables-legacy -P FORWARD DROP'], 'iptables-legacy -P FORWARD ACCEPT'],
  [
    'nft',
    [
      'nft add table ip mine',
      'nft add chain ip mine pass { type filter hook forward priority 0 ; policy drop ; }',
    ],
    'nft delete table ip mine',
  ],
])('policy-drop: what drops is in %s, where the engine writes nothing', async (_, shut, open) => {
  await net.run('host', 'iptables -F FORWARD');
  await net.run('host', 'iptables -P FORWARD ACCEPT');
  await docker.serving(asked);
  for (const command of shut) await net.run('host', command);
  const diagnosis = await docker.expectCause(asked, 'policy-drop');
  await docker.mendAndUndo(asked, diagnosis);
  await net.run('host', open);
});

test('missing-masquerade: the rule was deleted that lets the host ask a published port at 127.0.0.1', async () => {
  const itself = { from: 'host', to: '127.0.0.1', port: 8080 };
  await docker.serving(itself);
  const local = (await net.run('host', 'iptables -t nat -S POSTROUTING'))
    .split('\n')
    .filter((rule) => rule.includes('--src-type LOCAL'));
  expect(local.length).toBeGreaterThan(0);
  for (const rule of local) await net.run('host', `iptables -t nat ${rule.replace('-A', '-D')}`);
  const diagnosis = await docker.expectCause(itself, 'missing-masquerade');
  expect(diagnosis.causes[0]).toMatchObject({
    namespace: 'host',
    params: { source: '127.0.0.1', network: 'front' },
  });
  await docker.mendAndUndo(itself, diagnosis);
});
