import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createLiveSource } from '../../../diagnostics/collect/live-source.ts';
import { openMachine } from '../../../diagnostics/host/local-machine.ts';
import { applyFixes } from '../../../diagnostics/question/apply.ts';
import { stepRunner } from '../../../diagnostics/question/run-step.ts';
import { valueOr } from '../../../diagnostics/model/fact.ts';
import { explainQuestion } from '../../../diagnostics/question/explain-question.ts';
import { findFlow, parseQuestion } from '../../../diagnostics/question/question.ts';
import { ask, brief } from '../../support/cause-case.ts';
import { readMachine } from '../../support/mended-facts.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';
import { routedPair } from '../../support/pairs.ts';

const FRONT = '10.0.1.1';
const asked = { from: 'netns:red', to: FRONT, port: 5300, protocol: 'udp' as const };

/** Goes on sending from a port that it keeps, and writes down what it sent and what was answered. */
const SPEAKER = `
const { appendFileSync } = require('node:fs');
const socket = require('node:dgram').createSocket('udp4');
socket.on('message', () => appendFileSync(process.argv[1], 'answered\\n'));
socket.on('error', () => {});
socket.bind(5555, () => socket.connect(5300, '${FRONT}', () => setInterval(() => {
  socket.send('hello', () => appendFileSync(process.argv[1], 'sent\\n'));
}, 50)));`;

interface Speaker {
  /** Whether what it sends from now on is answered. */
  heard(): Promise<boolean>;
}

async function speakFrom(net: TestNetwork, namespace: string): Promise<Speaker> {
  const log = join(await mkdtemp(join(tmpdir(), 'speaker-')), 'log');
  await writeFile(log, '');
  await net.spawn(namespace, [process.execPath, '-e', SPEAKER, log]);
  const lines = async (word: string): Promise<number> =>
    (await readFile(log, 'utf8')).split('\n').filter((line) => line === word).length;
  return {
    async heard() {
      const before = { sent: await lines('sent'), answered: await lines('answered') };
      // The first of them may have been under way before.
      await expect.poll(() => lines('sent')).toBeGreaterThan(before.sent + 5);
      return (await lines('answered')) > before.answered + 1;
    },
  };
}

/** red asks the router's UDP port 5300, which the router forwards to a server behind it. */
async function published(net: TestNetwork): Promise<void> {
  await net.namespaces('red', 'router', 'blue', 'green');
  await net.wire('red/eth0 10.0.1.2/24', 'router/ra 10.0.1.1/24');
  await net.wire('blue/eth0 10.0.2.2/24', 'router/rb 10.0.2.1/24');
  await net.wire('green/eth0 10.0.3.2/24', 'router/rc 10.0.3.1/24');
  await net.run('red', 'ip route add default via 10.0.1.1');
  await net.run('blue', 'ip route add default via 10.0.2.1');
  await net.run('green', 'ip route add default via 10.0.3.1');
  await net.run('router', 'sysctl -w net.ipv4.ip_forward=1');
  for (const server of ['blue', 'green']) await net.listen(server, { protocol: 'udp', port: 53 });
}

const forwardTo = async (net: TestNetwork, target: string): Promise<void> => {
  await net.run('router', 'iptables -t nat -F PREROUTING');
  await net.run(
    'router',
    `iptables -t nat -A PREROUTING -d ${FRONT} -p udp --dport 5300 -j DNAT --to-destination ${target}:53`,
  );
};

test('stale-conntrack: a sender that keeps its port still goes to where the service was', async () => {
  await using net = await buildNetwork();
  await published(net);
  await forwardTo(net, '10.0.2.2');
  const speaker = await speakFrom(net, 'red');
  expect(await speaker.heard()).toBe(true);
  const healthy = await ask(asked);
  expect([healthy.verdict, healthy.causes], brief(healthy)).toEqual(['reachable', []]);

  // The service moves; who asks for the first time finds it, who asked before does not.
  await forwardTo(net, '10.0.3.2');
  await net.stop('blue', 'udp', 53);
  expect(await speaker.heard()).toBe(false);
  const broken = await ask(asked);
  expect(broken.verdict, brief(broken)).toBe('partial');
  expect(
    broken.causes.map(({ id, namespace, certainty }) => [id, namespace, certainty]),
    brief(broken),
  ).toEqual([['stale-conntrack', 'netns:router', 'certain']]);
  const [cause] = broken.causes;
  expect(cause?.params).toMatchObject({ source: '10.0.1.2:5555', target: '10.0.2.2:53' });
  expect(cause?.fixes[0]?.proven).toBe(true);
  expect(cause?.fixes[0]?.steps[0]?.argv.slice(0, 2)).toEqual(['conntrack', '-D']);

  const machine = openMachine();
  const run = stepRunner(machine, await createLiveSource(machine).discover());
  const applied = await applyFixes(broken, { ask: (probe) => ask(asked, probe), run });
  expect(applied.problem).toBeNull();
  expect(applied.outcome, brief(applied.diagnosis)).toBe('works');
  expect(await speaker.heard()).toBe(true);
});

test('a connection that began before the port was published keeps coming to the host itself', async () => {
  await using net = await buildNetwork();
  await published(net);
  // Connections are followed, and this one is to the router, which has nothing there.
  await net.run('router', 'iptables -t nat -A PREROUTING -d 203.0.113.1 -j DNAT --to-destination 10.0.2.2');
  await net.run('router', 'iptables -A OUTPUT -p icmp --icmp-type port-unreachable -j DROP');
  const speaker = await speakFrom(net, 'red');
  expect(await speaker.heard()).toBe(false);
  await forwardTo(net, '10.0.2.2');
  expect(await speaker.heard()).toBe(false);
  const broken = await ask(asked);
  expect([broken.verdict, broken.causes.map(({ id }) => id)], brief(broken)).toEqual([
    'partial',
    ['stale-conntrack'],
  ]);
  expect(broken.causes[0]?.fixes[0]?.proven).toBe(true);
});

test('an echo that a router remembers is not why a later one is lost, although a snapshot tells of it', async () => {
  await using net = await buildNetwork();
  await routedPair(net);
  await net.run('router', 'iptables -A FORWARD -m conntrack --ctstate INVALID -j DROP');
  await net.run('red', 'ping -c 1 10.0.2.2');
  await net.run('router', 'ip route add blackhole 10.0.2.2');
  const facts = await readMachine();
  const remembered = facts.namespaces.flatMap(({ facts: { conntrack } }) => valueOr(conntrack, []));
  expect(remembered.map(({ original }) => original.destination)).toContain('10.0.2.2');
  const echo = { from: 'netns:red', to: '10.0.2.2', protocol: 'icmp', port: null } as const;
  const { found } = explainQuestion(facts, findFlow(parseQuestion(echo), facts), new Map());
  expect(found.map(({ finding }) => finding.id)).toEqual(['blackhole-route']);
});
