import type { PublishedPort } from '../../model/container.ts';
import { ownContainers, type OwnContainer } from '../../model/engines.ts';
import { sameAddress } from '../../model/ip.ts';
import { findHost } from '../../model/snapshot.ts';
import type { CauseKind, Finding } from '../cause.ts';
import { engineLine } from '../evidence.ts';
import { refusalAt } from '../listeners.ts';
import { publishRemedies } from '../publish.ts';
import { labelIn, type Situation } from '../situation.ts';

/** The port is published, on the host's loopback only: whoever is not on the host finds nothing there. */
export const publishedOnLoopback: CauseKind = {
  id: 'published-on-loopback',
  find: (situation) => publishedElsewhere(situation, 'published-on-loopback', isLoopback),
  text: {
    en: {
      summary: (p) =>
        `${p('container')} publishes port ${p('port')} on ${p('published')} only, for programs on ${p('namespace')} itself`,
      explanation: (p) =>
        `Publishing names an address of the host: -p ${p('published')}:${p('port')}:${p('containerPort')} takes connections on the loopback address alone, which nobody else can reach, other containers included. The packet came to ${p('address')}, where nothing listens on ${p('port')}. Perhaps that is wanted; if not, make the container anew with -p ${p('port')}:${p('containerPort')} (every address of the host).`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('container')} 只在 ${p('published')} 上发布端口 ${p('port')}，仅供 ${p('namespace')} 自己的程序使用`,
      explanation: (p) =>
        `发布端口时可以指定宿主机的地址：-p ${p('published')}:${p('port')}:${p('containerPort')} 只在回环地址上接受连接，别人（包括其他容器）都到不了那里。数据包到达的是 ${p('address')}，那里没有人监听端口 ${p('port')}。这也许是有意为之；如果不是，请用 -p ${p('port')}:${p('containerPort')}（宿主机的所有地址）重新创建容器。`,
    },
  },
};

/** The port is published on another address of the host than the one that was asked. */
export const publishedOnOtherAddress: CauseKind = {
  id: 'published-on-other-address',
  find: (situation) =>
    publishedElsewhere(situation, 'published-on-other-address', (address) => !isLoopback(address)),
  text: {
    en: {
      summary: (p) =>
        `${p('container')} publishes port ${p('port')} on ${p('published')}, and ${p('address')} was asked`,
      explanation: (p) =>
        `Publishing names an address of the host: -p ${p('published')}:${p('port')}:${p('containerPort')} takes connections on ${p('published')} alone. The packet came to ${p('address')}, another address of ${p('namespace')}, where nothing listens on ${p('port')}. Ask ${p('published')}, or make the container anew with -p ${p('port')}:${p('containerPort')} (every address of the host).`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('container')} 在 ${p('published')} 上发布端口 ${p('port')}，而访问的是 ${p('address')}`,
      explanation: (p) =>
        `发布端口时可以指定宿主机的地址：-p ${p('published')}:${p('port')}:${p('containerPort')} 只在 ${p('published')} 上接受连接。数据包到达的是 ${p('namespace')} 的另一个地址 ${p('address')}，那里没有人监听端口 ${p('port')}。请改为访问 ${p('published')}，或者用 -p ${p('port')}:${p('containerPort')}（宿主机的所有地址）重新创建容器。`,
    },
  },
};

const EVERYWHERE: ReadonlySet<string> = new Set(['', '0.0.0.0', '::']);
const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1';

interface Published extends OwnContainer {
  readonly port: PublishedPort;
}

function publishedElsewhere(
  situation: Situation,
  id: string,
  fits: (address: string) => boolean,
): Finding | null {
  const refusal = situation.type === 'way' ? refusalAt(situation) : null;
  if (!refusal || situation.type !== 'way') return null;
  const { snapshot, trace } = situation;
  const { namespace, protocol, port, address } = refusal;
  const host = snapshot.namespaces.find(({ id: own }) => own === namespace)?.host ?? '';
  const asked = findHost(snapshot, host);
  if (asked?.rootNamespace !== namespace) return null;
  const all = ownContainers(asked).flatMap(({ engine, container }) =>
    container.publishedPorts
      .filter((it) => it.hostPort === port && it.protocol === protocol)
      .map((it): Published => ({ engine, container, port: it })),
  );
  if (all.some(({ port: it }) => EVERYWHERE.has(it.hostAddress) || sameAddress(it.hostAddress, address)))
    return null;
  const found = all.find(({ port: it }) => fits(it.hostAddress));
  if (!found) return null;
  const { hostAddress, containerPort } = found.port;
  const elsewhere = isLoopback(hostAddress)
    ? []
    : [{ actions: [{ kind: 'ask-instead' as const, to: hostAddress, port: null, address: hostAddress }] }];
  return {
    id,
    place: { namespace },
    certainty: trace.certain ? 'certain' : 'likely',
    params: {
      namespace: labelIn(snapshot, namespace),
      container: found.container.name,
      protocol,
      port,
      containerPort,
      published: hostAddress,
      address,
    },
    evidence: [
      {
        source: engineLine(found.engine, 'port', found.container.name),
        text: `${containerPort}/${protocol} -> ${hostAddress}:${port}`,
      },
    ],
    remedies: [...publishRemedies(situation, refusal, found, containerPort), ...elsewhere],
  };
}
