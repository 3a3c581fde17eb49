import type { NamespaceId } from '../../model/ids.ts';
import type { Link, LinkKind } from '../../model/link.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { exec, type ActionKind } from '../action.ts';
import { changeLink, forgetFailedNeighbours, linkNamed } from '../patch.ts';

/** Tells a tunnel another address for one of its ends, how long its packets live, or GRE another key; whatever is not said stays. */
export interface ChangeTunnel {
  readonly kind: 'change-tunnel';
  readonly namespace: NamespaceId;
  readonly dev: string;
  readonly remote?: string;
  readonly local?: string;
  /** null: none. */
  readonly key?: { readonly sends: number | null; readonly takes: number | null };
  /** Hops. */
  readonly ttl?: number;
}

type Tunnel = Extract<LinkKind, { type: 'tunnel' | 'vxlan' }>;

const keyWords = (key: NonNullable<ChangeTunnel['key']>): readonly string[] => [
  ...(key.takes === null ? ['noikey'] : ['ikey', String(key.takes)]),
  ...(key.sends === null ? ['nookey'] : ['okey', String(key.sends)]),
];

/** ip-link(8) reads what is there, and changes what it is told (gre_parse_opt() and its kin). */
const command = (
  dev: string,
  kind: Tunnel,
  to: Pick<ChangeTunnel, 'remote' | 'local' | 'key'> & { readonly ttl?: number | 'auto' | 'inherit' },
): readonly string[] => [
  ...['ip', 'link', 'set', 'dev', dev, 'type', kind.type === 'vxlan' ? 'vxlan' : kind.kind],
  ...(to.remote === undefined ? [] : ['remote', to.remote]),
  ...(to.local === undefined ? [] : ['local', to.local]),
  ...(to.key === undefined ? [] : keyWords(to.key)),
  ...(to.ttl === undefined ? [] : ['ttl', String(to.ttl)]),
];

const tunnelOf = (snapshot: Snapshot, { namespace, dev }: ChangeTunnel): Tunnel | null => {
  const kind = linkNamed(snapshot, namespace, dev)?.kind;
  return kind?.type === 'tunnel' || kind?.type === 'vxlan' ? kind : null;
};

const changed = (link: Link, { remote, local, key, ttl }: ChangeTunnel): Link => {
  const lives = ttl === undefined ? {} : { ttl };
  if (link.kind.type === 'vxlan') return { ...link, kind: { ...link.kind, ...lives } };
  if (link.kind.type !== 'tunnel') return link;
  const { id, takes, ...kind } = link.kind;
  const own = { ...(id === undefined ? {} : { id }), ...(takes === undefined ? {} : { takes }) };
  const keys = key
    ? {
        ...(key.sends === null ? {} : { id: key.sends }),
        ...(key.takes === key.sends ? {} : { takes: key.takes }),
      }
    : own;
  const ends = { ...(remote === undefined ? {} : { remote }), ...(local === undefined ? {} : { local }) };
  return { ...link, kind: { ...kind, ...keys, ...ends, ...lives } };
};

export const changeTunnel: ActionKind<ChangeTunnel> = {
  steps(action, snapshot) {
    const kind = tunnelOf(snapshot, action);
    return kind ? [exec(snapshot, action.namespace, command(action.dev, kind, action))] : [];
  },
  undo(action, snapshot) {
    const kind = tunnelOf(snapshot, action);
    if (!kind) return [];
    const { remote, local, id = null } = kind;
    const takes = kind.type === 'tunnel' && kind.takes !== undefined ? kind.takes : id;
    const before = {
      ...(action.remote === undefined ? {} : { remote: remote ?? 'any' }),
      ...(action.local === undefined ? {} : { local: local ?? 'any' }),
      ...(action.key === undefined ? {} : { key: { sends: id, takes } }),
      ...(action.ttl === undefined
        ? {}
        : { ttl: kind.ttl ?? (kind.type === 'vxlan' ? ('auto' as const) : ('inherit' as const)) }),
    };
    return [exec(snapshot, action.namespace, command(action.dev, kind, before))];
  },
  change: (action, snapshot) =>
    forgetFailedNeighbours(
      changeLink(
        snapshot,
        action.namespace,
        ({ name }) => name === action.dev,
        (link) => changed(link, action),
      ),
    ),
  text: {
    en: ({ dev, remote, local, key, ttl }, where) => ({
      title:
        ttl !== undefined
          ? `Let the packets of the tunnel ${dev} of ${where} live ${ttl} hops`
          : remote !== undefined
            ? `Let the tunnel ${dev} of ${where} have ${remote} as its other end`
            : local !== undefined
              ? `Let the tunnel ${dev} of ${where} use its address ${local}`
              : key?.sends == null
                ? `Let the tunnel ${dev} of ${where} send without a key`
                : `Give the tunnel ${dev} of ${where} the key ${key.sends}`,
      permanent: `Correct it where ${dev} is configured.`,
      sideEffects:
        ttl === undefined ? [`Whoever uses ${dev} with what it had before no longer gets through.`] : [],
    }),
    'zh-cn': ({ dev, remote, local, key, ttl }, where) => ({
      title:
        ttl !== undefined
          ? `让 ${where} 的隧道 ${dev} 的数据包能经过 ${ttl} 跳`
          : remote !== undefined
            ? `把 ${where} 的隧道 ${dev} 的另一端改为 ${remote}`
            : local !== undefined
              ? `让 ${where} 的隧道 ${dev} 使用地址 ${local}`
              : key?.sends == null
                ? `让 ${where} 的隧道 ${dev} 不带密钥发送`
                : `把 ${where} 的隧道 ${dev} 的密钥改为 ${key.sends}`,
      permanent: `在配置 ${dev} 的地方改正。`,
      sideEffects: ttl === undefined ? [`按原来的设置使用 ${dev} 的一方会不通。`] : [],
    }),
  },
};
