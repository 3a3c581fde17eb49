import { wrongChecksum } from '../../simulate/link/checksum.ts';
import type { CauseKind } from '../cause.ts';
import { certaintyOf } from '../finding.ts';
import { readIn } from '../evidence.ts';
import { labelIn } from '../situation.ts';

/**
 * A checksum was left to a virtual device, which leaves it too, and a program that switches packets (Open vSwitch without its kernel
 * module) took the packet as it was. Rules that drop what conntrack finds damaged are no cause of their own.
 */
export const checksumOffload: CauseKind = {
  id: 'checksum-offload',
  find(situation) {
    if (situation.type !== 'way') return null;
    const { snapshot, step, packet, direction, trace } = situation;
    const broken = step.kind === 'checksum' ? step : step.kind === 'filter' ? wrongChecksum(packet) : null;
    if (!broken) return null;
    const { by, at } = broken;
    return {
      id: 'checksum-offload',
      place: { namespace: by.namespace },
      certainty: certaintyOf(trace),
      params: {
        namespace: labelIn(snapshot, by.namespace),
        dev: by.dev,
        switchNamespace: labelIn(snapshot, at.namespace),
        port: at.dev,
        receiver: labelIn(snapshot, situation.namespace),
        counter: readIn(snapshot, situation.namespace, ['nstat', '-az', '*InCsumErrors']),
        direction,
        protocol: packet.protocol,
      },
      evidence: [
        {
          source: readIn(snapshot, by.namespace, ['ethtool', '--show-features', by.dev]),
          text: 'tx-checksumming: on',
        },
      ],
      remedies: [{ actions: [{ kind: 'set-offload', namespace: by.namespace, dev: by.dev, on: false }] }],
    };
  },
  text: {
    en: {
      summary: (p) =>
        `What leaves by ${p('dev')} in ${p('namespace')} has unfinished checksums, and the switch at ${p('port')} passes it on like that`,
      explanation: (p) =>
        `A kernel leaves the checksums of TCP and UDP to the network card, which is faster. ${p('dev')} in ${p('namespace')} is no card: it says that it finishes them, and hands packets on as they are, which is right as long as only kernels pass them on. The port ${p('port')} in ${p('switchNamespace')} belongs to a switch that is a program (Open vSwitch with its userspace datapath). It takes the packet as it is, and nobody finishes the checksum any more: who receives it${p('direction') === 'back' ? ' (here, it is the answer)' : ''} finds it damaged and throws it away without a word, which “${p('counter')}” counts. Pings pass, since their checksum is always made at once.`,
    },
    'zh-cn': {
      summary: (p) =>
        `从 ${p('namespace')} 的 ${p('dev')} 发出的数据包校验和没有算完，端口 ${p('port')} 上的交换机就原样转发了`,
      explanation: (p) =>
        `为了更快，内核把 TCP 和 UDP 的校验和留给网卡计算。${p('namespace')} 的 ${p('dev')} 并不是网卡：它声称会算完，实际上原样交出数据包。只要一路都由内核转发，这没有问题。但 ${p('switchNamespace')} 的端口 ${p('port')} 属于一个以程序形式运行的交换机（使用用户态数据通路的 Open vSwitch）。它原样取走数据包，之后再也没有谁去算完校验和：收到它的一方${p('direction') === 'back' ? '（这里收到的是应答）' : ''}认为数据包已损坏，不声不响地丢弃，“${p('counter')}”会计数。ping 不受影响，因为它的校验和总是当场算好。`,
    },
  },
};
