import { valueOr } from '../../model/fact.ts';
import type { NamespaceId } from '../../model/ids.ts';
import type { Link, LinkKind } from '../../model/link.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { exec, type ActionKind } from '../action.ts';
import { changeLink, factsOf, forgetFailedNeighbours, linkNamed, linksOf } from '../patch.ts';

/** Makes a vxlan or geneve interface anew with another number or port: neither can be changed while it is there. */
export interface RemakeTunnel {
  readonly kind: 'remake-tunnel';
  readonly namespace: NamespaceId;
  readonly dev: string;
  readonly id: number;
  readonly port: number;
}

const ALL = '00:00:00:00:00:00';

/** Everything that goes with the interface is written again: its address, master, entries, neighbours, routes. */
function remake(
  { namespace, dev }: RemakeTunnel,
  snapshot: Snapshot,
  id: number,
  port: number,
): readonly (readonly string[])[] {
  const link = linkNamed(snapshot, namespace, dev);
  const facts = factsOf(snapshot, namespace);
  if (!link || !facts || !isNumbered(link.kind)) return [];
  const { mac, peer, kind } = link;
  const vxlan = kind.type === 'vxlan' ? kind : null;
  const links = linksOf(snapshot, namespace);
  const lower = peer?.namespace === namespace ? links.find(({ index }) => index === peer.index) : undefined;
  const master = links.find(({ index }) => index === link.master);
  const entries = valueOr(facts.fdb, []).filter(
    (entry) =>
      entry.dev === dev &&
      entry.remote !== undefined &&
      entry.state !== 'learned' &&
      !(entry.mac === ALL && entry.remote === kind.remote),
  );
  const written = valueOr(facts.neighbours, []).filter(
    (entry) => entry.dev === dev && entry.state === 'permanent' && entry.mac !== undefined,
  );
  const routes = valueOr(facts.routes, []).filter(
    (route) =>
      route.type === 'unicast' &&
      route.protocol !== 'kernel' &&
      route.nextHops.length > 0 &&
      route.nextHops.every((hop) => hop.dev === dev),
  );
  return [
    ['ip', 'link', 'delete', 'dev', dev],
    [
      ...['ip', 'link', 'add', 'name', dev],
      ...(mac === null ? [] : ['address', mac]),
      ...[
        'mtu',
        String(link.mtu),
        'type',
        vxlan ? 'vxlan' : 'geneve',
        'id',
        String(id),
        'dstport',
        String(port),
      ],
      ...(kind.local === undefined ? [] : ['local', kind.local]),
      ...(kind.remote === undefined ? [] : ['remote', kind.remote]),
      ...(lower ? ['dev', lower.name] : []),
      ...(vxlan?.learning === false ? ['nolearning'] : []),
      ...(vxlan?.proxy ? ['proxy'] : []),
      ...(vxlan?.ttl === undefined ? [] : ['ttl', String(vxlan.ttl)]),
      ...(kind.df === undefined ? [] : ['df', kind.df]),
      ...(kind.checksums?.includes(4) === false ? ['noudpcsum'] : []),
      ...(kind.checksums?.includes(6) === false ? ['udp6zerocsumtx'] : []),
    ],
    ...(master ? [['ip', 'link', 'set', 'dev', dev, 'master', master.name]] : []),
    ...link.addresses
      .filter(isGiven)
      .map(({ address, length }) => [...['ip', 'address', 'add', `${address}/${length}`, 'dev', dev]]),
    ...(link.up ? [['ip', 'link', 'set', 'dev', dev, 'up']] : []),
    ...entries.map((entry) => ['bridge', 'fdb', 'append', entry.mac, 'dev', dev, 'dst', entry.remote ?? '']),
    ...written.map(({ address, mac: own }) => [
      ...['ip', 'neighbour', 'replace', address, 'lladdr', own ?? '', 'dev', dev, 'nud', 'permanent'],
    ]),
    ...routes.map(({ text }) => [
      'ip',
      'route',
      'add',
      ...text.split(/\s+/).filter((word) => word !== 'linkdown'),
    ]),
  ];
}

type Numbered = Extract<LinkKind, { type: 'vxlan' | 'tunnel' }>;

const isNumbered = (kind: LinkKind): kind is Numbered =>
  kind.type === 'vxlan' || (kind.type === 'tunnel' && kind.kind === 'geneve');

/** The kernel gives link-local addresses itself. */
const isGiven = ({ scope, family }: Link['addresses'][number]): boolean => family === 4 || scope !== 'link';

export const remakeTunnel: ActionKind<RemakeTunnel> = {
  steps: (action, snapshot) =>
    remake(action, snapshot, action.id, action.port).map((argv) => exec(snapshot, action.namespace, argv)),
  undo(action, snapshot) {
    const kind = linkNamed(snapshot, action.namespace, action.dev)?.kind;
    return kind && isNumbered(kind)
      ? remake(action, snapshot, kind.id ?? 0, kind.port ?? 0).map((argv) =>
          exec(snapshot, action.namespace, argv),
        )
      : [];
  },
  change: ({ namespace, dev, id, port }, snapshot) =>
    forgetFailedNeighbours(
      changeLink(
        snapshot,
        namespace,
        ({ name }) => name === dev,
        (link) => (isNumbered(link.kind) ? { ...link, kind: { ...link.kind, id, port } } : link),
      ),
    ),
  text: {
    en: ({ dev, id, port }, where) => ({
      title: `Make the tunnel ${dev} of ${where} anew, with the number ${id} and port ${port}`,
      permanent: `Correct the number or the port where ${dev} is configured.`,
      sideEffects: [
        `Whatever goes through ${dev} stops for a moment; others that use the old number or port no longer reach it.`,
      ],
    }),
    'zh-cn': ({ dev, id, port }, where) => ({
      title: `重建 ${where} 的隧道 ${dev}，编号 ${id}，端口 ${port}`,
      permanent: `在配置 ${dev} 的地方改正编号或端口。`,
      sideEffects: [`经过 ${dev} 的流量会中断片刻；仍用旧编号或旧端口的另一端从此到不了它。`],
    }),
  },
};
