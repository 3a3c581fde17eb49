import { readFileSync } from 'node:fs';
import type { FoundNamespace, Place } from '../host/machine.ts';
import { absent, denied, known, type Fact } from '../model/fact.ts';
import type { NamespaceFacts } from '../model/namespace.ts';
import type { SocketProgram } from '../model/socket-program.ts';
import { numberField, objects, parseJson, stringField, type JsonObject } from '../host/external-json.ts';
import { lookAtCgroups, lookAtNamespaces } from './native/attached-to-sockets.ts';
import { cgroupPaths } from './native/cgroup-paths.ts';
import { damaged, needsPrivileges, refusal, type ReadContext } from './read-context.ts';

const WHAT = 'eBPF programs of sockets';

type Attached = SocketProgram & {
  /** Programs of the cgroups above run beside it (BPF_F_ALLOW_MULTI); else the nearest one alone does. */
  readonly beside: boolean;
};

/** What `bpftool cgroup tree` lists: the programs of each cgroup, by its path below the root of the hierarchy. */
export type CgroupPrograms = ReadonlyMap<string, readonly Attached[]>;

type Meeting = Pick<SocketProgram, 'at' | 'family' | 'protocol'>;

/**
 * Ways to be attached (enum bpf_attach_type) by which a program may refuse, change or throw away what goes between two sockets, in
 * the words of bpftool since 7.0, without `cgroup_`, and before. Not among them: devices, sysctls and socket options; what is asked
 * at bind(), which is past; names of peers and the source of a datagram that is fetched, which only change what a program is told.
 */
const MEETINGS: Readonly<Record<string, Meeting>> = {
  inet_ingress: { at: 'ingress' },
  inet_egress: { at: 'egress' },
  inet_sock_create: { at: 'call' },
  inet4_connect: { at: 'call', family: 4 },
  inet6_connect: { at: 'call', family: 6 },
  udp4_sendmsg: { at: 'call', family: 4, protocol: 'udp' },
  udp6_sendmsg: { at: 'call', family: 6, protocol: 'udp' },
};

const OLDER_WORDS: Readonly<Record<string, string>> = {
  ingress: 'inet_ingress',
  egress: 'inet_egress',
  sock_create: 'inet_sock_create',
  connect4: 'inet4_connect',
  connect6: 'inet6_connect',
  sendmsg4: 'udp4_sendmsg',
  sendmsg6: 'udp6_sendmsg',
};

/** Of a program that hooks a decision of the kernel's (BPF_LSM_CGROUP), by the hook; null: not one about packets. */
function meetingOfHook(hook: string): Meeting | null {
  if (hook === '' || /socket_(?:create|post_create|connect|sendmsg)$/.test(hook)) return { at: 'call' };
  return /inet_conn_request$|sock_rcv_skb$/.test(hook) ? { at: 'ingress' } : null;
}

function meetingOf(record: JsonObject): Meeting | null {
  const type = (stringField(record, 'attach_type') ?? '').replace(/^cgroup_/, '');
  if (type === 'lsm_cgroup') return meetingOfHook(stringField(record, 'attach_btf_name') ?? '');
  const word = OLDER_WORDS[type] ?? type;
  return Object.hasOwn(MEETINGS, word) ? (MEETINGS[word] ?? null) : null;
}

/** Null where it is none. `root`: where the hierarchy is mounted. */
export function parseCgroupPrograms(text: string, root: string): CgroupPrograms | null {
  const records = parseJson(text);
  if (!Array.isArray(records)) return null;
  return new Map(
    objects(records).flatMap((record) => {
      const cgroup = stringField(record, 'cgroup');
      if (cgroup === undefined || !`${cgroup}/`.startsWith(root === '/' ? root : `${root}/`)) return [];
      const programs = objects(record['programs']).flatMap((program) => attached(program, cgroup));
      const path = cgroup.slice(root.length);
      return programs.length === 0 ? [] : [[path === '' ? '/' : path, programs] as const];
    }),
  );
}

function attached(record: JsonObject, cgroup: string): Attached[] {
  const meeting = meetingOf(record);
  const id = numberField(record, 'id');
  if (meeting === null || id === undefined) return [];
  return [
    {
      ...meeting,
      id,
      name: stringField(record, 'name') ?? '',
      type: stringField(record, 'attach_type') ?? '',
      cgroup,
      beside: stringField(record, 'attach_flags') === 'multi',
    },
  ];
}

/** compute_effective_progs() of kernel/bpf/cgroup.c: from the cgroup upwards; above the nearest ones only what runs beside others. */
export function effectivePrograms(programs: CgroupPrograms, cgroup: string): readonly SocketProgram[] {
  const found: SocketProgram[] = [];
  for (const path of upwards(cgroup)) {
    const seen = new Set(found.map(({ type }) => type));
    for (const { beside, ...program } of programs.get(path) ?? [])
      if (beside || !seen.has(program.type)) found.push(program);
  }
  return found;
}

/** `/a/b`, `/a`, `/` */
function upwards(cgroup: string): readonly string[] {
  const parts = cgroup.split('/').filter((part) => part !== '');
  return [...parts.map((_part, at) => `/${parts.slice(0, parts.length - at).join('/')}`), '/'];
}

/** Of `bpftool -j link show`: what chooses among the sockets of one network namespace, told by its inode (BPF_SK_LOOKUP). */
export const parseLookupPrograms = (text: string, inode: number): readonly SocketProgram[] =>
  objects(parseJson(text)).flatMap((record): SocketProgram[] => {
    const id = numberField(record, 'prog_id');
    const own = numberField(record, 'netns_ino') === inode;
    return own && id !== undefined && stringField(record, 'attach_type') === 'sk_lookup'
      ? [{ at: 'lookup', id, name: '', type: 'sk_lookup' }]
      : [];
  });

