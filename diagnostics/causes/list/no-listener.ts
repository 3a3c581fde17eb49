import { containersOn } from '../../model/engines.ts';
import { findHost, findNamespace } from '../../model/snapshot.ts';
import type { CauseKind, Shown } from '../cause.ts';
import { certaintyOf } from '../finding.ts';
import { readIn } from '../evidence.ts';
import {
  isLoopback,
  listensOn,
  refusalAt,
  servedWhere,
  socketsIn,
  socketText,
  type Refusal,
} from '../listeners.ts';
import { containersIn, labelIn, type WaySituation } from '../situation.ts';

/** Most machines listen on so many ports that a list of them helps nobody. */
const SHOWN_PORTS = 8;

/** The packet arrives, and no program takes it. */
export const noListener: CauseKind = {
  id: 'no-listener',
  lists: ['otherPorts'],
  find(situation) {
    const refusal = situation.type === 'way' ? refusalAt(situation) : null;
    if (!refusal || situation.type !== 'way') return null;
    const { snapshot, trace } = situation;
    const { namespace, protocol, port } = refusal;
    const sockets = socketsIn(snapshot, namespace).filter((socket) => socket.protocol === protocol);
    // Somebody listens on this port, on another address: that is another failure.
    if (listensOn(sockets, refusal).length > 0) return null;
    const others = [...new Set(sockets.filter((socket) => !isLoopback(socket)).map((socket) => socket.port))];
    const letter = protocol === 'tcp' ? 't' : 'u';
    return {
      id: 'no-listener',
      place: { namespace },
      certainty: certaintyOf(trace),
      params: {
        namespace: labelIn(snapshot, namespace),
        protocol,
        port,
        ...publishedFor(situation, refusal, others),
        ...byOtherProtocol(situation, refusal),
        otherPorts:
          others.length === 0 || others.length > SHOWN_PORTS ? null : others.sort((a, b) => a - b).join(', '),
      },
      evidence: [
        {
          source: readIn(snapshot, namespace, ['ss', `-ln${letter}p`]),
          text:
            sockets.length === 0
              ? `no ${protocol} socket listens`
              : sockets.slice(0, SHOWN_PORTS).map(socketText).join(', '),
        },
      ],
      remedies: [
        { actions: [{ kind: 'serve', namespace, protocol, port, ...servedWhere(refusal), instead: null }] },
      ],
    };
  },
  text: {
    en: {
      summary: (p) =>
        `Nothing listens on ${p('protocol')} port ${p('port')} in ${p('namespace')}${p('serves') === '' ? '' : `, for which port ${p('published')} is published: its service listens on ${p('serves')}`}${otherEn(p)}`,
      explanation: (p) =>
        p('serves') !== ''
          ? `Publishing a port (-p ${p('published')}:${p('port')}) ties port ${p('published')} of the host to port ${p('port')} of the container, whether anything listens there or not. The packet gets all the way to ${p('namespace')}, and there the one open port is ${p('serves')}. Make the container anew with -p ${p('published')}:${p('serves')} (ports in a compose file), or let its service listen on ${p('port')}.`
          : `The packet gets all the way to ${p('namespace')}: the network is fine. But no program there has opened ${p('protocol')} port ${p('port')}, so the kernel refuses the packet. Either the service is not running, or it uses another port${p('otherPorts') === '' ? '' : ` (open are: ${p('otherPorts')})`}.${meantEn(p)}`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('namespace')} 中没有程序监听 ${p('protocol')} 端口 ${p('port')}${p('serves') === '' ? '' : `，而端口 ${p('published')} 正是发布到那里的：它的服务监听的是 ${p('serves')}`}${otherZh(p)}`,
      explanation: (p) =>
        p('serves') !== ''
          ? `发布端口（-p ${p('published')}:${p('port')}）把宿主机的端口 ${p('published')} 连到容器的端口 ${p('port')}，不管那里有没有程序在监听。数据包一路到达了 ${p('namespace')}，而那里唯一打开的端口是 ${p('serves')}。请用 -p ${p('published')}:${p('serves')}（compose 文件里的 ports）重新创建容器，或者让它的服务监听 ${p('port')}。`
          : `数据包一路到达了 ${p('namespace')}，网络没有问题。但那里没有程序打开 ${p('protocol')} 端口 ${p('port')}，所以内核拒绝了它。要么服务没有运行，要么它用的是别的端口${p('otherPorts') === '' ? '' : `（已打开的有：${p('otherPorts')}）`}。${meantZh(p)}`,
    },
  },
};

/** Who has the port by the protocol that was not asked for: a program there, or a container that publishes it so. */
function byOtherProtocol(
  { snapshot }: WaySituation,
  { namespace, protocol, port }: Refusal,
): { readonly otherProtocol: 'tcp' | 'udp' | null; readonly publisher: string | null } {
  const otherProtocol = protocol === 'tcp' ? 'udp' : 'tcp';
  const host = findHost(snapshot, findNamespace(snapshot, namespace)?.host ?? '');
  const publisher = containersOn(host?.rootNamespace === namespace ? host : undefined).find(
    ({ state, publishedPorts }) =>
      state === 'running' &&
      publishedPorts.some((it) => it.protocol === otherProtocol && it.hostPort === port),
  );
  const open = listensOn(socketsIn(snapshot, namespace), { protocol: otherProtocol, port });
  return publisher || open.some((socket) => !isLoopback(socket))
    ? { otherProtocol, publisher: publisher?.name ?? null }
    : { otherProtocol: null, publisher: null };
}

const otherEn = (p: Shown): string =>
  p('otherProtocol') === ''
    ? ''
    : p('publisher') === ''
      ? `; ${p('otherProtocol')} port ${p('port')} is open there`
      : `; ${p('publisher')} publishes port ${p('port')} for ${p('otherProtocol')} only`;

const otherZh = (p: Shown): string =>
  p('otherProtocol') === ''
    ? ''
    : p('publisher') === ''
      ? `；那里打开的是 ${p('otherProtocol')} 端口 ${p('port')}`
      : `；${p('publisher')} 只为 ${p('otherProtocol')} 发布了端口 ${p('port')}`;

const meantEn = (p: Shown): string =>
  p('otherProtocol') === ''
    ? ''
    : ` Ports of tcp and of udp have only their numbers in common: ask for ${p('port')}/${p('otherProtocol')}, if that is meant${p('publisher') === '' ? '' : `; if not, ${p('publisher')} has to publish the port for ${p('protocol')} too (-p ${p('port')}:…/${p('protocol')})`}.`;

const meantZh = (p: Shown): string =>
  p('otherProtocol') === ''
    ? ''
    : `tcp 和 udp 的端口只是编号相同，互不相干：如果要找的是它，请访问 ${p('port')}/${p('otherProtocol')}${p('publisher') === '' ? '' : `；如果不是，${p('publisher')} 还要为 ${p('protocol')} 发布这个端口（-p ${p('port')}:…/${p('protocol')}）`}。`;

/** The host's port that leads here, where the container's service is plainly on another one than was published. */
function publishedFor(
  { snapshot, flow }: WaySituation,
  { namespace, port, protocol, address }: Refusal,
  others: readonly number[],
): { readonly published: number | null; readonly serves: number | null } {
  const none = { published: null, serves: null };
  const [serves, more] = others;
  // Who asked for the container's own port meant that one.
  if (serves === undefined || more !== undefined || flow.port === null) return none;
  const published = containersIn(snapshot, namespace)
    .filter(({ networks }) => networks.some((own) => own.address === address || own.address6 === address))
    .flatMap(({ publishedPorts }) => publishedPorts)
    .find((it) => it.protocol === protocol && it.containerPort === port && it.hostPort === flow.port);
  const taken = containersIn(snapshot, namespace).some(({ publishedPorts }) =>
    publishedPorts.some((it) => it.protocol === protocol && it.containerPort === serves),
  );
  return published && !taken ? { published: published.hostPort, serves } : none;
}
