import type { FoundNamespace, Output } from '../host/machine.ts';
import { known } from '../model/fact.ts';
import type { NamespaceFacts } from '../model/namespace.ts';
import type { ListeningSocket } from '../model/socket.ts';
import type { SocketProgram } from '../model/socket-program.ts';
import { isAddress } from '../model/ip.ts';
import { optional } from '../host/external-json.ts';
import { readRelayTarget } from './relay-target.ts';
import { listSockets, type ListedSocket } from './native/socket-listing.ts';
import { socketOwners, type SocketOwners } from './native/socket-owners.ts';
import { onceEach } from './once-each.ts';
import { programsOfSocket, type ProgramsOfSocket } from './socket-programs.ts';
import { damaged, refusal, runIn, type ReadContext } from './read-context.ts';

/** sock_diag by way of ss(8): /proc/net/tcp6 tells neither IPV6_V6ONLY nor the bound device. */
const SOCKET_COMMAND = ['ss', '-l', '-n', '-t', '-u', '-e', '-p'];

/** The same, with what a program asked of its socket; ss knows the option from iproute2 5.10 on. */
const WITH_OPTIONS = [...SOCKET_COMMAND, '--inet-sockopt'];

/** What follows a socket in a line of its own: `\tinet-sockopt: ( is_icsk mc_loop transparent)`. */
const OPTIONS = /\n\tinet-sockopt: \(([^\n)]*)\)/g;

/** `tcp LISTEN 0 128 0.0.0.0%eth0:80 0.0.0.0:* users:(("nc",pid=9,fd=3)) ino:1 sk:1 v6only:1 <->` */
const LINE = /^(tcp|udp)\s+(\S+)\s+(\d+)\s+(\d+)\s+(\S+):(\d+)\s+\S+(.*)$/;

/** Sockets from `ss -lntuep`. A line that is none is left out: a process can put a line break into its name. */
export function parseSockets(
  text: string,
  programsOf: (cgroup: string) => readonly SocketProgram[] = () => [],
): ListeningSocket[] {
  return text
    .replace(OPTIONS, ' inet-sockopt:($1)')
    .split('\n')
    .flatMap((line) => {
      const match = LINE.exec(line);
      if (!match) return [];
      const [, protocol, state, used, limit, local = '', port, rest = ''] = match;
      const [address = '', device] = unbracket(local).split('%');
      // A process chooses its own name, so that what looks like an attribute may be part of it: look behind the names.
      const attributes = rest.slice(rest.lastIndexOf('))') + 1);
      const place = socketAddress(address, /\sv6only:([01])\b/.exec(attributes)?.[1]);
      return [
        {
          protocol: protocol === 'udp' ? 'udp' : 'tcp',
          ...place,
          port: Number(port),
          ...optional('device', device),
          ...optional('transparent', transparency(attributes)),
          ...optional('mark', markOf(attributes)),
          ...optional(
            'backlog',
            protocol === 'tcp' && state === 'LISTEN'
              ? { used: Number(used), limit: Number(limit) }
              : undefined,
          ),
          // ss leaves root's out; where it shows no attributes at all, nobody knows.
          ...optional(
            'owner',
            /\bino:\d+/.test(attributes) ? Number(/\buid:(\d+)/.exec(attributes)?.[1] ?? 0) : undefined,
          ),
          ...optional('process', firstProcess(rest)),
          ...programsIn(attributes, programsOf),
        },
      ];
    });
}

const HIGHEST_PORT = 0xffff;
/** Queues and users are counted in 32 bits: idiag_rqueue, idiag_wqueue and idiag_uid of struct inet_diag_msg. */
const HIGHEST_COUNT = 0xffffffff;

/** What ss prints above its list, also above an empty one. */
const HEADING = /^(?:Netid\s+)?State\s.*\n/;

/** Whether a listing of sockets is less than ss(8) prints: each line ends, and is a socket's, or goes on with a process's name. */
export function isDamagedListing(text: string): boolean {
  if (!HEADING.test(text) || !text.endsWith('\n')) return true;
  let inName = false;
  return text
    .replace(HEADING, '')
    .replace(OPTIONS, '')
    .split('\n')
    .slice(0, -1)
    .some((line) => {
      const understood = inName || isSocket(line);
      inName = (inName || line.includes('users:((')) && !line.includes('))');
      return !understood;
    });
}

function isSocket(line: string): boolean {
  const [, , , used, limit, local = '', port, rest = ''] = LINE.exec(line) ?? [];
  const [address = ''] = unbracket(local).split('%');
  const owner = /\buid:(\d+)/.exec(rest.slice(rest.lastIndexOf('))') + 1))?.[1] ?? 0;
  return (
    (address === '*' || isAddress(address)) &&
    Number(port) <= HIGHEST_PORT &&
    [used, limit, owner].every((count) => Number(count) <= HIGHEST_COUNT)
  );
}

const transparency = (attributes: string): boolean | undefined =>
  /\sinet-sockopt:\(([^)]*)\)/.exec(attributes)?.[1]?.split(' ').includes('transparent');

/** `cgroup:/system.slice/ssh.service` */
function programsIn(
  attributes: string,
  programsOf: (cgroup: string) => readonly SocketProgram[],
): Pick<ListeningSocket, 'programs'> {
  const cgroup = /\scgroup:(\/\S*)/.exec(attributes)?.[1];
  const programs = cgroup === undefined ? [] : programsOf(cgroup);
  return programs.length === 0 ? {} : { programs };
}

