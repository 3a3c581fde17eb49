import { execa } from 'execa';
import type { HostRoot } from '../../diagnostics/host/machine.ts';
import type { LabServer, LabTopology } from '../format/topology-schema.ts';
import { startEngine } from '../sandbox/engine.ts';
import { startLabHost, type LabHost } from '../sandbox/lab-host.ts';
import { buildLinks, configureNodes } from './build-links.ts';
import { startContainers } from './containers.ts';
import type { LabNode } from './node.ts';
import { startServer } from './server-process.ts';

/** What a command in a node said. */
export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The network of a running lab: real namespaces on real hosts. */
export interface LabNetwork {
  readonly hosts: readonly HostRoot[];
  readonly nodes: ReadonlyMap<string, LabNode>;
  run(node: string, argv: readonly string[]): Promise<Ran>;
  /** A host has ended that nobody removed: somebody killed it. Its name. */
  readonly lost: Promise<string>;
  /** Removes all of it, with every process in it. */
  remove(): Promise<void>;
}

const COMMAND_MILLISECONDS = 20_000;
/** How long a command's last words may come after its end. */
const OUTPUT_MILLISECONDS = 200;

/** @throws Error with the first thing that failed; nothing is left then */
export async function buildNetwork(topology: LabTopology): Promise<LabNetwork> {
  const started = await Promise.allSettled(Object.keys(topology.hosts).map((name) => startLabHost(name)));
  const hosts = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  let removing = false;
  const remove = async (): Promise<void> => {
    removing = true;
    await Promise.all(hosts.map((host) => host.stop()));
  };
  try {
    for (const one of started) if (one.status === 'rejected') throw one.reason;
    const network = await build(topology, hosts);
    const lost = new Promise<string>((resolve) => {
      for (const host of hosts)
        void host.ended.then(() => {
          if (!removing) resolve(host.name);
        });
    });
    return { ...network, lost, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function build(
  topology: LabTopology,
  hosts: readonly LabHost[],
): Promise<Omit<LabNetwork, 'lost' | 'remove'>> {
  const alone = hosts.length === 1;
  const nodes = new Map<string, LabNode>();
  const roots: HostRoot[] = [];
  await Promise.all(
    hosts.map(async (host) => {
      const plan = topology.hosts[host.name];
      if (!plan) return;
      const prefix = alone ? '' : `${host.name}/`;
      const names = Object.keys(plan.namespaces);
      await inHost(host, ['ip', '-batch', '-'], names.map((name) => `netns add ${name}\n`).join(''));
      nodes.set(host.name, {
        name: host.name,
        host: host.name,
        kind: 'host',
        endpoint: `${prefix}host`,
        path: `/proc/${host.pid}/ns/net`,
        enter: host.enter,
      });
      for (const name of names)
        nodes.set(name, {
          name,
          host: host.name,
          kind: 'namespace',
          endpoint: `${prefix}netns:${name}`,
          path: `/proc/${host.pid}/root/run/netns/${name}`,
          enter: [...host.enter, 'nsenter', `--net=/run/netns/${name}`],
        });
      const engine =
        plan.docker === false ? null : await startEngine(host, plan.docker === true ? [] : plan.docker);
      roots.push({ id: host.name, pid: host.pid, engine: engine?.endpoint ?? null });
      for (const [name, container] of await startContainers(host, plan)) {
        nodes.set(name, {
          name,
          host: host.name,
          kind: 'container',
          endpoint: `${prefix}container:${name}`,
          path: `/proc/${host.pid}/root/proc/${container.pid}/ns/net`,
          enter: [...host.enter, 'docker', 'exec', '-i', name],
        });
      }
    }),
  );
  const run: LabNetwork['run'] = (node, argv) => runIn(nodes, node, argv);
  const serve = async (early: boolean): Promise<void> => {
    const servers = topology.processes.filter((one) => one.serve && bindsAnywhere(one.serve) === early);
    await Promise.all(
      servers.map(async ({ node: name, serve: server }) => {
        const node = nodes.get(name);
        if (node && server) await startServer(node, server);
      }),
    );
  };
  await Promise.all([serve(true), buildLinks(topology, nodes).then(() => configureNodes(topology, nodes))]);
  await serve(false);
  for (const { node: name, run: argv } of topology.processes) {
    const node = nodes.get(name);
    if (node && argv) startProcess(node, argv);
  }
  for (const { node, run: argv } of topology.commands) {
    const ran = await run(node, argv);
    if (ran.exitCode !== 0) throw new Error(`${argv.join(' ')} failed in ${node}: ${ran.stderr.trim()}`);
  }
  return { hosts: roots, nodes, run };
}

/** It needs neither an address nor a setting to begin, so it need not wait for them. */
const bindsAnywhere = ({ address }: LabServer): boolean => address === '0.0.0.0';

async function inHost(host: LabHost, argv: readonly string[], input: string): Promise<void> {
  const [file = '', ...rest] = [...host.enter, ...argv];
  await execa(file, rest, { input });
}

async function runIn(
  nodes: ReadonlyMap<string, LabNode>,
  name: string,
  argv: readonly string[],
): Promise<Ran> {
  const node = nodes.get(name);
  if (!node) throw new Error(`this lab has no node ${name}`);
  const [file = '', ...rest] = [...node.enter, ...argv];
  const child = execa(file, rest, {
    reject: false,
    stdin: 'ignore',
    timeout: COMMAND_MILLISECONDS,
    env: { LC_ALL: 'C' },
    maxBuffer: 1_000_000,
  });
  // What it left running in the background may hold its output open: that is no longer ours to wait for.
  child.once('exit', () =>
    setTimeout(() => {
      child.stdout.destroy();
      child.stderr.destroy();
    }, OUTPUT_MILLISECONDS).unref(),
  );
  const { exitCode, stdout, stderr } = await child;
  return { exitCode: exitCode ?? -1, stdout, stderr };
}

/** It ends with its host. */
function startProcess(node: LabNode, argv: readonly string[]): void {
  const [file = '', ...rest] = [...node.enter, ...argv];
  void execa(file, rest, { reject: false, cleanup: false, stdio: 'ignore' });
}