/** The hierarchy of version 2, where bpftool looks for it: the first in /proc/mounts. Null: there is none. */
export const cgroupRoot = (mounts: string): string | null =>
  /^\S+ (\S+) cgroup2 /m.exec(mounts)?.[1]?.replaceAll('\\040', ' ') ?? null;

/** From /proc/PID/cgroup: `0::/system.slice/ssh.service`. */
const ownCgroup = (pid: string): string => /^0::(\/.*)$/m.exec(textOf(`/proc/${pid}/cgroup`))?.[1] ?? '/';

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

interface Listings {
  readonly groups: CgroupPrograms;
  readonly links: string;
}

const listed = new WeakMap<ReadContext, Map<string, Promise<Fact<Listings>>>>();

/** Once for all namespaces of a host that are read together: programs of cgroups are the whole machine's. */
function readListings(context: ReadContext, { host, id }: FoundNamespace): Promise<Fact<Listings>> {
  const ofHost = listed.get(context) ?? new Map<string, Promise<Fact<Listings>>>();
  listed.set(context, ofHost);
  const seen = ofHost.get(host);
  if (seen) return seen;
  const asked = askListings(context, { host, namespace: id });
  ofHost.set(host, asked);
  return asked;
}

async function askListings({ machine, signal }: ReadContext, place: Place): Promise<Fact<Listings>> {
  const root = cgroupRoot(textOf('/proc/self/mounts'));
  const own = await machine.within(place, ({ calls }) => ({
    tree: root === null ? 'none' : lookAtCgroups(calls, root),
    links: lookAtNamespaces(calls),
  }));
  if (own?.value.tree === 'not-permitted' || own?.value.links === 'not-permitted')
    return needsPrivileges(WHAT);
  const run = (argv: readonly string[]) => machine.run(place, { argv, ...(signal ? { signal } : {}) });
  const [tree, links] = await Promise.all([
    root === null || own?.value.tree === 'none' ? null : run(['bpftool', '-j', 'cgroup', 'tree', root]),
    own?.value.links === 'none' ? null : run(['bpftool', '-j', 'link', 'show']),
  ]);
  if (tree?.problem === 'missing-tool' || links?.problem === 'missing-tool') return denied(NO_BPFTOOL);
  // bpftool says in its output why it has none.
  const said = `${tree?.stdout ?? ''}${tree?.stderr ?? ''}${links?.stdout ?? ''}`;
  if (/"error":"[^"]*not permitted/i.test(said)) return needsPrivileges(WHAT);
  // A kernel without them cannot have attached any.
  if (/"error":"[^"]*(?:invalid argument|not mounted|isn't mounted)/i.test(said)) return absent;
  const refused = tree === null ? null : refusal(tree, WHAT, 'bpftool');
  if (refused) return refused;
  const groups = tree === null || root === null ? new Map() : parseCgroupPrograms(tree.stdout, root);
  return groups === null ? damaged(WHAT, 'bpftool') : known({ groups, links: links?.stdout ?? '' });
}

const NO_BPFTOOL =
  'The eBPF programs of sockets could not be read, because bpftool is not installed: sudo apt-get install bpftool.';

/** Where a namespace was found by a process that lives in it. */
const residentOf = ({ path }: FoundNamespace): string => /^\/proc\/(\d+)\/ns\/net$/.exec(path)?.[1] ?? 'self';

/** What meets the packets of those who live in a namespace, and of who asks: the probe is sent by this very process. */
export async function readSocketPrograms(
  context: ReadContext,
  namespace: FoundNamespace,
): Promise<Pick<NamespaceFacts, 'socketPrograms'>> {
  const fact = await readListings(context, namespace);
  if (fact.state !== 'known') return { socketPrograms: fact };
  const { groups, links } = fact.value;
  const cgroups = new Set([ownCgroup(residentOf(namespace)), ownCgroup('self')]);
  const all = [...cgroups].flatMap((cgroup) => effectivePrograms(groups, cgroup));
  const each = new Map(
    all.map((program) => [`${program.id} ${program.type} ${program.cgroup ?? ''}`, program]),
  );
  return { socketPrograms: known([...each.values(), ...parseLookupPrograms(links, namespace.inode)]) };
}

/** What meets the packets of a socket by the cgroup that it lies in; none where nobody may look. */
export interface ProgramsOfSocket {
  /** By the cgroup's path below the root of the hierarchy. */
  at(path: string): readonly SocketProgram[];
  /** By the cgroup's id. */
  in(id: bigint): readonly SocketProgram[];
}

/** Of bpftool-cgroup(8)'s listing; where that cannot be had, no socket has any. */
export async function programsOfSocket(
  context: ReadContext,
  namespace: FoundNamespace,
): Promise<ProgramsOfSocket> {
  const fact = await readListings(context, namespace);
  const groups: CgroupPrograms = fact.state === 'known' ? fact.value.groups : new Map();
  const root = groups.size === 0 ? null : cgroupRoot(textOf('/proc/self/mounts'));
  let paths: ReadonlyMap<bigint, string> | undefined;
  const at = (path: string | undefined): readonly SocketProgram[] =>
    path === undefined ? [] : effectivePrograms(groups, path);
  return { at, in: (id) => (root === null ? [] : at((paths ??= cgroupPaths(root)).get(id))) };
}
