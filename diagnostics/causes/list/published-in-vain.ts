import type { PublishedPort } from '../../model/container.ts';
import { containerLabel, ownContainers, type OwnContainer } from '../../model/engines.ts';
import { familyOf } from '../../model/ip.ts';
import { hasPorts } from '../../model/packet.ts';
import { takesAddress } from '../../model/published-port.ts';
import { findHost, findNamespace } from '../../model/snapshot.ts';
import type { CauseKind, Shown } from '../cause.ts';
import { certaintyOf, type Remedy } from '../finding.ts';
import { engineLine } from '../evidence.ts';
import { listensOn, servedWhere, socketsIn, type Refusal } from '../listeners.ts';
import { publishRemedies } from '../publish.ts';
import { labelIn, type WaySituation } from '../situation.ts';

/** A container was made with `-p` for the port that was asked, and nothing passes on what comes to it. */
export const publishedInVain: CauseKind = {
  id: 'published-in-vain',
  find(situation) {
    if (situation.type !== 'way') return null;
    const untaken = untakenAt(situation);
    const found = untaken && publishedFor(situation, untaken);
    if (!untaken || !found) return null;
    const { snapshot, trace } = situation;
    const { namespace, protocol, port, address } = untaken;
    const { engine, container, published, reason } = found;
    const { containerPort } = published;
    return {
      id: 'published-in-vain',
      place: { namespace },
      certainty: certaintyOf(trace),
      params: {
        ...{ namespace: labelIn(snapshot, namespace), container: container.name, protocol, port, address },
        ...{ containerPort, reason, driver: driverOf(found) ?? null, engine: engine.kind },
        served: serves(situation, found, untaken),
      },
      evidence: [
        {
          source: engineLine(
            engine,
            'inspect',
            '-f',
            '{{.HostConfig.PortBindings}} {{.NetworkSettings.Ports}}',
            container.name,
          ),
          text: `${containerPort}/${protocol} -> ${published.hostAddress}:${port}, ${EVIDENCE[reason]}`,
        },
      ],
      remedies: remediesOf(situation, untaken, found),
    };
  },
  text: {
    en: {
      summary: (p) => SUMMARY_EN[reasonOf(p)](p),
      explanation: (p) => WHY_EN[reasonOf(p)](p),
    },
    'zh-cn': {
      summary: (p) => SUMMARY_ZH[reasonOf(p)](p),
      explanation: (p) => WHY_ZH[reasonOf(p)](p),
    },
  },
};

/**
 * `host-network`: its ports are the host's already. `driver`: it is on the wire itself. `no-address6`: only the engine's proxy
 * could take IPv6 for it. `no-rule6`: the engine has no proxy and writes no rules for IPv6, and keeps the port (`isHeldPort`).
 * `no-rule`: podman keeps it, and its rules are gone. `no-network`: or the container is on no network any more.
 */
type Reason = 'host-network' | 'driver' | 'no-address6' | 'no-rule6' | 'no-rule' | 'no-network';

interface InVain extends OwnContainer {
  readonly published: PublishedPort;
  readonly reason: Reason;
}

const EVIDENCE: Readonly<Record<Reason, string>> = {
  'host-network': 'which the engine discards: network mode host',
  driver: 'not published',
  'no-address6': 'not published: no IPv6 address',
  'no-rule6': 'without a rule of ip6tables for it',
  'no-rule': 'without a rule for it',
  'no-network': 'on no network',
};

/** What came to the host and was refused, or taken by a socket that only keeps the port. */
function untakenAt({ trace, step, namespace, packet, direction, snapshot }: WaySituation): Refusal | null {
  if (direction !== 'forward' || step.kind !== 'deliver' || !hasPorts(packet)) return null;
  if (step.accepted ? step.held !== true : trace.disposition !== 'refused') return null;
  const host = findHost(snapshot, findNamespace(snapshot, namespace)?.host ?? '');
  if (host?.rootNamespace !== namespace) return null;
  const { protocol, destination: address, destinationPort: port } = packet;
  return { namespace, protocol, address, port };
}

