import { engineWord, isUserDefined, keyOf, ownContainers, type OwnContainer } from '../../model/engines.ts';
import type { CauseKind } from '../cause.ts';
import { certaintyOf, type Remedy } from '../finding.ts';
import { containerWith, type PlacedContainer } from '../containers.ts';
import { keptAt, unpublishedAt } from '../unpublished.ts';
import type { ContainerNetwork } from '../../model/container.ts';
import { familyOf, parsePrefix } from '../../model/ip.ts';
import type { Packet } from '../../model/packet.ts';
import { engineLine, readIn, ruleEvidence } from '../evidence.ts';
import { labelIn, sysctlsIn, type WaySituation } from '../situation.ts';
import { internalOf, isEngineRule, isInternal } from '../closed-network.ts';
import { decidingFilter } from '../verdict-rule.ts';
import { findHost, findNamespace } from '../../model/snapshot.ts';

/**
 * One end is a container on internal networks: Docker lets nothing pass between these and the rest of the world, and publishes
 * none of its ports. It may be on others too, where it can be asked.
 */
export const internalNetwork: CauseKind = {
  id: 'internal-network',
  lists: ['networks', 'others'],
  find(situation) {
    if (situation.type !== 'way') return null;
    const { snapshot, namespace, trace, packet, direction } = situation;
    const inside = insider(situation);
    if (!inside) return null;
    const { engine, container, outwards, port, kept } = inside;
    const internal = internalOf(inside);
    const open = container.networks.filter(({ networkId }) => !internal.some(({ id }) => id === networkId));
    const step = decidingFilter(situation);
    return {
      id: 'internal-network',
      place: { namespace },
      certainty: certaintyOf(trace),
      params: {
        namespace: labelIn(snapshot, namespace),
        container: container.name,
        networks: internal.map(({ name }) => name).join(', '),
        destination: !outwards && direction === 'back' ? packet.source : packet.destination,
        outwards,
        others: open.length === 0 ? null : open.map(({ network }) => network).join(', '),
        port: port ?? null,
        kept: kept ?? false,
        engine: engineWord(engine),
      },
      evidence: [
        ...internal.map(({ name }) => ({
          source: engineLine(engine, 'network', 'inspect', '-f', '{{.Internal}}', '--', name),
          text: 'true',
        })),
        step
          ? ruleEvidence(snapshot, namespace, step.decidedBy)
          : port === undefined
            ? {
                source: readIn(snapshot, namespace, ['ip', 'route', 'get', packet.destination]),
                text: 'Network is unreachable',
              }
            : kept === true
              ? {
                  source: readIn(snapshot, namespace, ['iptables', '-t', 'nat', '-S', 'DOCKER']),
                  text: `no rule for port ${port}`,
                }
              : { source: engineLine(engine, 'port', container.name), text: `no ${port}` },
      ],
      remedies:
        open.length > 0
          ? askOutside(open, packet)
          : outwards || port
            ? joinOutside(inside, packet)
            : joinInside(situation, inside),
    };
  },
  text: {
    en: {
      summary: (p) =>
        p('outwards') === 'true'
          ? `${p('container')} is only on ${p('networks')}, an internal ${p('engine')} network, from which nothing gets out`
          : p('port') !== ''
            ? `Port ${p('port')} ${p('kept') === 'true' ? `leads to ${p('container')} no more` : `of ${p('container')} is not published`}: it is only on ${p('networks')}, an internal ${p('engine')} network`
            : p('others') !== ''
              ? `${p('destination')} is the address of ${p('container')} on ${p('networks')}, an internal ${p('engine')} network, into which nothing gets from outside`
              : `${p('container')} is only on ${p('networks')}, an internal ${p('engine')} network, into which nothing gets from outside`,
      explanation: (p) =>
        `A network made with “--internal” joins its containers to each other and to nothing else: ${p('engine')} drops what would go out of it or come in, and publishes no ports of it. That keeps a database, say, away from the world. ${
          p('outwards') === 'true'
            ? `If ${p('container')} needs ${p('destination')}, connect it to a second network that is not internal.`
            : p('kept') === 'true'
              ? `${p('container')} was on another one when its port was published, and left it. The engine still lists the port and keeps a socket on it, so a connection is taken, and nobody ever answers. Connect ${p('container')} to a network that is not internal, and the port is passed on again.`
              : p('others') !== ''
                ? `${p('container')} is on ${p('others')} too: ask for its address there.`
                : `To reach ${p('container')} from elsewhere, ask from a container on ${p('networks')}, or connect it to a second network that is not internal and ask for its address there.`
        }`,
    },
    'zh-cn': {
      summary: (p) =>
        p('outwards') === 'true'
          ? `${p('container')} 只在内部（internal）${p('engine')} 网络 ${p('networks')} 上，从那里出不去`
          : p('port') !== ''
            ? `${p('kept') === 'true' ? `端口 ${p('port')} 不再通向 ${p('container')}` : `${p('container')} 的端口 ${p('port')} 没有发布`}：它只在内部（internal）${p('engine')} 网络 ${p('networks')} 上`
            : p('others') !== ''
              ? `${p('destination')} 是 ${p('container')} 在内部（internal）${p('engine')} 网络 ${p('networks')} 上的地址，从外面进不去`
              : `${p('container')} 只在内部（internal）${p('engine')} 网络 ${p('networks')} 上，从外面进不去`,
      explanation: (p) =>
        `用“--internal”创建的网络只让其中的容器互相访问：${p('engine')} 会丢弃进出它的流量，也不会发布其中容器的端口，例如用来把数据库与外界隔开。${
          p('outwards') === 'true'
            ? `如果 ${p('container')} 需要访问 ${p('destination')}，请把它再接入一个非内部的网络。`
            : p('kept') === 'true'
              ? `端口发布时 ${p('container')} 还在另一个网络上，后来离开了。引擎仍然列出这个端口，并用一个套接字占着它：连接会被接受，但永远没有人应答。把 ${p('container')} 接入一个非内部的网络，端口就又能通了。`
              : p('others') !== ''
                ? `${p('container')} 也在 ${p('others')} 上：请访问它在那里的地址。`
                : `要从别处访问 ${p('container')}，请从 ${p('networks')} 上的容器发起，或者把它再接入一个非内部的网络，并访问它在那里的地址。`
        }`,
    },
  },
};

