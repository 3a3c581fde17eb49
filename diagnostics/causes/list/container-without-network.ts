import { isUserDefined, keyOf, ownContainers } from '../../model/engines.ts';
import type { Container, Engine } from '../../model/container.ts';
import type { HostId, NamespaceId } from '../../model/ids.ts';
import { findHost, findNamespace } from '../../model/snapshot.ts';
import type { CauseKind } from '../cause.ts';
import type { Remedy } from '../finding.ts';
import { networkNames } from '../containers.ts';
import { engineLine, readIn } from '../evidence.ts';
import { unpublishedAt } from '../unpublished.ts';
import { factsIn, linksIn, type Situation } from '../situation.ts';

/** The engines' word for a container that is on no network. */
const NONE = 'none';

/** One end is a container that its engine put on no network at all: it has its loopback, and no other interface. */
export const containerWithoutNetwork: CauseKind = {
  id: 'container-without-network',
  find(situation) {
    const lonely = lonelyEnd(situation);
    if (!lonely) return null;
    const { host, engine, container, namespace } = lonely;
    const { snapshot } = situation;
    return {
      id: 'container-without-network',
      place: { namespace },
      certainty: 'certain',
      params: {
        container: container.name,
        none: networkNames(container).includes(NONE) || container.networkMode === NONE,
        asking: lonely.side === 'from',
        anew: connects(lonely) ? null : engine.kind,
      },
      evidence: [
        {
          source: engineLine(
            engine,
            ...['inspect', '-f'],
            '{{.HostConfig.NetworkMode}}: {{range $name, $_ := .NetworkSettings.Networks}}{{$name}} {{end}}',
            container.name,
          ),
          text: `${container.networkMode}: ${networkNames(container).join(' ')}`,
        },
        { source: readIn(snapshot, namespace, ['ip', 'address']), text: 'lo only' },
      ],
      remedies: (connects(lonely) ? joinable(engine, situation, lonely) : []).map((network): Remedy => ({
        actions: [
          {
            kind: 'connect-network',
            host,
            ...keyOf(engine),
            container: container.name,
            network,
            ...(networkNames(container).includes(NONE) ? { leaving: NONE } : {}),
          },
        ],
      })),
    };
  },
  text: {
    en: {
      summary: (p) =>
        `The container ${p('container')} is on no network${p('none') === 'true' ? ' (network “none”)' : ''}: it can reach only itself`,
      explanation: (p) =>
        `A container gets its interface, its address and its DNS names from the networks it is connected to. ${p('container')} ${p('none') === 'true' ? 'was started with “--network none”' : 'was disconnected from all of its networks'}, which leaves it the loopback alone: ${p('asking') === 'true' ? 'whatever it sends has no way out' : 'nobody has an address to reach it by'}. That is a safe choice for a job that only computes. If ${p('container')} is meant to talk, ${p('anew') === '' ? 'connect it to a network' : `make it anew on a network (${p('anew')} run --network)`}.`,
    },
    'zh-cn': {
      summary: (p) =>
        `容器 ${p('container')} 没有接入任何网络${p('none') === 'true' ? '（网络“none”）' : ''}，只能访问它自己`,
      explanation: (p) =>
        `容器的接口、地址和 DNS 名字都来自它所接入的网络。${p('container')} ${p('none') === 'true' ? '启动时用了“--network none”' : '已经从所有网络断开'}，只剩下回环接口：${p('asking') === 'true' ? '它发出的数据没有出路' : '别人也没有可以访问它的地址'}。对只做计算的任务来说这很安全；如果 ${p('container')} 需要通信，请${p('anew') === '' ? '把它接入一个网络' : `在某个网络上重新创建它（${p('anew')} run --network）`}。`,
    },
  },
};

interface Lonely {
  readonly host: HostId;
  readonly engine: Engine;
  readonly container: Container;
  readonly namespace: NamespaceId;
  readonly side: 'from' | 'to';
}

function lonelyEnd(situation: Situation): Lonely | null {
  const ended = endOf(situation);
  if (!ended) return null;
  const { namespace, side } = ended;
  const { snapshot } = situation;
  const host = findNamespace(snapshot, namespace)?.host ?? '';
  // One that joined another's namespace has that one's networks.
  const own = ownContainers(findHost(snapshot, host)).find(
    ({ container: it }) => it.namespace === namespace && !isShared(it.networkMode),
  );
  if (!own) return null;
  const { engine, container } = own;
  if (networkNames(container).some((name) => name !== NONE)) return null;
  // Somebody may have wired it by hand: then it is on a network that no engine knows.
  if (factsIn(snapshot, namespace)?.links.state !== 'known') return null;
  const wired = linksIn(snapshot, namespace).some(({ kind }) => kind.type !== 'loopback');
  return wired ? null : { host, engine, container, namespace, side };
}

const isShared = (mode: string): boolean => mode === 'host' || mode.startsWith('container:');

/** The end of the question that the situation is about; null where it is about the way between them. */
function endOf(
  situation: Situation,
): { readonly namespace: NamespaceId; readonly side: 'from' | 'to' } | null {
  switch (situation.type) {
    case 'end': {
      const end = situation.flow[situation.side];
      return end.type === 'namespace' ? { namespace: end.namespace, side: situation.side } : null;
    }
    case 'name':
      return { namespace: situation.namespace, side: 'from' };
    case 'way': {
      const { direction, trace, step, namespace } = situation;
      const unpublished = unpublishedAt(situation)?.container.namespace;
      if (typeof unpublished === 'string') return { namespace: unpublished, side: 'to' };
      const lost = direction === 'forward' && trace.hops.length === 1 && step.kind === 'route';
      return lost && step.route === null ? { namespace, side: 'from' } : null;
    }
    case 'relay':
    case 'proxy':
    case 'sender':
      return null;
  }
}

/** Podman connects no container that was made without a network (`"none" is not supported: invalid network mode`). */
const connects = ({ engine, container }: Lonely): boolean =>
  engine.kind === 'docker' || (engine.kind === 'podman' && container.networkMode === 'bridge');

/** Where it would meet the other end: a network of that one, those that users made first. */
function joinable(engine: Engine, { flow }: Situation, { side }: Lonely): readonly string[] {
  const other = flow[side === 'from' ? 'to' : 'from'];
  const name = other.type === 'namespace' ? other.container : undefined;
  const peer = engine.containers.find((it) => it.name === name);
  const bridges = engine.networks.filter(({ driver }) => driver === 'bridge');
  const theirs = bridges.filter((network) => peer && networkNames(peer).includes(network.name));
  const open = bridges.filter(({ internal }) => !internal);
  return (theirs.length > 0 ? theirs : open)
    .sort((a, b) => Number(isUserDefined(engine, b)) - Number(isUserDefined(engine, a)))
    .map((network) => network.name);
}
