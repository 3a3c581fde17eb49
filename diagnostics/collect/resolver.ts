import type { FoundNamespace } from '../host/machine.ts';
import { readFileBelow, type GuardedRead } from '../host/guarded-file.ts';
import { denied, known, type Fact } from '../model/fact.ts';
import type { ResolverFiles } from '../model/resolver.ts';
import type { NamespaceFacts } from '../model/namespace.ts';
import { optional } from './external-json.ts';
import type { ReadContext } from './read-context.ts';

const FILES = ['hosts', 'resolv.conf', 'nsswitch.conf'] as const;

/**
 * The files by which a process with this root directory turns names into addresses. With `netns` given, what ip-netns(8) lays
 * over /etc for processes that it starts in that namespace (`/etc/netns/NAME/…`) comes first.
 */
export async function readResolver(root: string, netns: string | null): Promise<Fact<ResolverFiles>> {
  const [hosts, configuration, order] = await Promise.all(FILES.map((file) => readEtc(root, netns, file)));
  for (const read of [hosts, configuration])
    if (read?.state === 'refused')
      return denied(`The files that resolve names could not be read: ${read.reason}.`);
  return known(parseResolver(textOf(hosts), textOf(configuration), textOf(order)));
}

/** Of a nameless namespace the process that keeps it is asked; of others the host, with what `ip netns exec` would lay over. */
export async function readNamespaceResolver(
  context: ReadContext,
  { host, names, path }: FoundNamespace,
): Promise<Partial<NamespaceFacts>> {
  const pid = context.machine.hosts.find(({ id }) => id === host)?.pid ?? null;
  const hostRoot = pid === null ? '/' : `/proc/${pid}/root`;
  if (names.some(({ type }) => type === 'host')) return { resolver: await readResolver(hostRoot, null) };
  const name = names.find(({ type }) => type === 'netns');
  if (name?.type === 'netns') return { resolver: await readResolver(hostRoot, name.name) };
  const keeper = /^\/proc\/\d+\//.exec(path)?.[0];
  return { resolver: await readResolver(keeper === undefined ? hostRoot : `${keeper}root`, null) };
}

async function readEtc(root: string, netns: string | null, file: string): Promise<GuardedRead> {
  // `ip netns exec` refuses names with a slash, and so does this: it would be another path.
  if (netns !== null && !netns.includes('/') && netns !== '..' && netns !== '.') {
    const overlaid = await readFileBelow(root, `/etc/netns/${netns}/${file}`);
    if (overlaid.state !== 'absent') return overlaid;
  }
  return readFileBelow(root, `/etc/${file}`);
}

const textOf = (read: GuardedRead | undefined): string | null => (read?.state === 'read' ? read.text : null);

/** resolv.conf(5): three servers at most. */
const MAXIMUM_SERVERS = 3;

export function parseResolver(
  hosts: string | null,
  resolvConf: string | null,
  nsswitch: string | null,
): ResolverFiles {
  const settings = words(resolvConf ?? '', /^[#;]/);
  const servers = settings.flatMap(([key, server]) => (key === 'nameserver' && server ? [server] : []));
  // The last of `search` and `domain` counts.
  const search = settings.findLast(([key]) => key === 'search' || key === 'domain');
  const ndots = settings
    .filter(([key]) => key === 'options')
    .flatMap((line) => line.flatMap((word) => /^ndots:(\d+)$/.exec(word)?.[1] ?? []))
    .at(-1);
  const order = words(nsswitch ?? '', /^#/).find(([key]) => key === 'hosts:');
  return {
    hosts: words(hosts ?? '', /^#/).flatMap(([address, ...names]) =>
      address !== undefined && names.length > 0 ? [{ address, names }] : [],
    ),
    nameservers: servers.slice(0, MAXIMUM_SERVERS),
    search: search?.slice(1) ?? [],
    ndots: Math.min(Number(ndots ?? 1), 15),
    ...optional('hostsSources', order?.slice(1)),
  };
}

const words = (text: string, comment: RegExp): string[][] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !comment.test(line))
    .map((line) => line.replace(/\s#.*$/, '').split(/\s+/));
