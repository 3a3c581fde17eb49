import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { brief } from '../support/cause-case.ts';
import { dockerCase, SERVER, type DockerCase } from '../support/docker-case.ts';
import { startEngine } from '../support/docker.ts';

let docker: DockerCase;

beforeAll(async () => {
  docker = dockerCase(await startEngine());
  await docker.engine.docker('network create front');
  await docker.run('db', '--network front --network-alias storage', SERVER);
});
afterAll(() => docker.engine.close());
afterEach(() => docker.engine.docker('rm -f web'));

const asked = { from: 'web', to: 'storage', port: 80 };

test('an alias is asked of the engine’s resolver, through the rules that lead to it', async () => {
  await docker.run('web', '--network front');
  await docker.serving(asked);
  const { legs } = await docker.ask(asked);
  expect(legs.map(({ kind, flow, forward }) => [kind, flow.to, flow.protocol, forward.disposition])).toEqual([
    ['dns', '127.0.0.11', 'udp', 'delivered'],
    ['direct', expect.any(String), 'tcp', 'delivered'],
  ]);
  expect(
    legs[0]?.forward.hops.flatMap(({ steps }) => steps.map(({ kind }) => kind)),
    'Docker rewrites the port on which its resolver is asked',
  ).toContain('translate');
});

test('resolver-unreachable: the engine knows the name, and the container cannot hear it', async () => {
  const web = await docker.run('web', '--network front');
  await docker.serving(asked);
  const pid = await docker.engine.docker(['inspect', '-f', '{{.State.Pid}}', web]);
  await execa('nsenter', ['-t', pid, '-n', 'iptables', '-t', 'nat', '-F']);
  const diagnosis = await docker.expectCause(asked, 'resolver-unreachable');
  expect(diagnosis.probe.outcome).toBe('name-unresolved');
  expect(
    diagnosis.legs.map(({ kind, forward }) => [kind, forward.disposition]),
    brief(diagnosis),
  ).toEqual([['dns', 'refused']]);
});