interface Insider extends PlacedContainer {
  /** Whether it is the one that asks. */
  readonly outwards: boolean;
  /** The port of the host's that was asked for, and that is not published because of this. */
  readonly port?: number;
  /** The engine had published it, and still keeps it. */
  readonly kept?: true;
}

/** The end that is on internal networks only; null where both ends are containers (that is isolation), or none is. */
function insider(situation: WaySituation): Insider | null {
  const { snapshot, namespace, packet, direction, trace, step } = situation;
  const internalOnly = ({ engine, container }: OwnContainer): boolean => {
    const internal = internalOf({ engine, container });
    return internal.length > 0 && internal.length === container.networks.length;
  };
  const decided = decidingFilter(situation);
  if (decided) {
    if (!isEngineRule(decided.decidedBy)) return null;
    const [source, destination] = [packet.source, packet.destination].map((it) =>
      containerWith(snapshot, it),
    );
    if (source && destination) return null;
    const found = source ?? destination;
    const outwards = (found === source) === (direction === 'forward');
    // Who asks has other ways out then; who is asked has an address that cannot be asked from here.
    const inside = found && (internalOnly(found) || (!outwards && isInternal(found, packet.destination)));
    return found && inside === true ? { ...found, outwards } : null;
  }
  const unpublished = unpublishedAt(situation);
  if (unpublished && internalOnly(unpublished))
    return { ...unpublished, outwards: false, port: unpublished.port.hostPort };
  const left = keptAt(situation);
  if (left && internalOnly(left)) return { ...left, outwards: false, port: left.port.hostPort, kept: true };
  // Newer engines give such a container no default route at all.
  const lost = step.kind === 'route' && step.route === null && trace.hops.length === 1;
  if (!lost) return behindClosedBridge(situation);
  const host = findNamespace(snapshot, namespace)?.host ?? '';
  const own = ownContainers(findHost(snapshot, host)).find(
    (it) => it.container.namespace === namespace && internalOnly(it),
  );
  if (!own) return null;
  // Between containers of Docker that is isolation.
  const between = containerWith(snapshot, packet.destination) !== null && own.engine.kind === 'docker';
  return between ? null : { host, ...own, outwards: direction === 'forward' };
}

/** Podman's netavark switches forwarding off for the bridge of an internal network: what its containers answer goes no further. */
function behindClosedBridge({ snapshot, namespace, packet, step, direction }: WaySituation): Insider | null {
  if (step.kind !== 'forward' || step.enabled) return null;
  // A machine that forwards nothing at all is another matter.
  if (sysctlsIn(snapshot, namespace)['net/ipv4/ip_forward'] !== '1') return null;
  const own = containerWith(snapshot, packet.source);
  return own && internalOf(own).some(({ bridge }) => bridge === step.dev)
    ? { ...own, outwards: direction === 'forward' }
    : null;
}

/** The container's addresses on networks that are not internal. */
const askOutside = (open: readonly ContainerNetwork[], { destination }: Packet): readonly Remedy[] =>
  open
    .flatMap((network) => (familyOf(destination) === 6 ? network.address6 : network.address) ?? [])
    .map((address) => ({ actions: [{ kind: 'ask-instead', to: address, port: null, address }] }));

/** One that has addresses of the packet's family. */
function joinOutside({ host, engine, container }: Insider, { family }: Packet): readonly Remedy[] {
  const open = engine.networks.filter(
    ({ internal, driver, subnets }) =>
      !internal &&
      driver === 'bridge' &&
      subnets.some(({ subnet }) => familyOf(parsePrefix(subnet)?.address ?? '') === family),
  );
  return open
    .sort((a, b) => Number(isUserDefined(engine, b)) - Number(isUserDefined(engine, a)))
    .map(({ name }) => ({
      actions: [
        { kind: 'connect-network', host, ...keyOf(engine), container: container.name, network: name },
      ],
    }));
}

/** A container of the same engine that asks may come onto the internal network. */
function joinInside({ flow }: WaySituation, inside: Insider): readonly Remedy[] {
  const { host, engine } = inside;
  const { from } = flow;
  if (from.type !== 'namespace' || from.host !== host) return [];
  const asker = engine.containers.find(
    ({ namespace, networks }) => namespace === from.namespace && networks.length > 0,
  );
  if (!asker) return [];
  return internalOf(inside).map(({ name }) => ({
    actions: [{ kind: 'connect-network', host, ...keyOf(engine), container: asker.name, network: name }],
  }));
}
