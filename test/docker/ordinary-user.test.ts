import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Diagnosis } from '../../diagnostics/model/diagnosis.ts';
import { buildCommand, type BuiltCommand } from '../support/built-command.ts';
import type { CommandLineResult } from '../support/command-line.ts';
import { dockerCase, SERVER, type DockerCase } from '../support/docker-case.ts';
import { startEngine } from '../support/docker.ts';
import { buildNetwork, type TestNetwork } from '../support/network.ts';

let net: TestNetwork;
let docker: DockerCase;
let command: BuiltCommand;
let socket: string;

beforeAll(async () => {
  command = await buildCommand();
  net = await buildNetwork();
  await net.namespaces('red');
  await net.wire('host/up 10.0.0.1/24', 'red/eth0 10.0.0.2/24');
  docker = dockerCase(await startEngine());
  socket = docker.engine.endpoint.replace('unix://', '');
  await chmod(dirname(socket), 0o755);
  await docker.engine.docker('network create --subnet 10.50.0.0/24 front');
  await docker.run('web', '--network front');
  await docker.run('db', '--network front --publish 8080:80', SERVER);
  await docker.run('sidecar', '--network container:web');
  await docker.run('hostly', '--network host');
  await vi.waitFor(async () => {
    const { verdict } = await docker.ask({ from: 'container:web', to: 'container:db', port: 80 });
    expect(verdict).toBe('reachable');
  }, 60_000);
});
afterAll(async () => {
  await docker.engine.close();
  await net.close();
});

const asUser = (...argv: string[]): Promise<CommandLineResult> =>
  command.run('user', argv, { DOCKER_HOST: docker.engine.endpoint });
const whyAsUser = async (...argv: string[]): Promise<Diagnosis> => {
  const { stdout, stderr } = await asUser('why', ...argv, '--json');
  expect(stderr).toBe('');
  return JSON.parse(stdout) as Diagnosis;
};

describe('a user who may not ask the engine', () => {
  beforeAll(() => chmod(socket, 0o600));

  test.each([
    ['container:web', 'container:db:80'],
    ['web', 'db:80'],
    ['host', 'container:db:80'],
  ])('why %s %s: it cannot be told, and sudo would help', async (from, to) => {
    const { status, stderr, stdout } = await asUser('why', from, to);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^hoplab: The container “(web|db)” cannot be looked up: .*sudo.*\n?$/);
  });

  test('a name that may be a container’s is not said to be unknown', async () => {
    const diagnosis = await whyAsUser('host', 'db:80', '--no-probe');
    expect([diagnosis.verdict, diagnosis.causes]).toEqual(['unknown', []]);
    expect(diagnosis.notes.join('\n')).toMatch(/may not be asked by this user/);
  });

  test('another namespace’s addresses are not taken for missing', async () => {
    const diagnosis = await whyAsUser('host', 'netns:red');
    expect([diagnosis.verdict, diagnosis.causes]).toEqual(['unknown', []]);
    expect(diagnosis.notes[0]).toMatch(/interfaces and routes may only be read by an administrator.*sudo/);
    expect((await asUser('why', 'netns:red', 'host')).status).toBe(2);
  });

  test('what the kernel itself answers is certain all the same', async () => {
    const reached = await whyAsUser('host', '127.0.0.1:8080');
    expect([reached.verdict, reached.probe.outcome]).toEqual(['reachable', 'reply']);
    const refused = await whyAsUser('host', '127.0.0.1:81');
    expect([refused.verdict, refused.probe.outcome]).toEqual(['unreachable', 'refused']);
    // The rules may not be read: what they do with the packet is not certain.
    for (const cause of refused.causes) expect(cause.certainty).not.toBe('certain');
  });

  test('a process of somebody else’s', async () => {
    const { status, stderr } = await asUser('why', 'host', `pid:${process.pid}`);
    expect([status, stderr]).toEqual([2, expect.stringMatching(/Only an administrator.*sudo/)]);
  });

  test('map and snapshot say on standard error what is missing, and how to see it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ordinary-'));
    await chmod(folder, 0o777);
    const file = join(folder, 'snapshot.json');
    for (const argv of [['map'], ['map', '--json'], ['snapshot', '-o', file]]) {
      const { status, stderr } = await asUser(...argv);
      expect(status, stderr).toBe(0);
      expect(stderr).toMatch(/may not look into other network namespaces.*sudo/);
      expect(stderr).toMatch(/The container engine could not be asked.*sudo/s);
    }
    const replayed = await command.run('user', [
      'why',
      'host',
      'netns:red',
      '--from-snapshot',
      file,
      '--json',
    ]);
    expect([replayed.status, (JSON.parse(replayed.stdout) as Diagnosis).causes]).toEqual([2, []]);
  });
});

describe('a user of the docker group', () => {
  beforeAll(() => chmod(socket, 0o666));

  test('a container is there, its network is not to be seen: the missing fact is named', async () => {
    const diagnosis = await whyAsUser('container:web', 'container:db:80');
    expect([diagnosis.verdict, diagnosis.causes]).toEqual(['unknown', []]);
    expect(diagnosis.flow.address).toBe('10.50.0.3');
    expect(diagnosis.probe).toMatchObject({
      outcome: 'not-run',
      detail: expect.stringMatching(/administrator.*sudo/) as unknown,
    });
    expect(diagnosis.notes.join('\n')).toMatch(/The network of this container may only be seen.*sudo/);
    expect(diagnosis.notes.join('\n')).not.toMatch(/another machine/);
  });

  test('from the host the kernel answers for the address that the engine names', async () => {
    const diagnosis = await whyAsUser('host', 'db:80');
    expect([diagnosis.verdict, diagnosis.probe.outcome]).toEqual(['reachable', 'reply']);
    const { stdout } = await asUser('why', 'host', 'db:80');
    expect(stdout).toContain('SEEN UP TO HERE');
    expect(stdout).not.toContain('STOPS HERE');
  });

  test('containers that share a network are one place; one of the host’s network is the host', async () => {
    const map = JSON.parse((await asUser('map', '--json')).stdout) as {
      nodes: { label: string; parent: string | null; id: string; addresses: string[] }[];
    };
    const node = (label: string) => map.nodes.find((one) => one.label === label);
    expect(node('web')?.addresses).toEqual(['10.50.0.2']);
    expect(node('sidecar')?.parent).toBe(node('web')?.id);
    const host = await whyAsUser('container:hostly', '127.0.0.1:8080');
    expect(host.verdict).toBe('reachable');
  });
});
