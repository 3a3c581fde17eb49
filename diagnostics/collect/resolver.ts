import type { FoundNamespace } from '../host/machine.ts';
import { isThereBelow, readFileBelow, type GuardedRead } from '../host/guarded-file.ts';
import { denied, known, type Fact } from '../model/fact.ts';
import type { ResolverFiles, ResolverOptions } from '../model/resolver.ts';
import type { NamespaceFacts } from '../model/namespace.ts';
import { remember } from '../model/remember.ts';
import { optional } from '../host/external-json.ts';
import { isAddress } from '../model/ip.ts';
import type { ReadContext } from './read-context.ts';

const FILES = ['hosts', 'resolv.conf', 'nsswitch.conf'] as const;

/** Where ip-netns(8) looks for files of a name. */
const OVERLAYS = '/etc/netns';

/** Where systemd-resolved writes the servers that it asks itself. */
const UPSTREAM = '/run/systemd/resolve/resolv.conf';

/** Where a process's files can be written, as its host sees them. */
export type WritablePaths = NonNullable<ResolverFiles['files']>;

/** What is the same for all namespaces whose processes have this root directory. */
interface OfRoot {
  readonly files: readonly ReadPlace[];
  readonly upstream: GuardedRead;
  readonly libc: ResolverFiles['libc'] | undefined;
  /** Whether files may be laid over these for some names. */
  readonly overlaid: boolean;
}

async function readRoot(root: string): Promise<OfRoot> {
  const [files, upstream, libc, overlaid] = await Promise.all([
    Promise.all(
      FILES.map(async (file): Promise<ReadPlace> => {
        const path = `/etc/${file}`;
        return { read: await readFileBelow(root, path), path };
      }),
    ),
    readFileBelow(root, UPSTREAM),
    libcIn(root),
    isThereBelow(root, OVERLAYS),
  ]);
  return { files, upstream, libc, overlaid };
}

/** A hundred namespaces of one host share its files: for what is read at one time, once. */
const rootsReadFor = remember<ReadContext, Map<string, Promise<OfRoot>>>(() => new Map());

function readRootOnce(context: ReadContext, root: string): Promise<OfRoot> {
  const roots = rootsReadFor(context);
  const reading = roots.get(root) ?? readRoot(root);
  roots.set(root, reading);
  return reading;
}

/**
 * The files by which a process with this root directory turns names into addresses. With `netns` given, what ip-netns(8) lays
 * over /etc for processes that it starts in that namespace (`/etc/netns/NAME/…`) comes first.
 */
export async function readResolver(
  root: string,
  netns: string | null,
  /** Absent: as the host that this root is of names them. */
  written?: WritablePaths,
  ofRoot = readRoot(root),
): Promise<Fact<ResolverFiles>> {
  const own = await ofRoot;
  if (netns === null || !own.overlaid)
    return written ? resolverOf(own, own.files, written) : ofRootAlone(own);
  const files = await Promise.all(
    FILES.map(async (file, index) => (await readOverlay(root, netns, file)) ?? own.files[index]),
  );
  return resolverOf(own, files, written);
}

/** Most namespaces of a host have no files but the host's. */
const ofRootAlone = remember((own: OfRoot) => resolverOf(own, own.files));

function resolverOf(
  { upstream, libc }: OfRoot,
  [hosts, configuration, order]: readonly (ReadPlace | undefined)[],
  written?: WritablePaths,
): Fact<ResolverFiles> {
  for (const place of [hosts, configuration])
    if (place?.read.state === 'refused')
      return denied(`The files that resolve names could not be read: ${place.read.reason}.`);
  const paths = written ?? {
    ...optional('hosts', hosts?.path),
    ...optional('resolvConf', configuration?.path),
  };
  return known({
    ...parseResolver(textOf(hosts), textOf(configuration), textOf(order)),
    ...optional('libc', libc),
    ...(upstream.state === 'read' ? { upstream: parseResolver(null, upstream.text, null).nameservers } : {}),
    ...(Object.keys(paths).length > 0 ? { files: paths } : {}),
  });
}

/** What programs are linked with is told by the loader that is there: musl's, or glibc's (which wins where both are). */
async function libcIn(root: string): Promise<ResolverFiles['libc'] | undefined> {
  const { glibc, musl } = LOADERS[process.arch] ?? { glibc: [], musl: [] };
  const there = async (paths: readonly string[]): Promise<boolean> =>
    (await Promise.all(paths.map((path) => isThereBelow(root, path)))).includes(true);
  if (await there(glibc)) return 'glibc';
  return (await there(musl)) ? 'musl' : undefined;
}

const LOADERS: Readonly<
  Partial<Record<string, { readonly glibc: readonly string[]; readonly musl: readonly string[] }>>
> = {
  x64: { glibc: ['/lib64/ld-linux-x86-64.so.2'], musl: ['/lib/ld-musl-x86_64.so.1'] },
  arm64: { glibc: ['/lib/ld-linux-aarch64.so.1'], musl: ['/lib/ld-musl-aarch64.so.1'] },
  arm: { glibc: ['/lib/ld-linux-armhf.so.3'], musl: ['/lib/ld-musl-armhf.so.1', '/lib/ld-musl-arm.so.1'] },
  ia32: { glibc: ['/lib/ld-linux.so.2'], musl: ['/lib/ld-musl-i386.so.1'] },
  ppc64: { glibc: ['/lib64/ld64.so.2'], musl: ['/lib/ld-musl-powerpc64le.so.1'] },
  s390x: { glibc: ['/lib/ld64.so.1'], musl: ['/lib/ld-musl-s390x.so.1'] },
  riscv64: { glibc: ['/lib/ld-linux-riscv64-lp64d.so.1'], musl: ['/lib/ld-musl-riscv64.so.1'] },
};

