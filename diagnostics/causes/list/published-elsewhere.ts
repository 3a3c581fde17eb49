import type { PublishedPort } from '../../model/container.ts';
import { ownContainers, type OwnContainer } from '../../model/engines.ts';
import { sameAddress } from '../../model/ip.ts';
import { publishedFamily, takesAddress } from '../../model/published-port.ts';
import { findHost } from '../../model/snapshot.ts';
import type { CauseKind } from '../cause.ts';
import { certaintyOf, type Finding } from '../finding.ts';
import { engineLine } from '../evidence.ts';
import { refusalAt, type Refusal } from '../listeners.ts';
import { publishRemedies } from '../publish.ts';
import { isOf, labelIn, linksIn, type Situation, type WaySituation } from '../situation.ts';

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
        p('family') === ''
          ? `${p('container')} publishes port ${p('port')} on ${p('published')}, and ${p('address')} was asked`
          : `${p('container')} publishes port ${p('port')} by IPv${p('family')} only (${p('published')}), and ${p('address')} was asked`,
      explanation: (p) =>
        p('family') === '4' && p('engine') !== 'docker'
          ? `A published port is taken by IPv6 only where the container has an IPv6 address (podman network create --ipv6, on which it is made anew). Here it has none, and the packet came to ${p('address')}. Programs that are asked for “localhost” may try ::1 first; say 127.0.0.1.`
          : p('family') === '4'
            ? `A published port is taken by IPv6 only where somebody passes it on to the container: the engine's own proxy (userland-proxy, which is on unless it was switched off), or its rules, where the container's network has IPv6. Here neither does, and the packet came to ${p('address')}. Programs that are asked for “localhost” may try ::1 first; say 127.0.0.1.`
            : p('family') === '6'
              ? `Publishing names an address of the host: -p [${p('published')}]:${p('port')}:${p('containerPort')} takes connections by IPv6 alone. The packet came to ${p('address')}. Without an address, -p ${p('port')}:${p('containerPort')} takes IPv4.`
              : `Publishing names an address of the host: -p ${p('published')}:${p('port')}:${p('containerPort')} takes connections on ${p('published')} alone. The packet came to ${p('address')}, another address of ${p('namespace')}, where nothing listens on ${p('port')}. Ask ${p('published')}, or make the container anew with -p ${p('port')}:${p('containerPort')} (every address of the host).`,
    },
    'zh-cn': {
      summary: (p) =>
        p('family') === ''
          ? `${p('container')} 在 ${p('published')} 上发布端口 ${p('port')}，而访问的是 ${p('address')}`
          : `${p('container')} 只通过 IPv${p('family')}（${p('published')}）发布端口 ${p('port')}，而访问的是 ${p('address')}`,
      explanation: (p) =>
        p('family') === '4' && p('engine') !== 'docker'
          ? `只有当容器有 IPv6 地址时（podman network create --ipv6，并在其上重新创建容器），发布的端口才能通过 IPv6 访问。这里没有，而数据包到达的是 ${p('address')}。访问“localhost”的程序可能先试 ::1；请写 127.0.0.1。`
          : p('family') === '4'
            ? `只有当有人把 IPv6 连接转给容器时，发布的端口才能通过 IPv6 访问：引擎自带的代理（userland-proxy，默认开启），或者在容器的网络有 IPv6 时由引擎的规则来转。这里两者都没有，而数据包到达的是 ${p('address')}。访问“localhost”的程序可能先试 ::1；请写 127.0.0.1。`
            : p('family') === '6'
              ? `发布端口时可以指定宿主机的地址：-p [${p('published')}]:${p('port')}:${p('containerPort')} 只接受 IPv6 连接。数据包到达的是 ${p('address')}。不写地址的 -p ${p('port')}:${p('containerPort')} 接受 IPv4。`
              : `发布端口时可以指定宿主机的地址：-p ${p('published')}:${p('port')}:${p('containerPort')} 只在 ${p('published')} 上接受连接。数据包到达的是 ${p('namespace')} 的另一个地址 ${p('address')}，那里没有人监听端口 ${p('port')}。请改为访问 ${p('published')}，或者用 -p ${p('port')}:${p('containerPort')}（宿主机的所有地址）重新创建容器。`,
    },
  },
};

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
    [...container.publishedPorts, ...(container.unpublishedPorts ?? [])]
      .filter((it) => it.hostPort === port && it.protocol === protocol)
      .map((it): Published => ({ engine, container, port: it })),
  );
  if (all.some((it) => takesAddress(it, it.port, address))) return null;
  const found = all.find(({ port: it }) => fits(it.hostAddress));
  if (!found) return null;
  const { hostAddress, containerPort } = found.port;
  const family = publishedFamily(found.port);
  const other =
    family === null
      ? isLoopback(hostAddress)
        ? undefined
        : hostAddress
      : ownAddress(situation, refusal, family);
  const elsewhere =
    other === undefined
      ? []
      : [{ actions: [{ kind: 'ask-instead' as const, to: other, port: null, address: other }] }];
  return {
    id,
    place: { namespace },
    certainty: certaintyOf(trace),
    params: {
      namespace: labelIn(snapshot, namespace),
      container: found.container.name,
      protocol,
      port,
      containerPort,
      published: hostAddress,
      address,
      family,
      engine: found.engine.kind,
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

/** The other family's address of the same interface. */
const ownAddress = (
  { snapshot }: WaySituation,
  { namespace, address }: Refusal,
  family: 4 | 6,
): string | undefined =>
  linksIn(snapshot, namespace)
    .find(({ addresses }) => addresses.some((own) => sameAddress(own.address, address)))
    ?.addresses.find(isOf(family))?.address;
