import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLiveSource } from '../../../diagnostics/collect/live-source.ts';
import { openMachine } from '../../../diagnostics/host/local-machine.ts';
import { applyFixes, undoSteps } from '../../../diagnostics/question/apply.ts';
import { stepRunner } from '../../../diagnostics/question/run-step.ts';
import { ask, brief } from '../../support/cause-case.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';

const ASKED = { from: 'netns:client', to: '10.0.1.1', port: 8080 };

let net: TestNetwork;
/** client – gateway with Docker's own relay on port 8080 – server on port 80. */
beforeEach(async () => {
  net = await buildNetwork();
  await net.namespaces('client', 'gateway', 'server');
  await net.wire('client/eth0 10.0.1.2/24', 'gateway/gc 10.0.1.1/24');
  await net.wire('server/eth0 10.0.2.2/24', 'gateway/gs 10.0.2.1/24');
  await net.listen('server', { protocol: 'tcp', port: 80 });
});
afterEach(() => net.close());

async function relay(to: string, port: number, protocol: 'tcp' | 'udp' = 'tcp'): Promise<void> {
  const { stdout } = await execa('sh', [
    '-c',
    'command -v docker-proxy || ls /usr/libexec/docker/docker-proxy',
  ]);
  await net.spawn('gateway', [
    // It tells its engine by descriptor 3 that it is ready.
    ...[
      'sh',
      '-c',
      'exec "$0" "$@" 3>/dev/null',
      stdout.trim(),
      '-proto',
      protocol,
      '-host-ip',
      '10.0.1.1',
      '-host-port',
      '8080',
    ],
    ...['-container-ip', to, '-container-port', String(port)],
  ]);
  await expect.poll(() => net.run('gateway', 'ss -Hlntu')).toContain('10.0.1.1:8080');
}

test('healthy: a relay without any engine is followed to what is behind it', async () => {
  await relay('10.0.2.2', 80);
  const diagnosis = await ask(ASKED);
  expect([diagnosis.verdict, diagnosis.causes, diagnosis.probe.agrees], brief(diagnosis)).toEqual([
    'reachable',
    [],
    true,
  ]);
  expect(diagnosis.legs.map(({ kind, flow }) => [kind, flow.to, flow.port])).toEqual([
    ['direct', '10.0.1.1', 8080],
    ['relay', '10.0.2.2', 80],
  ]);
});

test('relay-backend-dead: nothing listens behind it', async () => {
  await relay('10.0.2.2', 81);
  const diagnosis = await ask(ASKED);
  expect([diagnosis.verdict, diagnosis.probe.outcome, diagnosis.probe.agrees], brief(diagnosis)).toEqual([
    'unreachable',
    'closed-early',
    true,
  ]);
  expect(diagnosis.causes.map(({ id, namespace, certainty }) => [id, namespace, certainty])).toEqual([
    ['relay-backend-dead', 'netns:server', 'certain'],
  ]);
  const [cause] = diagnosis.causes;
  expect(cause?.params).toMatchObject({
    relay: 'docker-proxy',
    relayPlace: 'netns:gateway',
    relayPort: 8080,
    relayTarget: '10.0.2.2:81',
    because: 'no-listener',
  });
  expect(cause?.summary).toContain('Nothing listens on tcp port 81 in netns:server');
  expect(cause?.fixes[0]).toMatchObject({ proven: true, steps: [] });
  await net.listen('server', { protocol: 'tcp', port: 81 });
  expect((await ask(ASKED)).verdict).toBe('reachable');
});

test('relay-backend-dead: a firewall keeps what is behind it silent, while the relay goes on accepting', async () => {
  await relay('10.0.2.2', 80);
  await net.run('server', 'iptables -A INPUT -p tcp --dport 80 -j DROP');
  const diagnosis = await ask(ASKED);
  expect([diagnosis.verdict, diagnosis.probe.outcome, diagnosis.probe.agrees], brief(diagnosis)).toEqual([
    'unreachable',
    'timeout',
    true,
  ]);
  expect(diagnosis.causes.map(({ id, params }) => [id, params['because']])).toEqual([
    ['relay-backend-dead', 'filter-drop'],
  ]);
  expect(diagnosis.causes[0]?.summary).toMatch(/10\.0\.2\.2:80.*table filter, iptables-nft/);
  expect(diagnosis.causes[0]?.fixes[0]?.proven).toBe(true);
  const machine = openMachine();
  const run = stepRunner(machine, await createLiveSource(machine).discover());
  const applied = await applyFixes(diagnosis, { ask: (probe) => ask(ASKED, probe), run });
  expect(applied.outcome, brief(applied.diagnosis)).toBe('works');
  expect(await undoSteps(applied.undo, run)).toBeNull();
  expect((await ask(ASKED)).causes.map(({ id }) => id)).toEqual(['relay-backend-dead']);
});

test('relay-backend-dead: it leads to an address that nobody has any more', async () => {
  await relay('10.0.2.9', 80);
  const diagnosis = await ask(ASKED);
  expect(diagnosis.verdict, brief(diagnosis)).toBe('unreachable');
  expect(diagnosis.probe.agrees).not.toBe(false);
  expect(diagnosis.causes.map(({ id, params }) => [id, params['because']])).toEqual([
    ['relay-backend-dead', 'neighbour-unresolved'],
  ]);
});

test('relay-backend-dead: of a UDP relay, which takes everything, the second way tells', async () => {
  await relay('10.0.2.2', 53, 'udp');
  const diagnosis = await ask({ ...ASKED, protocol: 'udp' });
  expect(diagnosis.verdict, brief(diagnosis)).toBe('unreachable');
  expect(diagnosis.causes.map(({ id, params }) => [id, params['because']])).toEqual([
    ['relay-backend-dead', 'no-listener'],
  ]);
});

test('a service that hangs up by itself is reached through a relay as without one', async () => {
  await net.listen('server', { protocol: 'tcp', port: 82, behaviour: 'hang-up' });
  await relay('10.0.2.2', 82);
  const diagnosis = await ask(ASKED);
  expect([diagnosis.verdict, diagnosis.causes], brief(diagnosis)).toEqual(['reachable', []]);
});
