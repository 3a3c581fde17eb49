import { execa } from 'execa';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { parseJson } from '../../diagnostics/host/external-json.ts';
import {
  endProcesses,
  furnishNamespaces,
  hostDevices,
  removeNamespaces,
  runCommand,
  startCommand,
  startServer,
  type ServerOptions,
} from './agent.ts';

/**
 * A real network for one test: namespaces, wires, addresses, servers. Made only in a sandbox (test/support/sandboxed.sh),
 * and gone after `close()`.
 *
 * ```ts
 * await using net = await buildNetwork();
 * await net.namespaces('red', 'router');
 * await net.wire('red/eth0 10.0.1.2/24', 'router/r0 10.0.1.1/24');
 * await net.run('red', 'ip route add default via 10.0.1.1');
 * await net.listen('red', { protocol: 'tcp', port: 80 });
 * ```
 */
export interface TestNetwork extends AsyncDisposable {
  /** Makes named namespaces with `lo` up. */
  namespaces(...names: string[]): Promise<void>;
  /** Gives a namespace another name; null takes its name away, and a descriptor alone keeps it. */
  rename(from: string, to: string | null): Promise<void>;
  /** Takes a namespace's name away; a socket alone keeps it, which nobody can see. */
  hide(name: string): Promise<void>;
  /** A process alone in a new, nameless namespace with `lo` up; its PID. */
  nameless(): Promise<number>;
  /** A veth pair, both ends up. An end is `NAMESPACE/DEVICE [ADDRESS…]`. */
  wire(a: string, b: string): Promise<void>;
  /** A bridge, up: `NAMESPACE/DEVICE [ADDRESS…]`, and the devices of that namespace that become its ports. */
  bridge(end: string, ...ports: string[]): Promise<void>;
  /** Runs a command in a namespace (`host`: the sandbox's own); a string is split at blanks. Its standard output. */
  run(namespace: string, command: string | readonly string[], stdin?: string): Promise<string>;
  /** A real server in a namespace; ready to answer when the promise resolves. */
  listen(namespace: string, options: ServerOptions): Promise<Server>;
  /** Ends the server that `listen` started on a port of a namespace. */
  stop(namespace: string, protocol: 'tcp' | 'udp', port: number): Promise<void>;
  /** A process that stays until `close()`; its PID in the sandbox. */
  spawn(namespace: string, command: string | readonly string[]): Promise<number>;
  close(): Promise<void>;
}

/** A server in a namespace. */
export interface Server {
  readonly pid: number;
  stop(): Promise<void>;
}

/** A network that lives by a socket alone: no process is in it, and no descriptor shows it (setns(2), CLONE_NEWNET). */
const KEEP_BY_A_SOCKET = `
import ctypes, os, socket, sys, time
libc = ctypes.CDLL(None, use_errno=True)
def enter(descriptor):
    if libc.setns(descriptor, 0x40000000) != 0:
        raise OSError(ctypes.get_errno(), 'setns')
own, other = os.open('/proc/self/ns/net', os.O_RDONLY), os.open(sys.argv[1], os.O_RDONLY)
enter(other)
held = socket.socket()
enter(own)
os.close(own)
os.close(other)
print('ready', flush=True)
time.sleep(1000000)
`;

/** Throws outside of a sandbox: a test must never touch the machine's own network. */
export function assertSandboxed(): void {
  const map = readFileSync('/proc/self/uid_map', 'utf8').trim().split(/\s+/);
  if (map[0] === '0' && map[1] === '0' && Number(map[2]) > 65536)
    throw new Error(
      'Kernel tests change the network: run them by test/support/sandboxed.sh npx vitest run --project kernel',
    );
}

const words = (command: string | readonly string[]): readonly string[] =>
  typeof command === 'string' ? command.trim().split(/\s+/) : command;

/** `red/eth0 10.0.0.1/24 fd00::1/64` → its parts. */
function parseEnd(end: string): { namespace: string; device: string; addresses: readonly string[] } {
  const [place = '', ...addresses] = words(end);
  const [namespace, device] = place.split('/');
  if (!namespace || !device) throw new Error(`An end is NAMESPACE/DEVICE [ADDRESS…], not: ${end}`);
  return { namespace, device, addresses };
}

const hasIpv6 = ({ addresses }: ReturnType<typeof parseEnd>): boolean =>
  addresses.some((address) => address.includes(':'));

/** The hardware address of a device. */
export async function macOf(net: TestNetwork, namespace: string, device: string): Promise<string> {
  const links = parseJson(await net.run(namespace, ['ip', '-j', 'link', 'show', 'dev', device]));
  const [link] = links as readonly { readonly address: string }[];
  if (!link) throw new Error(`no ${device} in ${namespace}`);
  return link.address;
}

