import { tunnelEnds, type TunnelEnd } from '../../simulate/tunnel/tunnels.ts';
import type { CauseKind, Finding, Remedy } from '../cause.ts';
import { labelIn, type WaySituation } from '../situation.ts';
import { lastSending, tunnelEvidence } from '../tunnel.ts';

/** The two ends of a vxlan tunnel have different numbers (VNI): each takes the other's frames for another network's. */
export const tunnelIdMismatch: CauseKind = {
  id: 'tunnel-id-mismatch',
  find: (situation) => (situation.type === 'way' ? mismatch(situation, 'id') : null),
  text: {
    en: {
      summary: (p) =>
        `The tunnel ${p('device')} of ${p('namespace')} has the number (VNI) ${p('id')}, and ${p('otherDevice')} at its other end, ${p('other')}, has ${p('otherId')}`,
      explanation: (p) =>
        `A vxlan packet carries a number that says which virtual network the frame in it belongs to; the receiver hands the frame to its interface with the same number, and drops it in silence where it has none. ${p('namespace')} sends with ${p('id')}, ${p('other')} expects ${p('otherId')}. Both ends need the same one.`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('namespace')} 的隧道 ${p('device')} 编号（VNI）是 ${p('id')}，另一端 ${p('other')} 的 ${p('otherDevice')} 却是 ${p('otherId')}`,
      explanation: (p) =>
        `vxlan 数据包带着一个编号，说明里面的帧属于哪个虚拟网络；接收方把帧交给编号相同的接口，没有这样的接口就悄悄丢弃。${p('namespace')} 用 ${p('id')} 发送，${p('other')} 等的是 ${p('otherId')}。两端必须用同一个编号。`,
    },
  },
};

/** The two ends of a vxlan tunnel use different UDP ports. */
export const tunnelPortMismatch: CauseKind = {
  id: 'tunnel-port-mismatch',
  find: (situation) => (situation.type === 'way' ? mismatch(situation, 'port') : null),
  text: {
    en: {
      summary: (p) =>
        `The tunnel ${p('device')} of ${p('namespace')} uses UDP port ${p('port')}, and ${p('otherDevice')} at its other end, ${p('other')}, port ${p('otherPort')}`,
      explanation: (p) =>
        `vxlan packets are sent to a UDP port, and each end listens on its own one: 4789 is the standard, 8472 what Linux takes where nothing is said. ${p('namespace')} sends to ${p('port')}, where nobody listens in ${p('other')}. Both ends need the same port.`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('namespace')} 的隧道 ${p('device')} 用 UDP 端口 ${p('port')}，另一端 ${p('other')} 的 ${p('otherDevice')} 用 ${p('otherPort')}`,
      explanation: (p) =>
        `vxlan 数据包发往一个 UDP 端口，每一端各自监听：标准是 4789，不指定时 Linux 用 8472。${p('namespace')} 发往 ${p('port')}，而 ${p('other')} 那里没有人监听这个端口。两端必须用同一个端口。`,
    },
  },
};

function mismatch(situation: WaySituation, what: 'id' | 'port'): Finding | null {
  const sending = lastSending(situation);
  if (!sending?.far || sending.far.match) return null;
  const { end, far } = sending;
  const { snapshot } = situation;
  const other = far.others.find(({ kind }) =>
    what === 'id'
      ? kind.port === end.kind.port && kind.id !== end.kind.id
      : kind.id === end.kind.id && kind.port !== end.kind.port,
  );
  if (!other) return null;
  const remake = (one: TunnelEnd, like: TunnelEnd): Remedy => ({
    actions: [
      {
        kind: 'remake-tunnel',
        namespace: one.namespace,
        dev: one.link.name,
        id: like.kind.id,
        port: like.kind.port,
      },
    ],
  });
  const asMany = (one: TunnelEnd): number =>
    tunnelEnds(snapshot).filter(({ kind }) => kind[what] === one.kind[what]).length;
  // The odd one out is wrong.
  const [odd, usual] = asMany(end) < asMany(other) ? [end, other] : [other, end];
  return {
    id: what === 'id' ? 'tunnel-id-mismatch' : 'tunnel-port-mismatch',
    place: { namespace: odd.namespace },
    certainty: 'certain',
    params: {
      namespace: labelIn(snapshot, end.namespace),
      device: end.link.name,
      other: labelIn(snapshot, other.namespace),
      otherDevice: other.link.name,
      ...(what === 'id'
        ? { id: end.kind.id, otherId: other.kind.id }
        : { port: end.kind.port, otherPort: other.kind.port }),
    },
    evidence: [tunnelEvidence(snapshot, end), tunnelEvidence(snapshot, other)],
    remedies: [remake(odd, usual), remake(usual, odd)],
  };
}