function publishedFor({ snapshot, step }: WaySituation, refusal: Refusal): InVain | null {
  const { namespace, protocol, port, address } = refusal;
  const asked = (it: PublishedPort): boolean => it.hostPort === port && it.protocol === protocol;
  for (const own of ownContainers(findHost(snapshot, findNamespace(snapshot, namespace)?.host ?? ''))) {
    const { engine, container } = own;
    if (container.state !== 'running') continue;
    const lacking = (container.unpublishedPorts ?? []).find(asked);
    const reason = lacking && whyUnpublished(own, lacking, namespace);
    // With the host's network it is no matter for which address it was meant.
    if (lacking && reason && (reason === 'host-network' || takesAddress(own, lacking, address)))
      return { ...own, published: lacking, reason };
    const has6 = container.networks.some(({ address6 }) => address6 !== undefined);
    const kept = step.kind === 'deliver' && step.held === true;
    const published = container.publishedPorts.find((it) => asked(it) && takesAddress(own, it, address));
    if (!kept || !published) continue;
    if (engine.kind !== 'docker')
      return { ...own, published, reason: container.networks.length === 0 ? 'no-network' : 'no-rule' };
    if (familyOf(address) === 6 && has6) return { ...own, published, reason: 'no-rule6' };
  }
  return null;
}

function whyUnpublished(
  own: OwnContainer,
  { hostAddress }: PublishedPort,
  namespace: Refusal['namespace'],
): Reason | null {
  if (own.container.namespace === namespace) return 'host-network';
  if (driverOf(own) !== undefined) return 'driver';
  if (familyOf(hostAddress) !== 6) return null;
  return own.container.networks.some(({ address6 }) => address6 !== undefined) ? null : 'no-address6';
}

const ON_THE_WIRE: ReadonlySet<string> = new Set(['macvlan', 'ipvlan']);

/** The kind of network that publishes nothing, where the container is on such ones alone. */
function driverOf({ engine, container }: OwnContainer): string | undefined {
  const drivers = container.networks.map(
    ({ networkId }) => engine.networks.find(({ id }) => id === networkId)?.driver ?? '',
  );
  return drivers.every((driver) => ON_THE_WIRE.has(driver)) ? drivers[0] : undefined;
}

/** Whether the port inside is open here, where a container shares the host's network. */
const serves = (
  { snapshot }: WaySituation,
  { reason, published }: InVain,
  { namespace, protocol }: Refusal,
): boolean =>
  reason === 'host-network' &&
  listensOn(socketsIn(snapshot, namespace), { protocol, port: published.containerPort }).length > 0;

function remediesOf(situation: WaySituation, refusal: Refusal, found: InVain): readonly Remedy[] {
  const { container, published, reason } = found;
  const { containerPort } = published;
  const { namespace, protocol, port } = refusal;
  if (reason === 'host-network')
    return serves(situation, found, refusal)
      ? [{ actions: [{ kind: 'ask-instead', to: null, port: containerPort }] }]
      : [{ actions: [{ kind: 'serve', namespace, protocol, port, ...servedWhere(refusal), instead: null }] }];
  if (reason === 'no-network') return [];
  if (reason === 'no-rule6' || reason === 'no-rule')
    return publishRemedies(situation, refusal, found, containerPort);
  const address = container.networks.flatMap((network) => network.address ?? network.address6 ?? [])[0];
  if (address === undefined) return [];
  const asked = containerPort === port ? null : containerPort;
  return [{ actions: [{ kind: 'ask-instead', to: containerLabel(found), port: asked, address }] }];
}

const REASONS = Object.keys(EVIDENCE) as readonly Reason[];

const reasonOf = (p: Shown): Reason => REASONS.find((it) => it === p('reason')) ?? 'no-rule6';

type Sentences = Readonly<Record<Reason, (p: Shown) => string>>;

const SUMMARY_EN: Sentences = {
  'host-network': (p) =>
    `${p('container')} has the host's own network, where -p ${p('port')}:${p('containerPort')} does nothing`,
  driver: (p) =>
    `${p('container')} is on a ${p('driver')} network, and such networks publish no ports on the host`,
  'no-address6': (p) =>
    `Port ${p('port')} of ${p('container')} was to be published by IPv6, and the container has no IPv6 address`,
  'no-rule6': (p) =>
    `Port ${p('port')} is published for ${p('container')} by IPv6 too, and no rule passes IPv6 on to it`,
  'no-rule': (p) =>
    `Port ${p('port')} is published for ${p('container')}, and no rule passes on what comes to it`,
  'no-network': (p) => `Port ${p('port')} is kept for ${p('container')}, which is on no network`,
};

