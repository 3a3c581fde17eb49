import type { PublishedPort } from '../../model/container.ts';
import { ownContainers, type OwnContainer } from '../../model/engines.ts';
import { findHost, findNamespace } from '../../model/snapshot.ts';
import type { CauseKind } from '../cause.ts';
import { engineLine } from '../evidence.ts';
import { namesHostContainer } from '../named-container.ts';
import { listensOn, refusalAt, socketsIn, type Refusal } from '../listeners.ts';
import { publishRemedies } from '../publish.ts';
import { labelIn, type WaySituation } from '../situation.ts';

/** A port of the host was asked for; a container has a service on it, and was started without publishing it. */
export const portNotPublished: CauseKind = {
  id: 'port-not-published',
  find(situation) {
    const refusal = situation.type === 'way' ? refusalAt(situation) : null;
    if (!refusal || situation.type !== 'way') return null;
    const { snapshot } = situation;
    const host = snapshot.namespaces.find(({ id }) => id === refusal.namespace)?.host ?? '';
    if (findHost(snapshot, host)?.rootNamespace !== refusal.namespace) return null;
    if (namesHostContainer(situation)) return null;
    if (listensOn(socketsIn(snapshot, refusal.namespace), refusal).length > 0) return null;
    const served = serving(situation, refusal);
    if (!served) return null;
    const { engine, container, containerPort, publishedFor } = served;
    const { protocol, port } = refusal;
    return {
      id: 'port-not-published',
      place: { namespace: refusal.namespace },
      certainty: publishedFor === null ? 'likely' : 'certain',
      params: {
        namespace: labelIn(snapshot, refusal.namespace),
        container: container.name,
        protocol,
        port,
        containerPort,
        publishedFor,
        publish: `${port}:${containerPort}${protocol === 'tcp' ? '' : `/${protocol}`}`,
      },
      evidence: [
        {
          source: engineLine(engine, 'port', container.name),
          text: `${containerPort}/${protocol} is not published`,
        },
      ],
      remedies: publishRemedies(situation, refusal, served, containerPort),
    };
  },
  text: {
    en: {
      summary: (p) =>
        p('publishedFor') === ''
          ? `${p('container')} serves port ${p('port')}, but the port is not published on the host`
          : `${p('container')} serves ${p('protocol')}, but port ${p('port')} of the host is published for ${p('publishedFor')} alone`,
      explanation: (p) =>
        `A container's ports are its own. The host takes connections for it only where the container was started with “-p”${p('publishedFor') === '' ? '' : ', and that means tcp where it names no protocol'}. ${p('container')} has a service on ${p('protocol')} port ${p('containerPort')} and does not publish it, so on ${p('namespace')} nothing listens there. A port cannot be published later: make the container anew with -p ${p('publish')}, or ask the container at its own address.`,
    },
    'zh-cn': {
      summary: (p) =>
        p('publishedFor') === ''
          ? `${p('container')} 在端口 ${p('port')} 上提供服务，但没有把它发布到宿主机`
          : `${p('container')} 提供的是 ${p('protocol')} 服务，而宿主机的端口 ${p('port')} 只为 ${p('publishedFor')} 发布`,
      explanation: (p) =>
        `容器的端口属于容器自己。只有启动容器时加了“-p”，宿主机才会替它接受连接${p('publishedFor') === '' ? '' : '；不写协议时，“-p”指的是 tcp'}。${p('container')} 在 ${p('protocol')} 端口 ${p('containerPort')} 上有服务却没有发布，所以 ${p('namespace')} 的这个端口上没有人监听。端口不能事后发布：请用 -p ${p('publish')} 重新创建容器，或者直接访问容器自己的地址。`,
    },
  },
};

/** A container that would have answered, had its port been published for what was asked. */
interface Served extends OwnContainer {
  readonly containerPort: number;
  /** The other protocol, for which the port of the host is published; null: for none. */
  readonly publishedFor: PublishedPort['protocol'] | null;
}

/** The one running container behind this engine that has the port open (or, where nobody may look, declares it). */
function serving({ snapshot }: WaySituation, refusal: Refusal): Served | null {
  const { namespace, protocol, port } = refusal;
  const host = findHost(snapshot, findNamespace(snapshot, namespace)?.host ?? '');
  const running = ownContainers(host).filter(
    ({ container }) => container.state === 'running' && container.namespace !== namespace,
  );
  const serves = ({ container }: OwnContainer, own: number): boolean =>
    !container.publishedPorts.some((it) => it.containerPort === own && it.protocol === protocol) &&
    ((container.namespace !== null &&
      listensOn(socketsIn(snapshot, container.namespace), { protocol, port: own }).length > 0) ||
      container.exposedPorts.includes(`${own}/${protocol}`));
  for (const own of running)
    for (const published of own.container.publishedPorts) {
      const { containerPort, hostPort, protocol: publishedFor } = published;
      if (hostPort === port && publishedFor !== protocol && serves(own, containerPort))
        return { ...own, containerPort, publishedFor };
    }
  const found = running.filter((own) => serves(own, port));
  const [only] = found;
  return only && found.length === 1 ? { ...only, containerPort: port, publishedFor: null } : null;
}
