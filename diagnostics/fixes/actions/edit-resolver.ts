import { containersOn, ENGINE_DNS, withContainers } from '../../model/engines.ts';
import { known, type Fact } from '../../model/fact.ts';
import type { FixStep } from '../../model/diagnosis.ts';
import type { NamespaceId } from '../../model/ids.ts';
import type { ResolverFiles } from '../../model/resolver.ts';
import { findHost, findNamespace, withFacts, type Snapshot } from '../../model/snapshot.ts';
import type { ActionKind } from '../action.ts';

/** Changes a file by which names are resolved: of a container, or of a namespace's processes that are in none. */
export interface EditResolver {
  readonly kind: 'edit-resolver';
  readonly namespace: NamespaceId;
  readonly container: string | null;
  readonly change: ResolverChange;
}

export type ResolverChange =
  | { readonly type: 'drop-host'; readonly name: string }
  | { readonly type: 'set-ndots'; readonly ndots: number }
  | { readonly type: 'replace-server'; readonly from: string; readonly to: string }
  /** Where none is named; by hand, for sed(1) cannot add to an empty file. */
  | { readonly type: 'add-server'; readonly server: string };

export const editResolver: ActionKind<EditResolver> = {
  steps(action, snapshot) {
    const edit = editOf(action, snapshot);
    if (!edit) return [];
    const { path, own, script } = edit;
    const rewrite = (source: string, target: string): FixStep =>
      step(action, snapshot, [
        ...['sed', '-n'],
        ...[...script, `w ${target}`].flatMap((line) => ['-e', line]),
        ...['--', source],
      ]);
    if (own !== null)
      return [step(action, snapshot, ['mkdir', '-p', '--', directoryOf(own)]), rewrite(path, own)];
    // Written in place: where a container's file is mounted, a new one in its stead would not be seen.
    return [step(action, snapshot, ['cp', '--', path, before(path)]), rewrite(before(path), path)];
  },
  undo(action, snapshot) {
    const edit = editOf(action, snapshot);
    if (!edit) return [];
    const { path, own } = edit;
    if (own !== null) return [step(action, snapshot, ['rm', '--', own])];
    return [
      step(action, snapshot, ['cp', '--', before(path), path]),
      step(action, snapshot, ['rm', '--', before(path)]),
    ];
  },
  change: (action, snapshot) => changeFiles(action, snapshot, (files) => edited(action.change, files)),
  text: {
    en: ({ container, change }, where) => {
      const who = container === null ? where : `the container ${container}`;
      switch (change.type) {
        case 'drop-host':
          return {
            title: `Take the name ${change.name} out of the hosts file of ${who}`,
            permanent:
              container === null
                ? null
                : `The engine writes that file anew when ${container} starts: leave the entry out of its --add-host (extra_hosts in a compose file).`,
            sideEffects: [`Everything in ${who} that uses ${change.name} gets the other address then.`],
          };
        case 'set-ndots':
          return {
            title: `Set “options ndots:${change.ndots}” in the resolv.conf of ${who}`,
            permanent:
              container === null
                ? 'Set it where resolv.conf is made (systemd-resolved, NetworkManager, dhclient).'
                : `The engine writes that file anew when ${container} starts: use --dns-opt ndots:${change.ndots} (dns_opt in a compose file).`,
            sideEffects: [`Names with dots are then asked for as they are first, everywhere in ${who}.`],
          };
        case 'replace-server':
          return {
            title: `Use the name server ${change.to} instead of ${change.from} in ${who}`,
            permanent:
              container === null
                ? `Keep it in /etc/netns/NAME/resolv.conf, which ip netns exec puts in the place of the host's file.`
                : change.to === ENGINE_DNS
                  ? `The engine writes that file anew when ${container} starts: find what changes it after that.`
                  : `Set "dns": ["${change.to}"] in /etc/docker/daemon.json, or --dns ${change.to} for this container.`,
            sideEffects: [`Every name that ${who} asks for goes to ${change.to} then.`],
          };
        case 'add-server':
          return {
            title: `Write “nameserver ${change.server}” into the resolv.conf of ${who}`,
            permanent:
              container === null
                ? null
                : `The engine writes that file anew when ${container} starts: find what changes it after that.`,
            sideEffects: [],
          };
      }
    },
    'zh-cn': ({ container, change }, where) => {
      const who = container === null ? where : `容器 ${container}`;
      switch (change.type) {
        case 'drop-host':
          return {
            title: `从 ${who} 的 hosts 文件中去掉名字 ${change.name}`,
            permanent:
              container === null
                ? null
                : `${container} 启动时引擎会重写这个文件：请在 --add-host（compose 文件里的 extra_hosts）中去掉这一项。`,
            sideEffects: [`此后 ${who} 中凡用到 ${change.name} 的程序都会得到另一个地址。`],
          };
        case 'set-ndots':
          return {
            title: `在 ${who} 的 resolv.conf 中设置“options ndots:${change.ndots}”`,
            permanent:
              container === null
                ? '请在生成 resolv.conf 的地方设置（systemd-resolved、NetworkManager、dhclient）。'
                : `${container} 启动时引擎会重写这个文件：请使用 --dns-opt ndots:${change.ndots}（compose 文件里的 dns_opt）。`,
            sideEffects: [`此后 ${who} 中所有带点的名字都会先按原样查询。`],
          };
        case 'replace-server':
          return {
            title: `让 ${who} 使用名字服务器 ${change.to}，而不是 ${change.from}`,
            permanent:
              container === null
                ? '请写入 /etc/netns/名字/resolv.conf，ip netns exec 会用它代替宿主机的文件。'
                : change.to === ENGINE_DNS
                  ? `${container} 启动时引擎会重写这个文件：请找出是什么在那之后改了它。`
                  : `在 /etc/docker/daemon.json 中设置 "dns": ["${change.to}"]，或为这个容器使用 --dns ${change.to}。`,
            sideEffects: [`此后 ${who} 查询的所有名字都会发给 ${change.to}。`],
          };
        case 'add-server':
          return {
            title: `在 ${who} 的 resolv.conf 中写上“nameserver ${change.server}”`,
            permanent:
              container === null
                ? null
                : `${container} 启动时引擎会重写这个文件：请找出是什么在那之后改了它。`,
            sideEffects: [],
          };
      }
    },
  },
};

