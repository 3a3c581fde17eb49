import { containerLabel, keyOf, ownContainers } from '../../model/engines.ts';
import type { HostId, NamespaceId } from '../../model/ids.ts';
import { familyOf, prefixContains } from '../../model/ip.ts';
import { findHost, findNamespace, type Snapshot } from '../../model/snapshot.ts';
import type { FixAction } from '../../fixes/registry.ts';
import type { CauseKind } from '../cause.ts';
import type { Remedy } from '../finding.ts';
import { readIn } from '../evidence.ts';
import { isLoopback, listensOn, refusalAt, socketsIn, socketText, type Refusal } from '../listeners.ts';
import { containersIn, isOf, labelIn, linksIn, type WaySituation } from '../situation.ts';

/** Another place on this machine where the port that was asked of “localhost” is served. */
interface Meant {
  readonly namespace: NamespaceId;
  /** As a question and a person call it. */
  readonly label: string;
  /** Its name; null: the host itself. */
  readonly container: string | null;
  readonly port: number;
  readonly address: string | undefined;
  /** The network that the asker has to join first; null where both are on one already. */
  readonly join: { readonly network: string; readonly engine?: string } | null;
}

/** “localhost” was asked for a service of somebody else: it means the asker's own network namespace, and nobody listens in that one. */
export const localhostConfusion: CauseKind = {
  id: 'localhost-confusion',
  find(situation) {
    if (situation.type !== 'way') return null;
    const refusal = refusalAt(situation);
    if (!refusal || !isLoopback(refusal) || situation.trace.hops.length > 1) return null;
    const { snapshot, flow, trace } = situation;
    const { namespace, protocol, port } = refusal;
    if (flow.to.type !== 'address' && flow.to.type !== 'name') return null;
    const host = findNamespace(snapshot, namespace)?.host ?? '';
    if (findHost(snapshot, host)?.rootNamespace === namespace) return null;
    if (listensOn(socketsIn(snapshot, namespace), refusal).length > 0) return null;
    const meant = elsewhere(situation, host, refusal);
    const [first] = meant;
    if (!first) return null;
    const letter = protocol === 'tcp' ? 't' : 'u';
    const list = ['ss', `-ln${letter}p`];
    const there = listensOn(socketsIn(snapshot, first.namespace), { protocol, port: first.port });
    return {
      id: 'localhost-confusion',
      place: { namespace },
      certainty: trace.certain && meant.length === 1 ? 'certain' : 'likely',
      params: {
        namespace: labelIn(snapshot, namespace),
        asked: flow.to.type === 'name' ? flow.to.name : flow.to.address,
        protocol,
        port,
        meant: first.label,
        meantPort: first.port,
        onHost: first.container === null,
        others: meant.length - 1,
      },
      evidence: [
        { source: readIn(snapshot, namespace, list), text: `nothing on ${protocol} port ${port}` },
        { source: readIn(snapshot, first.namespace, list), text: there.map(socketText).join(', ') },
      ],
      remedies: meant.map((it) => remedyFor(containersIn(snapshot, namespace)[0]?.name, host, it)),
    };
  },
  text: {
    en: {
      summary: (p) =>
        `${p('asked')} means ${p('namespace')} itself, where nothing listens on ${p('protocol')} port ${p('port')}; ${p('meant')} does${p('meantPort') === p('port') ? '' : `, on port ${p('meantPort')}`}`,
      explanation: (p) =>
        `Every network namespace, and so every container, has a loopback of its own: “localhost” and 127.0.0.1 never leave it. ${p('namespace')} asked itself. The service is ${p('onHost') === 'true' ? 'on the host, which a container reaches by the gateway address of its network (or as host.docker.internal, where that is set up)' : `in ${p('meant')}, which is reached by its name or address`}. Write that instead of ${p('asked')} into the configuration.`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('asked')} 指的是 ${p('namespace')} 自己，那里没有程序监听 ${p('protocol')} 端口 ${p('port')}；监听的是 ${p('meant')}${p('meantPort') === p('port') ? '' : `（端口 ${p('meantPort')}）`}`,
      explanation: (p) =>
        `每个网络命名空间（也就是每个容器）都有自己的回环接口：“localhost”和 127.0.0.1 永远不会离开它。${p('namespace')} 其实是在访问自己。${p('onHost') === 'true' ? '服务在宿主机上：容器要用所在网络的网关地址访问它（配置过的话也可以用 host.docker.internal）' : `服务在 ${p('meant')} 里，要用它的名字或地址访问`}。请在配置中把 ${p('asked')} 换成它。`,
    },
  },
};

/** Who serves this port to others; those that the asker can simply name hide those that it would have to join first. */
function elsewhere(
  { snapshot, packet }: WaySituation,
  host: HostId,
  { namespace, protocol, port }: Refusal,
): readonly Meant[] {
  const family = familyOf(packet.destination) ?? 4;
  const own = containersIn(snapshot, namespace).flatMap(({ networks }) => networks);
  const serves = (id: NamespaceId, wanted: number): boolean =>
    listensOn(socketsIn(snapshot, id), { protocol, port: wanted }).some((socket) => !isLoopback(socket));
  const all = ownContainers(findHost(snapshot, host));
  const asking = containersIn(snapshot, namespace)[0];
  const isPublished = all.some(({ container }) =>
    container.publishedPorts.some((it) => it.protocol === protocol && it.hostPort === port),
  );
  const containers = all.flatMap((placed): Meant[] => {
    const { engine, container } = placed;
    const there = container.namespace;
    if (there === null || there === namespace) return [];
    const published = container.publishedPorts.find((it) => it.protocol === protocol && it.hostPort === port);
    const right = [port, published?.containerPort].find((it) => it !== undefined && serves(there, it));
    const shared = container.networks.find(({ networkId }) => own.some((it) => it.networkId === networkId));
    const network = shared ?? container.networks[0];
    if (right === undefined || network === undefined) return [];
    return [
      {
        namespace: there,
        label: containerLabel(placed),
        container: container.name,
        port: right,
        address: family === 6 ? network.address6 : network.address,
        join:
          shared || own.length === 0 || asking === undefined || !engine.containers.includes(asking)
            ? null
            : { network: network.network, ...keyOf(engine) },
      },
    ];
  });
  const root = findHost(snapshot, host)?.rootNamespace;
  const address = root === undefined ? undefined : sharedAddress(snapshot, namespace, root, family);
  // What listens there on a published port is the engine, for the sake of the container.
  const onHost: readonly Meant[] =
    root !== undefined && address !== undefined && !isPublished && serves(root, port)
      ? [{ namespace: root, label: labelIn(snapshot, root), container: null, port, address, join: null }]
      : [];
  const near = [...containers.filter(({ join }) => join === null), ...onHost];
  return near.length > 0 ? near : containers;
}

/** The host's address on a network that the asker is on too. */
const sharedAddress = (
  snapshot: Snapshot,
  asker: NamespaceId,
  root: NamespaceId,
  family: 4 | 6,
): string | undefined => {
  const prefixes = linksIn(snapshot, asker).flatMap(({ addresses }) => addresses.filter(isOf(family)));
  return linksIn(snapshot, root)
    .filter(({ kind }) => kind.type !== 'loopback')
    .flatMap(({ addresses }) => addresses.filter(isOf(family)))
    .find(({ address }) => prefixes.some((prefix) => prefixContains(prefix, address)))?.address;
};

/** Ask the one that was meant; where it is on other networks only, after joining it there. */
function remedyFor(asker: string | undefined, host: HostId, meant: Meant): Remedy {
  const { container, address, join, port, label } = meant;
  const joining: readonly FixAction[] =
    join === null || asker === undefined
      ? []
      : [{ kind: 'connect-network', host, container: asker, ...join }];
  return {
    actions: [
      ...joining,
      {
        kind: 'ask-instead',
        to: container ?? address ?? label,
        port,
        ...(address === undefined ? {} : { address }),
      },
    ],
  };
}
