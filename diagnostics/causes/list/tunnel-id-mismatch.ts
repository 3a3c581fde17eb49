import { tunnelEnds, type TunnelEnd } from '../../simulate/tunnel/tunnels.ts';
import type { CauseKind } from '../cause.ts';
import type { Finding, Remedy } from '../finding.ts';
import { labelIn, type WaySituation } from '../situation.ts';
import { hasKey, lastSending, tunnelEvidence } from '../tunnel.ts';

/** The two ends of a tunnel have different numbers (VNI) or keys (GRE): each takes the other's packets for another network's. */
export const tunnelIdMismatch: CauseKind = {
  id: 'tunnel-id-mismatch',
  find: (situation) => (situation.type === 'way' ? mismatch(situation, 'id') : null),
  text: {
    en: {
      summary: (p) =>
        p('keyed') === 'true'
          ? `The tunnel ${p('device')} of ${p('namespace')} sends with ${keyEn(p('id'))}, and ${p('otherDevice')} at its other end, ${p('other')}, takes packets with ${keyEn(p('otherId'))}`
          : `The tunnel ${p('device')} of ${p('namespace')} has the number (VNI) ${p('id')}, and ${p('otherDevice')} at its other end, ${p('other')}, has ${p('otherId')}`,
      explanation: (p) =>
        p('keyed') === 'true'
          ? `A GRE packet may carry a key that says which tunnel it belongs to; the receiver hands it to its interface with the same key, and where it has none it refuses the packet. ${p('namespace')} sends with ${keyEn(p('id'))}, ${p('other')} expects ${keyEn(p('otherId'))}. Both ends need the same one.`
          : `A ${p('kind')} packet carries a number that says which virtual network the frame in it belongs to; the receiver hands the frame to its interface with the same number, and drops it in silence where it has none. ${p('namespace')} sends with ${p('id')}, ${p('other')} expects ${p('otherId')}. Both ends need the same one.`,
    },
    'zh-cn': {
      summary: (p) =>
        p('keyed') === 'true'
          ? `${p('namespace')} 的隧道 ${p('device')} 发送时${keyZh(p('id'))}，另一端 ${p('other')} 的 ${p('otherDevice')} 接收的却${keyZh(p('otherId'))}`
          : `${p('namespace')} 的隧道 ${p('device')} 编号（VNI）是 ${p('id')}，另一端 ${p('other')} 的 ${p('otherDevice')} 却是 ${p('otherId')}`,
      explanation: (p) =>
        p('keyed') === 'true'
          ? `GRE 数据包可以带一个密钥（key），说明它属于哪条隧道；接收方把它交给密钥相同的接口，没有这样的接口就拒收。${p('namespace')} 发送的数据包${keyZh(p('id'))}，${p('other')} 等的数据包${keyZh(p('otherId'))}。两端必须一致。`
          : `${p('kind')} 数据包带着一个编号，说明里面的帧属于哪个虚拟网络；接收方把帧交给编号相同的接口，没有这样的接口就悄悄丢弃。${p('namespace')} 用 ${p('id')} 发送，${p('other')} 等的是 ${p('otherId')}。两端必须用同一个编号。`,
    },
  },
};

const keyEn = (key: string): string => (key === '' ? 'no key' : `the key ${key}`);
const keyZh = (key: string): string => (key === '' ? '不带密钥' : `带密钥 ${key}`);

/** The two ends of a tunnel use different UDP ports. */
export const tunnelPortMismatch: CauseKind = {
  id: 'tunnel-port-mismatch',
  find: (situation) => (situation.type === 'way' ? mismatch(situation, 'port') : null),
  text: {
    en: {
      summary: (p) =>
        `The tunnel ${p('device')} of ${p('namespace')} uses UDP port ${p('port')}, and ${p('otherDevice')} at its other end, ${p('other')}, port ${p('otherPort')}`,
      explanation: (p) =>
        `${p('kind') === 'vxlan' ? 'vxlan packets are sent to a UDP port, and each end listens on its own one: 4789 is the standard, 8472 what Linux takes where nothing is said.' : `${p('kind')} packets are sent to a UDP port, and each end listens on its own one: 6081 is the standard.`} ${p('namespace')} sends to ${p('port')}, where nobody listens in ${p('other')}. Both ends need the same port.`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('namespace')} 的隧道 ${p('device')} 用 UDP 端口 ${p('port')}，另一端 ${p('other')} 的 ${p('otherDevice')} 用 ${p('otherPort')}`,
      explanation: (p) =>
        `${p('kind') === 'vxlan' ? 'vxlan 数据包发往一个 UDP 端口，每一端各自监听：标准是 4789，不指定时 Linux 用 8472。' : `${p('kind')} 数据包发往一个 UDP 端口，每一端各自监听：标准是 6081。`}${p('namespace')} 发往 ${p('port')}，而 ${p('other')} 那里没有人监听这个端口。两端必须用同一个端口。`,
    },
  },
};

function mismatch(situation: WaySituation, what: 'id' | 'port'): Finding | null {
  const sending = lastSending(situation);
  if (!sending?.far || sending.far.match || sending.end.word === 'wireguard') return null;
  const { end, far } = sending;
  const { snapshot } = situation;
  const other = far.others.find((one) =>
    what === 'id'
      ? one.port === end.port && one.takes !== end.id
      : one.takes === end.id && one.port !== end.port,
  );
  if (!other) return null;
  const asMany = (one: TunnelEnd): number =>
    tunnelEnds(snapshot).filter((it) => it.word === end.word && it[what] === one[what]).length;
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
      kind: end.word,
      keyed: hasKey(end),
      ...(what === 'id' ? { id: end.id, otherId: other.takes } : { port: end.port, otherPort: other.port }),
    },
    evidence: [tunnelEvidence(snapshot, end), tunnelEvidence(snapshot, other)],
    remedies: [remade(odd, usual), remade(usual, odd)].flatMap((remedy) => remedy ?? []),
  };
}

/** One end as the other one is; GRE's key can be changed while it is there, other numbers and ports cannot. */
const remade = (one: TunnelEnd, like: TunnelEnd): Remedy | null => {
  const { namespace, link } = one;
  const at = { namespace, dev: link.name };
  if (hasKey(one))
    return { actions: [{ kind: 'change-tunnel', ...at, key: { sends: like.takes, takes: like.id } }] };
  return like.id === null || like.port === null
    ? null
    : { actions: [{ kind: 'remake-tunnel', ...at, id: like.id, port: like.port }] };
};