const markOf = (attributes: string): number | undefined => {
  const mark = /\sfwmark:(0x[\da-f]+)/.exec(attributes)?.[1];
  return mark === undefined ? undefined : Number(mark);
};

/** ss prints `*` for a `::` that takes IPv4 too, and `[::]` for one that does not. */
function socketAddress(
  text: string,
  v6only: string | undefined,
): Pick<ListeningSocket, 'family' | 'address' | 'v6only'> {
  if (text === '*') return { family: 6, address: '::', v6only: v6only === '1' };
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(text)?.[1];
  if (mapped !== undefined) return { family: 4, address: mapped, v6only: false };
  if (!text.includes(':')) return { family: 4, address: text, v6only: false };
  return { family: 6, address: text, v6only: v6only === undefined ? text === '::' : v6only === '1' };
}

const unbracket = (text: string): string => text.replace(/^\[([^\]]*)\]/, '$1').replace(/\]$/, '');

function firstProcess(text: string): { pid: number; name: string } | undefined {
  const match = /users:\(\("(.*?)",pid=(\d+),fd=\d+\)/.exec(text);
  return match ? { name: match[1] ?? '', pid: Number(match[2]) } : undefined;
}

/** Local ports of `ss -a -n -u`: `ESTAB 0 0 10.0.0.1:5555 10.0.0.2:53`; null where that is no listing. */
export function parseDatagramPorts(text: string): readonly number[] | null {
  const lines = text.replace(HEADING, '').split('\n');
  if (!HEADING.test(text) || lines.pop() !== '') return null;
  const ports = lines.map((line) => Number(/^\S+\s+\d+\s+\d+\s+\S+:(\d+)\s/.exec(line)?.[1]));
  return ports.every((port) => port <= HIGHEST_PORT) ? [...new Set(ports)] : null;
}

/** The sockets that this process lists itself; null where only ss can. */
const readOwn = onceEach(
  async ({ machine }: ReadContext, { host, id: namespace }: FoundNamespace) =>
    (await machine.within({ host, namespace }, listSockets))?.value ?? null,
);

const owners = new WeakMap<ReadContext, SocketOwners>();

/** Processes are the whole machine's: they are looked through once for all namespaces that are read together. */
function ownersFor(context: ReadContext): SocketOwners {
  const seen = owners.get(context) ?? socketOwners();
  owners.set(context, seen);
  return seen;
}

/** Null where the kernel did not tell what is needed. */
function listeningSockets(
  listed: readonly ListedSocket[],
  holders: SocketOwners,
  programsOf: ProgramsOfSocket,
): readonly ListeningSocket[] | null {
  const receiving = listed.filter(({ connected }) => !connected);
  if (receiving.some(({ v6only }) => v6only === undefined)) return null;
  return receiving.map((socket): ListeningSocket => {
    const { protocol, family, address, port, used, limit, owner, inode, device, transparent, cgroup } =
      socket;
    const programs = cgroup === undefined ? [] : programsOf.in(cgroup);
    return {
      protocol,
      family,
      address,
      v6only: socket.v6only === true,
      port,
      ...optional('device', device),
      ...optional('transparent', transparent),
      ...optional('mark', socket.mark === 0 ? undefined : socket.mark),
      ...optional('backlog', protocol === 'tcp' ? { used, limit } : undefined),
      ...optional('signed', socket.signed),
      owner,
      ...optional('process', inode === 0 ? undefined : holders.of(inode)),
      ...(programs.length === 0 ? {} : { programs }),
    };
  });
}

/** Every port of UDP that a socket has, also one that speaks to a single peer alone. */
export async function readDatagramPorts(
  context: ReadContext,
  namespace: FoundNamespace,
): Promise<Partial<NamespaceFacts>> {
  const own = await readOwn(context, namespace);
  if (own) {
    const ports = own.filter(({ protocol }) => protocol === 'udp').map(({ port }) => port);
    return { datagramPorts: known([...new Set(ports)]) };
  }
  const output = await runIn(context, namespace, ['ss', '-a', '-n', '-u']);
  const refused = refusal(output, 'sockets of UDP', 'ss');
  const ports = parseDatagramPorts(output.stdout);
  return { datagramPorts: refused ?? (ports ? known(ports) : damaged('sockets of UDP', 'ss')) };
}

/** Who listens (sock_diag(7), or ss(8) where that is not to be had). */
export async function readSockets(
  context: ReadContext,
  namespace: FoundNamespace,
): Promise<Partial<NamespaceFacts>> {
  const run = (argv: readonly string[]): Promise<Output> => runIn(context, namespace, argv);
  const programs = programsOfSocket(context, namespace);
  const own = await readOwn(context, namespace);
  const sockets = own && listeningSockets(own, ownersFor(context), await programs);
  if (sockets) return { sockets: known(sockets.map(withRelayTarget)) };
  const [asked, programsOf] = await Promise.all([run(WITH_OPTIONS), programs]);
  const tooOld = asked.problem === undefined && asked.exitCode !== 0 && /option/i.test(asked.stderr);
  const output = tooOld ? await run(SOCKET_COMMAND) : asked;
  return {
    sockets:
      refusal(output, 'listening sockets', 'ss') ??
      (isDamagedListing(output.stdout) ? damaged('listening sockets', 'ss') : null) ??
      known(parseSockets(output.stdout, (cgroup) => programsOf.at(cgroup)).map(withRelayTarget)),
  };
}

const withRelayTarget = (socket: ListeningSocket): ListeningSocket => {
  const relaysTo = socket.process ? readRelayTarget(socket.process) : null;
  return relaysTo === null ? socket : { ...socket, relaysTo };
};
