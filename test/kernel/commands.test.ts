import { closeSync, openSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openMachine } from '../../diagnostics/host/local-machine.ts';
import type { Machine, Place } from '../../diagnostics/host/machine.ts';
import { hoplab } from '../support/command-line.ts';
import { buildNetwork, type TestNetwork } from '../support/network.ts';

/** For what comes before a command that never ends, also on a busy machine (milliseconds). */
const LONG_ENOUGH = 3000;

let net: TestNetwork;
let machine: Machine;
let place: Place;
beforeAll(async () => {
  net = await buildNetwork();
  await net.namespaces('red');
  await net.run('red', 'ip addr add 10.0.0.7/32 dev lo');
  machine = openMachine();
  const { namespaces } = await machine.scan();
  const red = namespaces.find(({ names }) => names.some((name) => name.type === 'netns'));
  place = { host: 'machine', namespace: red?.id ?? '' };
});
afterAll(() => net.close());

test('what --apply cannot mend, and what is declined, is told once', async () => {
  const unserved = await hoplab(['why', 'netns:red', '10.0.0.7:80', '--apply']);
  expect(unserved.stdout.match(/Not reachable/g)).toHaveLength(1);
  expect(unserved.stderr).toContain('nothing that a command could mend');
  await net.run('red', 'iptables -A INPUT -p icmp -j DROP');
  const declined = await hoplab(['why', 'netns:red', '10.0.0.7', '--apply'], { answers: ['n'] });
  expect(declined.stdout.match(/Not reachable/g)).toHaveLength(1);
  const asData = await hoplab(['why', 'netns:red', '10.0.0.7', '--apply', '--json'], { answers: ['n'] });
  expect(JSON.parse(asData.stdout)).toMatchObject({ verdict: 'unreachable' });
});

test('several commands of one process answer each for itself', async () => {
  const outputs = await machine.runAll({
    commands: [
      { place, argv: ['ip', '-br', 'addr'] },
      { place: { host: 'machine', namespace: 'machine/1' }, argv: ['ip', '-br', 'addr'] },
      { place: { host: 'machine', namespace: null }, argv: ['ip', '-br', 'addr'] },
      { place, argv: ['cat'], stdin: 'a\n\nb\\n%s $(id) \'"' },
      { place, argv: ['sh', '-c', 'echo out; echo err >&2; exit 3'] },
      { place, argv: ['no-such-tool'] },
      { place, argv: ['cat', '/proc/self/uid_map', '/no such; file'] },
      { place, argv: ['printf', '%s', 'no line end'] },
      { place, argv: ['cat'] },
    ],
  });
  expect(outputs[0]?.stdout).toContain('10.0.0.7/32');
  expect(outputs[1]?.problem).toBe('namespace-gone');
  expect(outputs[2]).toMatchObject({
    exitCode: 0,
    stdout: expect.not.stringContaining('10.0.0.7') as unknown,
  });
  expect(outputs[3]).toMatchObject({ exitCode: 0, stdout: 'a\n\nb\\n%s $(id) \'"' });
  expect(outputs[4]).toMatchObject({ exitCode: 3, stdout: 'out\n', stderr: 'err\n' });
  expect(outputs[5]).toMatchObject({ problem: 'missing-tool' });
  expect(outputs[6]?.exitCode).toBe(1);
  expect(outputs[6]?.stderr).toContain('/no such; file');
  expect(outputs[7]).toMatchObject({ exitCode: 0, stdout: 'no line end' });
  expect(outputs[8]).toMatchObject({ exitCode: 0, stdout: '' });
});

test('a command that hangs does not take the answers before it with it, and does not outlive its script', async () => {
  const outputs = await machine.runAll({
    commands: [
      ['echo', 'first'],
      ['sleep', '4711'],
      ['echo', 'never'],
    ].map((argv) => ({ place, argv })),
    timeoutMilliseconds: LONG_ENOUGH,
  });
  expect(outputs[0]).toEqual({ exitCode: 0, stdout: 'first\n', stderr: '' });
  expect(outputs[1]?.problem).toBe('timeout');
  expect(outputs[2]).toMatchObject({ problem: 'timeout', stdout: '' });
  expect(await net.run('host', 'ps -eo args')).not.toContain('sleep 4711');
});

test('what is asked of several places is answered for each, in the order asked', async () => {
  const host: Place = { host: 'machine', namespace: null };
  const outputs = await machine.runAll({
    commands: [
      { place, argv: ['cat', '/proc/net/dev_mcast', '/no such; file'] },
      { place: host, argv: ['echo', 'first of the host'] },
      { place, argv: ['cat'], stdin: 'second of red' },
      { place: host, argv: ['no-such-tool'] },
    ],
  });
  expect(outputs[0]?.exitCode).toBe(1);
  expect(outputs.slice(1, 3).map(({ stdout }) => stdout)).toEqual(['first of the host\n', 'second of red']);
  expect(outputs[3]?.problem).toBe('missing-tool');
});

test('what hangs in one of several places does not outlive its script', async () => {
  const outputs = await machine.runAll({
    commands: [
      { place: { host: 'machine', namespace: null }, argv: ['echo', 'first'] },
      { place, argv: ['echo', 'second'] },
      { place, argv: ['sleep', '4712'] },
    ],
    timeoutMilliseconds: LONG_ENOUGH,
  });
  expect(outputs.map(({ stdout }) => stdout)).toEqual(['first\n', 'second\n', '']);
  expect(outputs[2]?.problem).toBe('timeout');
  expect(await net.run('host', 'ps -eo args')).not.toContain('sleep 4712');
});

test('namespaces are shown by the numbers of their descriptors, and leave nothing behind', async () => {
  const descriptor = openSync('/proc/self/ns/net', 'r');
  const before = await net.run('host', 'ls /run/netns');
  const { stdout } = await machine.run(place, { argv: ['ls', '/var/run/netns'], names: [descriptor] });
  closeSync(descriptor);
  expect(stdout).toBe(`${descriptor}\n`);
  expect(await net.run('host', 'ls /run/netns')).toBe(before);
});

test('a question that is taken back ends, and says so', async () => {
  const abort = new AbortController();
  const running = machine.run(place, { argv: ['sleep', '30'], signal: abort.signal });
  abort.abort();
  expect((await running).problem).toBe('cancelled');
});