/** Of a nameless namespace the process that keeps it is asked; of others the host, with what `ip netns exec` would lay over. */
export async function readNamespaceResolver(
  context: ReadContext,
  { host, names, path }: FoundNamespace,
): Promise<Partial<NamespaceFacts>> {
  const pid = context.machine.hosts.find(({ id }) => id === host)?.pid ?? null;
  const hostRoot = pid === null ? '/' : `/proc/${pid}/root`;
  const ofHost = (netns: string | null): Promise<Fact<ResolverFiles>> =>
    readResolver(hostRoot, netns, undefined, readRootOnce(context, hostRoot));
  if (names.some(({ type }) => type === 'host')) return { resolver: await ofHost(null) };
  const name = names.find(({ type }) => type === 'netns');
  if (name?.type === 'netns') return { resolver: await ofHost(name.name) };
  const keeper = /^\/proc\/\d+\//.exec(path)?.[0];
  return {
    resolver: keeper === undefined ? await ofHost(null) : await readResolver(`${keeper}root`, null, {}),
  };
}

interface ReadPlace {
  readonly read: GuardedRead;
  readonly path: string;
}

/** Null where nothing is laid over. */
async function readOverlay(root: string, netns: string | null, file: string): Promise<ReadPlace | null> {
  // `ip netns exec` refuses names with a slash, and so does this: it would be another path.
  if (netns === null || netns.includes('/') || netns === '..' || netns === '.') return null;
  const path = `${OVERLAYS}/${netns}/${file}`;
  const read = await readFileBelow(root, path);
  return read.state === 'absent' ? null : { read, path };
}

const textOf = (place: ReadPlace | undefined): string | null =>
  place?.read.state === 'read' ? place.read.text : null;

/** resolv.conf(5): three servers at most. */
const MAXIMUM_SERVERS = 3;

export function parseResolver(
  hosts: string | null,
  resolvConf: string | null,
  nsswitch: string | null,
): ResolverFiles {
  const settings = lines(resolvConf ?? '', /^[#;]/).map(({ words }) => words);
  const servers = settings.flatMap(([key, server]) => (key === 'nameserver' && server ? [server] : []));
  const misspelt = servers.filter((server) => !isServer(server));
  // The last of `search` and `domain` counts.
  const search = settings.findLast(([key]) => key === 'search' || key === 'domain');
  const words = settings.filter(([key]) => key === 'options').flatMap((line) => line.slice(1));
  const ndots = numberOption(words, 'ndots');
  const options = parseOptions(words);
  const order = lines(nsswitch ?? '', /^#/)
    .map((line) => line.words)
    .find(([key]) => key === 'hosts:');
  return {
    hosts: lines(hosts ?? '', /^#/).flatMap(({ number, words: [address, ...names] }) =>
      address !== undefined && names.length > 0 ? [{ address, names, line: number }] : [],
    ),
    nameservers: servers.filter(isServer).slice(0, MAXIMUM_SERVERS),
    ...optional('misspelt', misspelt.length === 0 ? undefined : misspelt),
    search: search?.slice(1) ?? [],
    ndots: Math.min(ndots ?? 1, 15),
    ...(Object.keys(options).length > 0 ? { options } : {}),
    ...optional('hostsSources', order?.slice(1)),
  };
}

/** inet_aton(3) and inet_pton(3): what is no address is passed over in silence (res_init() of glibc, __get_resolv_conf() of musl). */
const isServer = (server: string): boolean => isAddress(server.replace(/%.+$/, ''));

/** The last of several counts. */
const numberOption = (words: readonly string[], name: string): number | undefined => {
  const value = words.flatMap((word) => new RegExp(`^${name}:(\\d+)$`).exec(word)?.[1] ?? []).at(-1);
  return value === undefined ? undefined : Number(value);
};

function parseOptions(words: readonly string[]): ResolverOptions {
  const flag = (...names: readonly string[]): true | undefined =>
    words.some((word) => names.includes(word)) ? true : undefined;
  return {
    ...optional('timeout', numberOption(words, 'timeout')),
    ...optional('attempts', numberOption(words, 'attempts')),
    ...optional('rotate', flag('rotate')),
    ...optional('singleRequest', flag('single-request', 'single-request-reopen')),
    ...optional('useVc', flag('use-vc', 'usevc')),
    ...optional('noAaaa', flag('no-aaaa')),
  };
}

/** Lines that say something, each with its number from 1. */
const lines = (text: string, comment: RegExp): { readonly number: number; readonly words: string[] }[] =>
  text
    .split('\n')
    .map((line, index) => ({ number: index + 1, line: line.trim() }))
    .filter(({ line }) => line !== '' && !comment.test(line))
    .map(({ number, line }) => ({ number, words: line.replace(/\s#.*$/, '').split(/\s+/) }));
