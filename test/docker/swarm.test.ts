import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createLiveSource } from '../../diagnostics/collect/live-source.ts';
import { openLab } from '../../diagnostics/host/local-machine.ts';
import type { Machine } from '../../diagnostics/host/machine.ts';
import type { Diagnosis } from '../../diagnostics/model/diagnosis.ts';
import { applyFixes } from '../../diagnostics/question/apply.ts';
import { stepRunner } from '../../diagnostics/question/run-step.ts';
import { ask as askLive, brief, type Asked } from '../support/cause-case.ts';
import { startEngine, type TestEngine } from '../support/docker.ts';
import { startHost, type TestHost } from '../support/lab-hosts.ts';

/** Two nodes of one swarm, each a real engine in a lab host of its own, on one wire. */
let hosts: readonly TestHost[];
let engines: readonly TestEngine[];
let machine: Machine;

const SERVE = ['busybox', 'httpd', '-f', '-p', '80'];

beforeAll(async () => {
  hosts = [await startHost('n1'), await startHost('n2')];
  const [one, two] = hosts.map(({ root }) => String(root.pid));
  if (one === undefined || two === undefined) throw new Error('two hosts');
  await execa('ip', `link add eth0 netns ${one} type veth peer name eth0 netns ${two}`.split(' '));
  const started: TestEngine[] = [];
  for (const [index, host] of hosts.entries()) {
    await host.run(`ip addr add 10.9.0.${index + 1}/24 dev eth0`);
    await host.run('ip link set eth0 up');
    await host.run(`hostname ${host.root.id}`);
    await ownState(host);
    started.push(
      await startEngine({ enter: ['nsenter', '-t', String(host.root.pid), '-n', '-m', '-p', '-u', '--'] }),
    );
  }
  engines = started;
  const [first, second] = started;
  if (!first || !second) throw new Error('two engines');
  await first.docker('swarm init --advertise-addr 10.9.0.1 --listen-addr 10.9.0.1');
  const token = await first.docker('swarm join-token --quiet worker');
  await second.docker(
    `swarm join --token ${token} --advertise-addr 10.9.0.2 --listen-addr 10.9.0.2 10.9.0.1:2377`,
  );
  await first.docker('network create --driver overlay --attachable mesh');
  const service = ['service', 'create', '--quiet', '--detach', '--no-resolve-image', '--mode', 'global'];
  await first.docker([
    ...[...service, '--name', 'api', '--network', 'mesh', '--endpoint-mode', 'dnsrr', ...SERVE],
  ]);
  await first.docker([
    ...[...service, '--name', 'shop', '--publish', 'published=8089,target=80,mode=host', ...SERVE],
  ]);
  await first.docker([...service, '--name', 'mesh', '--publish', '8090:80', ...SERVE]);
  await first.docker('run -d --name web --network mesh busybox sleep 1000');
  await second.docker(['run', '-d', '--name', 'far', '--network', 'mesh', ...SERVE]);
  machine = openLab(hosts.map(({ root }, index) => ({ ...root, engine: started[index]?.endpoint ?? null })));
  await vi.waitFor(
    async () => {
      for (const engine of started) {
        const running = (await engine.docker('ps --format {{.Names}}')).split('\n');
        expect(running.filter((name) => /^(?:api|shop)\./.test(name))).toHaveLength(2);
      }
    },
    { timeout: 60_000, interval: 500 },
  );
});
afterAll(async () => {
  // What keeps the services of a swarm running ends with its nodes.
  for (const host of hosts) await host[Symbol.asyncDispose]();
});

/** Overlay networks are kept in /var/lib/docker/network/files, whatever the data root: each node needs one of its own. */
async function ownState(host: TestHost): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'node-'));
  for (const name of ['upper', 'work']) await mkdir(join(directory, name));
  const layers = `lowerdir=/var/lib,upperdir=${directory}/upper,workdir=${directory}/work`;
  await host.run(['mount', '-t', 'overlay', 'overlay', '-o', layers, '/var/lib']);
  await host.run('mkdir -p /var/lib/docker');
  await host.run('mount -t tmpfs tmpfs /var/lib/docker');
  await host.run('mkdir -p /var/lib/docker/network/files');
}

const ask = (asked: Asked, probe = true): Promise<Diagnosis> => askLive(asked, probe, machine);

const expectReachable = async (asked: Asked): Promise<Diagnosis> => {
  const diagnosis = await ask(asked);
  expect([diagnosis.verdict, diagnosis.probe.agrees, diagnosis.causes], brief(diagnosis)).toEqual([
    'reachable',
    true,
    [],
  ]);
  return diagnosis;
};

describe('tasks of a swarm on an overlay network', () => {
  test.each([
    ['a container on the other node', { from: 'n1/web', to: 'n2/far', port: 80 }],
    ['and back', { from: 'n2/far', to: 'n1/web' }],
    ['a service by its name: a task on each node', { from: 'n1/web', to: 'api', port: 80 }],
    ['its tasks', { from: 'n2/far', to: 'tasks.api', port: 80 }],
    ['a port that each node publishes for its own task', { from: 'n1/host', to: '10.9.0.2', port: 8089 }],
  ])('%s is reached', async (_what, asked) => {
    await expectReachable(asked);
  });

  test('the way between nodes is the tunnel’s: its packets have ways of their own, there and back', async () => {
    const { legs } = await expectReachable({ from: 'n1/web', to: 'n2/far', port: 80 });
    expect(legs.map(({ kind, forward }) => [kind, forward.disposition])).toEqual([
      ['direct', 'delivered'],
      ['underlay', 'delivered'],
      ['underlay', 'delivered'],
    ]);
  });

  test('tunnel-port-blocked: a node’s firewall lets no VXLAN in; tasks on one node go on', async () => {
    const far = { from: 'n1/web', to: 'n2/far', port: 80 };
    const rule = ['INPUT', '-p', 'udp', '--dport', '4789', '-j', 'DROP'];
    await hosts[1]?.run(['iptables', '-A', ...rule]);
    const diagnosis = await ask(far);
    expect([diagnosis.verdict, diagnosis.causes.map(({ id, host }) => [id, host])], brief(diagnosis)).toEqual(
      ['unreachable', [['tunnel-port-blocked', 'n2']]],
    );
    expect(diagnosis.probe.agrees).toBe(true);
    expect(diagnosis.causes[0]?.fixes[0]?.proven, brief(diagnosis)).toBe(true);
    const [task] = (await engines[0]?.docker('ps --format {{.Names}} --filter name=api'))?.split('\n') ?? [];
    await expectReachable({ from: 'n1/web', to: `n1/${task}`, port: 80 });
    const applied = await applyFixes(diagnosis, {
      ask: (probe) => ask(far, probe),
      run: stepRunner(machine, await createLiveSource(machine).discover()),
    });
    expect([applied.problem, applied.outcome], brief(applied.diagnosis)).toEqual([null, 'works']);
    await hosts[1]?.run(['iptables', '-D', ...rule]);
  });

  test('a port of the routing mesh: this kernel has no IPVS, and the answer is no, as predicted', async () => {
    const diagnosis = await ask({ from: 'n1/host', to: '10.9.0.2', port: 8090 });
    expect([diagnosis.verdict, diagnosis.probe.agrees], brief(diagnosis)).toEqual(['unreachable', true]);
  });
});