const WHY_EN: Sentences = {
  'host-network': (p) =>
    `A container that was started with --network host has no ports of its own: its programs listen on ${p('namespace')} itself, and the engine discards every -p. ${p('served') === 'true' ? `Its port ${p('containerPort')} is open there: ask for that one.` : `Ask for the port on which its program listens; ${p('containerPort')} is not open either.`} For port ${p('port')}, make the container anew without --network host.`,
  driver: (p) =>
    `On a ${p('driver')} network a container has an address of the outer network itself, and the engine neither forwards nor keeps a port of ${p('namespace')} for it. Who is on that network asks the container's own address, port ${p('containerPort')}; the host itself cannot (host and ${p('driver')} children never meet).`,
  'no-address6': (p) =>
    `Rules cannot turn IPv6 into IPv4. Only the engine's proxy can (it takes the connection on the host and opens one by IPv4 to the container), and it is switched off, so the engine published nothing at all. Ask by IPv4 after publishing with -p ${p('port')}:${p('containerPort')}, switch the proxy on ("userland-proxy": true in /etc/docker/daemon.json), or put the container on a network with IPv6.`,
  'no-rule6': () =>
    `The engine passes a published port on by rules of the firewall, or by its proxy. The proxy is switched off, and for IPv6 there is no rule: Docker before 27 writes them only where it was told to ("ip6tables": true and "experimental": true in /etc/docker/daemon.json). A socket of the engine keeps the port and takes the connection, and nobody ever answers on it.`,
  'no-rule': (p) =>
    `Podman passes a published port on by rules of the firewall, which it writes when the container starts. Something has removed them since: a firewall that was reloaded, “nft flush ruleset”, a script. A socket of podman's (conmon) still keeps the port and takes the connection, and nobody ever answers on it. “podman network reload ${p('container')}” writes the rules again.`,
  'no-network': (p) =>
    `Podman keeps port ${p('port')} as long as the container runs: its socket (conmon) takes the connection, and there is no network by which it could be passed on. Connect the container to one: podman network connect NETWORK ${p('container')}.`,
};

const SUMMARY_ZH: Sentences = {
  'host-network': (p) =>
    `${p('container')} 用的是宿主机自己的网络，-p ${p('port')}:${p('containerPort')} 在那里不起作用`,
  driver: (p) => `${p('container')} 在 ${p('driver')} 网络上，这种网络不会在宿主机上发布端口`,
  'no-address6': (p) => `${p('container')} 的端口 ${p('port')} 本要通过 IPv6 发布，但容器没有 IPv6 地址`,
  'no-rule6': (p) => `端口 ${p('port')} 也通过 IPv6 为 ${p('container')} 发布，却没有规则把 IPv6 转给它`,
  'no-rule': (p) => `端口 ${p('port')} 是为 ${p('container')} 发布的，却没有规则把到达的数据转给它`,
  'no-network': (p) => `端口 ${p('port')} 为 ${p('container')} 占着，而这个容器不在任何网络上`,
};

const WHY_ZH: Sentences = {
  'host-network': (p) =>
    `用 --network host 启动的容器没有自己的端口：它的程序直接在 ${p('namespace')} 上监听，引擎会丢弃所有 -p。${p('served') === 'true' ? `它的端口 ${p('containerPort')} 在那里是打开的：请访问它。` : `请访问它的程序实际监听的端口；${p('containerPort')} 也没有打开。`}要用端口 ${p('port')}，请去掉 --network host 重新创建容器。`,
  driver: (p) =>
    `在 ${p('driver')} 网络上，容器拥有外部网络里的地址，引擎既不替它转发、也不占用 ${p('namespace')} 的端口。同一网络上的机器请直接访问容器自己的地址和端口 ${p('containerPort')}；宿主机自己则不行（宿主机与它的 ${p('driver')} 子接口互不相通）。`,
  'no-address6': (p) =>
    `规则无法把 IPv6 变成 IPv4，只有引擎的代理能做到（它在宿主机上接受连接，再用 IPv4 连接容器）。代理被关掉了，所以引擎什么也没有发布。可以用 -p ${p('port')}:${p('containerPort')} 发布后通过 IPv4 访问，或者打开代理（/etc/docker/daemon.json 中 "userland-proxy": true），或者把容器放到有 IPv6 的网络上。`,
  'no-rule6': () =>
    `引擎靠防火墙规则或自己的代理来转发已发布的端口。代理被关掉了，而 IPv6 没有规则：27 之前的 Docker 只有在设置了以后才写（/etc/docker/daemon.json 中 "ip6tables": true 和 "experimental": true）。引擎用一个套接字占住端口并接受连接，但永远不会有人在上面应答。`,
  'no-rule': (p) =>
    `Podman 靠防火墙规则转发已发布的端口，这些规则在容器启动时写入。后来有别的东西把它们删掉了：重新加载的防火墙、“nft flush ruleset”，或者某个脚本。podman 的套接字（conmon）仍占着端口并接受连接，但永远不会有人在上面应答。“podman network reload ${p('container')}”会重新写入这些规则。`,
  'no-network': (p) =>
    `只要容器在运行，podman 就占着端口 ${p('port')}：它的套接字（conmon）会接受连接，却没有网络可以把连接转给容器。请把容器接入一个网络：podman network connect NETWORK ${p('container')}。`,
};