const before = (path: string): string => `${path}.before-hoplab`;

const step = ({ namespace }: EditResolver, snapshot: Snapshot, argv: readonly string[]): FixStep => ({
  kind: 'write-file',
  host: findNamespace(snapshot, namespace)?.host ?? 'machine',
  namespace: null,
  argv,
});

/** What a name or an address may hold to stand in sed's script as itself. */
const PLAIN = /^[\w:.%-]+$/;
const escaped = (text: string): string => text.replaceAll('.', '\\.');

interface Edit {
  /** The file on the host. */
  readonly path: string;
  /** Where the changed one goes, where that file is also everybody else's: a named namespace may have its own. */
  readonly own: string | null;
  /** Lines of sed(1). */
  readonly script: readonly string[];
}

/** Null where nobody knows where the file is written. */
function editOf(action: EditResolver, snapshot: Snapshot): Edit | null {
  const files = filesOf(action, snapshot);
  const path = action.change.type === 'drop-host' ? files?.files?.hosts : files?.files?.resolvConf;
  if (!files || path === undefined || !/^\/[\w./@:-]+$/.test(path)) return null;
  const script = scriptOf(action.change, files);
  if (script.length === 0) return null;
  const netns = findNamespace(snapshot, action.namespace)?.names.find(({ type }) => type === 'netns');
  const shared = action.container === null && netns?.type === 'netns' && !path.startsWith('/etc/netns/');
  if (!shared) return { path, own: null, script };
  if (!/^[\w.-]+$/.test(netns.name)) return null;
  return { path, own: `/etc/netns/${netns.name}/${path.slice(path.lastIndexOf('/') + 1)}`, script };
}

const directoryOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));

function scriptOf(change: ResolverChange, { hosts }: ResolverFiles): readonly string[] {
  switch (change.type) {
    case 'drop-host': {
      if (!PLAIN.test(change.name)) return [];
      return hosts.flatMap(({ names, line }) => {
        // As the file spells it: sed(1) tells capitals apart, resolvers do not.
        const spelled = names.filter((own) => has([own], change.name));
        if (line === undefined || spelled.length === 0) return [];
        return spelled.length === names.length
          ? [`${line}d`]
          : spelled.map((own) => `${line}s/[[:blank:]]${escaped(own)}\\([[:blank:]]\\|$\\)/\\1/`);
      });
    }
    case 'set-ndots':
      return [`s/ndots:[0-9][0-9]*/ndots:${change.ndots}/g`, `$s/$/\\noptions ndots:${change.ndots}/`];
    case 'replace-server':
      return PLAIN.test(change.from) && PLAIN.test(change.to)
        ? [
            `s/^\\([[:blank:]]*nameserver[[:blank:]][[:blank:]]*\\)${escaped(change.from)}[[:blank:]]*$/\\1${change.to}/`,
          ]
        : [];
    case 'add-server':
      return [];
  }
}

const has = (names: readonly string[], name: string): boolean =>
  names.some((own) => own.toLowerCase() === name.toLowerCase());

function edited(change: ResolverChange, files: ResolverFiles): ResolverFiles {
  switch (change.type) {
    case 'drop-host':
      return {
        ...files,
        hosts: files.hosts
          .map((line) => ({ ...line, names: line.names.filter((own) => !has([own], change.name)) }))
          .filter(({ names }) => names.length > 0),
      };
    case 'set-ndots':
      return { ...files, ndots: change.ndots };
    case 'replace-server':
      return {
        ...files,
        nameservers: files.nameservers.map((server) => (server === change.from ? change.to : server)),
      };
    case 'add-server':
      return { ...files, nameservers: [...files.nameservers, change.server] };
  }
}

const filesOf = ({ namespace, container }: EditResolver, snapshot: Snapshot): ResolverFiles | null => {
  const fact =
    container === null
      ? findNamespace(snapshot, namespace)?.facts.resolver
      : containersAt(snapshot, namespace).find((it) => it.namespace === namespace && it.name === container)
          ?.resolver;
  return fact?.state === 'known' ? fact.value : null;
};

const containersAt = (snapshot: Snapshot, namespace: NamespaceId) =>
  containersOn(findHost(snapshot, findNamespace(snapshot, namespace)?.host ?? ''));

function changeFiles(
  { namespace, container }: EditResolver,
  snapshot: Snapshot,
  change: (files: ResolverFiles) => ResolverFiles,
): Snapshot {
  const changed = (fact: Fact<ResolverFiles>): Fact<ResolverFiles> =>
    fact.state === 'known' ? known(change(fact.value)) : fact;
  if (container === null)
    return withFacts(snapshot, namespace, (facts) => ({ ...facts, resolver: changed(facts.resolver) }));
  return {
    ...snapshot,
    hosts: snapshot.hosts.map((host) =>
      withContainers(host, (one) =>
        one.namespace === namespace && one.name === container
          ? { ...one, resolver: changed(one.resolver) }
          : one,
      ),
    ),
  };
}
