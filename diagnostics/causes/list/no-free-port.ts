import type { CauseKind } from '../cause.ts';
import type { Remedy } from '../finding.ts';
import { sysctlEvidence } from '../evidence.ts';
import { labelIn, sysctlsIn } from '../situation.ts';

const RANGE = 'net/ipv4/ip_local_port_range';
/** Above the ports that only root may take, and below the last one. */
const WIDEST = { from: 1024, to: 65_535 } as const;

/** Every port that the sender may connect from is taken: no packet is even made. */
export const noFreePort: CauseKind = {
  id: 'no-free-port',
  find(situation) {
    if (situation.type !== 'sender' || situation.met.type !== 'no-port') return null;
    const { snapshot, namespace, start } = situation;
    const range = sysctlsIn(snapshot, namespace)[RANGE];
    const [from, to] = (range ?? '').trim().split(/\s+/).map(Number);
    const known = from !== undefined && to !== undefined && from > 0 && to >= from;
    const narrow = known && (from > WIDEST.from || to < WIDEST.to);
    const value = `${WIDEST.from} ${WIDEST.to}`;
    const remedies: readonly Remedy[] = narrow
      ? [{ actions: [{ kind: 'write-sysctl', namespace, key: RANGE, value }] }]
      : [];
    return {
      id: 'no-free-port',
      place: { namespace },
      certainty: 'certain',
      params: {
        namespace: labelIn(snapshot, namespace),
        protocol: start.protocol,
        range: known ? `${from}–${to}` : null,
        ports: known ? to - from + 1 : null,
      },
      evidence: range === undefined ? [] : [sysctlEvidence(RANGE, range.trim())],
      remedies,
    };
  },
  text: {
    en: {
      summary: (p) =>
        `${p('namespace')} has no free port left to ${p('protocol') === 'udp' ? 'send datagrams from' : 'connect from to this destination'}${p('range') === '' ? '' : ` (net.ipv4.ip_local_port_range is ${p('range')})`}`,
      explanation: (p) =>
        p('protocol') === 'udp'
          ? `Each socket that sends datagrams needs a port of its own, out of a range. Sockets that are open use all ${p('ports')} of them, so the kernel cannot even send the first datagram of another one. Widen the range; and look for the program that opens sockets and does not close them (ss -uanp), else the wider range is used up as well.`
          : `Each connection to one destination needs a port of its own at the sender, out of a range. Connections that are open, or were closed less than a minute ago (TIME-WAIT), use all ${p('ports')} of them, so the kernel cannot even begin another one. Widen the range; and close what is not needed, or keep connections open for more than one request, else the wider range is used up as well.`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('namespace')} 已没有可用来${p('protocol') === 'udp' ? '发送数据报' : '连接这个目的地'}的空闲端口${p('range') === '' ? '' : `（net.ipv4.ip_local_port_range 为 ${p('range')}）`}`,
      explanation: (p) =>
        p('protocol') === 'udp'
          ? `每个发送数据报的套接字都要独占端口范围中的一个端口。打开着的套接字把全部 ${p('ports')} 个都用完了，新的套接字连第一个数据报都发不出去。请扩大端口范围；同时找出只打开套接字却不关闭的程序（ss -uanp），否则更大的范围也会用完。`
          : `到同一个目的地的每条连接，在发送方都要占用端口范围中的一个端口。打开着的和关闭不到一分钟的连接（“TIME-WAIT”）把全部 ${p('ports')} 个都用完了，内核连新的连接都无法开始。请扩大端口范围；同时关闭不需要的连接，或让一条连接承担多个请求，否则更大的范围也会用完。`,
    },
  },
};
