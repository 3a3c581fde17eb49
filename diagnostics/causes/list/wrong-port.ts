import { engineRunning, ownContainers } from '../../model/engines.ts';
import type { Container, PublishedPort } from '../../model/container.ts';
import { takesAddress } from '../../model/published-port.ts';
import { findHost, findNamespace, type Snapshot } from '../../model/snapshot.ts';
import type { CauseKind } from '../cause.ts';
import { engineLine } from '../evidence.ts';
import { namesHostContainer } from '../named-container.ts';
import type { Remedy } from '../finding.ts';
import { isLoopback, refusalAt, listensOn, socketsIn, type Refusal } from '../listeners.ts';
import { containersIn, labelIn, type WaySituation } from '../situation.ts';

interface Mistake {
  readonly container: Container;
  readonly published: PublishedPort;
  /** The port that would have been right here. */
  readonly right: number;
  readonly askedOn: 'host' | 'container';
  /** Further ones that could have been meant. */
  readonly others: readonly Omit<Mistake, 'others'>[];
}

/**
 * The container's own port was used on the host, or the host's port on the container. Of the host's ports nobody said that it is a
 * container's service that is wanted, so that is likely only.
 */
export const wrongPort: CauseKind = {
  id: 'wrong-port',
  lists: ['others'],
  find(situation) {
    const refusal = situation.type === 'way' ? refusalAt(situation) : null;
    if (!refusal || situation.type !== 'way') return null;
    const { snapshot } = situation;
    if (listensOn(socketsIn(snapshot, refusal.namespace), refusal).length > 0) return null;
    const mistake = hostPortOnContainer(situation, refusal) ?? containerPortOnHost(situation, refusal);
    if (!mistake) return null;
    const { container, published, right, askedOn, others } = mistake;
    return {
      id: 'wrong-port',
      place: { namespace: refusal.namespace },
      certainty: askedOn === 'host' ? 'likely' : 'certain',
      params: {
        namespace: labelIn(snapshot, refusal.namespace),
        container: container.name,
        port: refusal.port,
        right,
        hostPort: published.hostPort,
        containerPort: published.containerPort,
        askedOn,
        others: others.map((it) => `${it.container.name}: ${it.right}`).join(', ') || null,
      },
      evidence: [
        {
          source: engineLine(
            engineRunning(snapshot, container.namespace ?? '', container.name),
            'port',
            container.name,
          ),
          text: `${published.containerPort}/${published.protocol} -> ${published.hostAddress}:${published.hostPort}`,
        },
      ],
      remedies: remediesOf(mistake),
    };
  },
  text: {
    en: {
      summary: (p) =>
        p('askedOn') === 'container'
          ? `${p('port')} is the port of ${p('container')} on the host; in the container itself it is ${p('right')}`
          : `${p('port')} is the port inside ${p('container')}; on the host it is published as ${p('right')}`,
      explanation: (p) =>
        `Publishing a port (-p ${p('hostPort')}:${p('containerPort')}) ties port ${p('hostPort')} of the host to port ${p('containerPort')} of the container. Whoever asks the host uses ${p('hostPort')}; whoever asks the container by its own name or address, as other containers do, uses ${p('containerPort')}.${
          p('askedOn') === 'host'
            ? ` Nothing listens on ${p('port')} of ${p('namespace')} itself. ${p('others') === '' ? '' : `Other containers have that port inside too, and are published on ports of their own (${p('others')}). `}Whether it is ${p('container')} that was meant, only who asks knows.`
            : ''
        }`,
    },
    'zh-cn': {
      summary: (p) =>
        p('askedOn') === 'container'
          ? `${p('port')} 是 ${p('container')} 在宿主机上的端口；在容器里应该用 ${p('right')}`
          : `${p('port')} 是容器 ${p('container')} 内部的端口；在宿主机上它发布为 ${p('right')}`,
      explanation: (p) =>
        `发布端口（-p ${p('hostPort')}:${p('containerPort')}）把宿主机的端口 ${p('hostPort')} 连到容器的端口 ${p('containerPort')}。访问宿主机用 ${p('hostPort')}；像其他容器那样用容器自己的名字或地址访问，则用 ${p('containerPort')}。${
          p('askedOn') === 'host'
            ? `${p('namespace')} 自己的端口 ${p('port')} 上没有人监听。${p('others') === '' ? '' : `还有别的容器内部也用这个端口，各自发布在别的端口上（${p('others')}）。`}想访问的是不是 ${p('container')}，只有提问的人知道。`
            : ''
        }`,
    },
  },
};

function hostPortOnContainer(
  { snapshot }: WaySituation,
  { namespace, port, protocol }: Refusal,
): Mistake | null {
  for (const container of containersIn(snapshot, namespace)) {
    const published = container.publishedPorts.find((it) => it.hostPort === port && it.protocol === protocol);
    if (!published || published.containerPort === port) continue;
    const right = published.containerPort;
    if (listensOn(socketsIn(snapshot, namespace), { protocol, port: right }).length === 0) continue;
    return { container, published, right, askedOn: 'container', others: [] };
  }
  return null;
}

function containerPortOnHost(
  situation: WaySituation,
  { namespace, port, protocol, address }: Refusal,
): Mistake | null {
  const { snapshot } = situation;
  const host = findHost(snapshot, findNamespace(snapshot, namespace)?.host ?? '');
  if (host?.rootNamespace !== namespace || namesHostContainer(situation)) return null;
  const mistakes = ownContainers(host).flatMap(({ engine, container }) =>
    container.publishedPorts
      .filter((it) => it.containerPort === port && it.protocol === protocol && it.hostPort !== port)
      .map((published) => ({
        taken: takesAddress({ engine, container }, published, address),
        mistake: { container, published, right: published.hostPort, askedOn: 'host' as const },
      })),
  );
  // Several containers may publish the same inner port: the one that would have answered here was meant.
  const reachable = mistakes.filter(({ taken }) => taken);
  const answering = reachable.filter(({ mistake }) => serves(snapshot, mistake.container, mistake.published));
  const found = (answering[0] ?? reachable[0] ?? mistakes[0])?.mistake;
  if (!found) return null;
  const others = answering.slice(1).map(({ mistake }) => mistake);
  return { ...found, others: others.filter(({ container }) => container !== found.container) };
}

/** Ask the port that leads to the container, or to another that could have been meant. */
const remediesOf = ({ right, others }: Mistake): readonly Remedy[] =>
  [...new Set([right, ...others.map((it) => it.right)])].map((port) => ({
    actions: [{ kind: 'ask-instead', to: null, port }],
  }));

const serves = (snapshot: Snapshot, { namespace }: Container, published: PublishedPort): boolean =>
  namespace !== null &&
  socketsIn(snapshot, namespace).some(
    (socket) =>
      socket.protocol === published.protocol &&
      socket.port === published.containerPort &&
      !isLoopback(socket),
  );
