import { afterAll, beforeAll, expect, test } from 'vitest';
import { openMachine } from '../../diagnostics/host/local-machine.ts';
import type { Machine, Place } from '../../diagnostics/host/machine.ts';
import { buildNetwork, type TestNetwork } from '../support/network.ts';

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

test('several commands of one process answer each for itself', async () => {
  const outputs = await machine.runAll(place, {
    commands: [
      { argv: ['ip', '-br', 'addr'] },
      { argv: ['cat'], stdin: 'a\n\nb\\n%s $(id) \'"' },
      { argv: ['sh', '-c', 'echo out; echo err >&2; exit 3'] },
      { argv: ['no-such-tool'] },
      { argv: ['cat', '/proc/self/uid_map', '/no such; file'] },
      { argv: ['printf', '%s', 'no line end'] },
      { argv: ['cat'] },
    ],
  });
  expect(outputs[0]?.stdout).toContain('10.0.0.7/32');
  expect(outputs[1]).toMatchObject({ exitCode: 0, stdout: 'a\n\nb\\n%s $(id) \'"' });
  expect(outputs[2]).toMatchObject({ exitCode: 3, stdout: 'out\n', stderr: 'err\n' });
  expect(outputs[3]).toMatchObject({ problem: 'missing-tool' });
  expect(outputs[4]?.exitCode).toBe(1);
  expect(outputs[4]?.stderr).toContain('/no such; file');
  expect(outputs[5]).toMatchObject({ exitCode: 0, stdout: 'no line end' });
  expect(outputs[6]).toMatchObject({ exitCode: 0, stdout: '' });
});

test('a command that hangs does not take the answers before it with it, and does not outlive its script', async () => {
  const outputs = await machine.runAll(place, {
    commands: [{ argv: ['echo', 'first'] }, { argv: ['sleep', '4711'] }, { argv: ['echo', 'never'] }],
    timeoutMilliseconds: 200,
  });
  expect(outputs[0]).toEqual({ exitCode: 0, stdout: 'first\n', stderr: '' });
  expect(outputs[1]?.problem).toBe('timeout');
  expect(outputs[2]).toMatchObject({ problem: 'timeout', stdout: '' });
  expect(await net.run('host', 'ps -eo args')).not.toContain('sleep 4711');
});

test('a question that is taken back ends, and says so', async () => {
  const abort = new AbortController();
  const running = machine.run(place, { argv: ['sleep', '30'], signal: abort.signal });
  abort.abort();
  expect((await running).problem).toBe('cancelled');
});