export async function buildNetwork(): Promise<TestNetwork> {
  assertSandboxed();
  const named = new Set<string>();
  /** What the agent started; and what waits here. */
  const staying: number[] = [];
  const processes: { pid: number; ended: Promise<unknown> }[] = [];
  const servers = new Map<string, number>();
  const hostLinks = new Set(await hostDevices());
  const hostTables = new Set(await tables());

  /** Of the host's firewall, as `nft` names them: those of iptables are among them. */
  async function tables(): Promise<readonly string[]> {
    return (await runCommand(null, ['nft', 'list', 'tables']))
      .split('\n')
      .filter((line) => line.startsWith('table '));
  }

  const placeOf = (namespace: string): string | null => (namespace === 'host' ? null : namespace);

  const run = (namespace: string, command: string | readonly string[], stdin = ''): Promise<string> =>
    runCommand(placeOf(namespace), words(command), stdin);

  async function spawn(namespace: string, command: string | readonly string[]): Promise<number> {
    const pid = await startCommand(placeOf(namespace), words(command));
    staying.push(pid);
    return pid;
  }

  /** Starts a process that stays, and waits until it says that it is ready. */
  async function keep(file: string, words: readonly string[]): Promise<number> {
    const child = execa(file, words, { reject: false, stdin: 'ignore' });
    const ready = await Promise.race([once(child.stdout, 'data'), child.then(() => null)]);
    if (ready === null || child.pid === undefined) throw new Error(`${file} failed`);
    processes.push({ pid: child.pid, ended: child });
    return child.pid;
  }

  /** The kernel tells IPv6 of a carrier up to a second late; before, it answers no neighbour solicitation. */
  async function operational(namespace: string, device: string): Promise<void> {
    const withCarrierAndNotTold = /LOWER_UP.* state (?!UP|UNKNOWN)/;
    while (withCarrierAndNotTold.test(await run(namespace, `ip -o link show dev ${device}`))) await wait(20);
  }

  const configure = (end: ReturnType<typeof parseEnd>): string =>
    [
      ...end.addresses.map(
        (address) => `addr add ${address} dev ${end.device}${address.includes(':') ? ' nodad' : ''}`,
      ),
      `link set dev ${end.device} up`,
    ].join('\n');

  const network: TestNetwork = {
    run,
    spawn,
    async namespaces(...names) {
      await run('host', 'ip -batch -', names.map((name) => `netns add ${name}`).join('\n'));
      for (const name of names) named.add(name);
      await furnishNamespaces(names);
    },
    async rename(from, to) {
      const path = `/run/netns/${from}`;
      if (to === null) await keep('sh', ['-c', 'exec 3<"$0"; echo ready; exec sleep infinity', path]);
      else {
        await run('host', ['touch', `/run/netns/${to}`]);
        await run('host', ['mount', '--bind', path, `/run/netns/${to}`]);
        named.add(to);
      }
      await removeNamespaces([from]);
      named.delete(from);
    },
    async hide(name) {
      await keep('python3', ['-c', KEEP_BY_A_SOCKET, `/run/netns/${name}`]);
      await removeNamespaces([name]);
      named.delete(name);
    },
    nameless: () =>
      keep('unshare', ['--net', 'sh', '-c', 'ip link set lo up && echo ready && exec sleep infinity']),
    async wire(a, b) {
      const [first, second] = [parseEnd(a), parseEnd(b)];
      const move = (end: typeof first): string => (end.namespace === 'host' ? '' : ` netns ${end.namespace}`);
      await run(
        'host',
        `ip link add name ${first.device}${move(first)} type veth peer name ${second.device}${move(second)}`,
      );
      await Promise.all([first, second].map((end) => run(end.namespace, 'ip -batch -', configure(end))));
      if ([first, second].some(hasIpv6))
        await Promise.all([first, second].map(({ namespace, device }) => operational(namespace, device)));
    },
    async bridge(text, ...ports) {
      const end = parseEnd(text);
      const lines = [
        `link add name ${end.device} type bridge`,
        ...ports.map((port) => `link set dev ${port} master ${end.device}`),
      ];
      await run(end.namespace, 'ip -batch -', [...lines, configure(end)].join('\n'));
      // A bridge has a carrier once a port has.
      if (hasIpv6(end)) for (const device of [...ports, end.device]) await operational(end.namespace, device);
    },
    async listen(namespace, options) {
      const pid = await startServer(placeOf(namespace), options);
      servers.set(`${namespace}/${options.protocol}/${options.port}`, pid);
      staying.push(pid);
      return { pid, stop: () => endProcesses([pid]) };
    },
    async stop(namespace, protocol, port) {
      const pid = servers.get(`${namespace}/${protocol}/${port}`);
      if (pid !== undefined) await endProcesses([pid]);
    },
    async close() {
      for (const { pid } of processes) killIfAlive(pid);
      await Promise.all([endProcesses(staying), ...processes.map(({ ended }) => ended)]);
      await removeNamespaces([...named]);
      // What is left of the host's own devices after the namespaces took their wire ends with them.
      for (const name of await hostDevices())
        if (!hostLinks.has(name))
          await run('host', ['ip', 'link', 'delete', 'dev', name]).catch(() => 'It went with another.');
      for (const table of await tables())
        if (!hostTables.has(table))
          await run('host', ['nft', 'delete', ...table.split(' ')]).catch(() => 'It went with another.');
    },
    [Symbol.asyncDispose]: () => network.close(),
  };
  return network;
}

function killIfAlive(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}
