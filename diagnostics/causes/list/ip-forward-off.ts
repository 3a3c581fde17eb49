import type { CauseKind } from '../cause.ts';
import type { Remedy } from '../finding.ts';
import { sysctlEvidence } from '../evidence.ts';
import { isNobodys } from '../nobodys-address.ts';
import { labelIn, sysctlsIn } from '../situation.ts';

const ALL = 'net/ipv4/ip_forward';
const ALL_6 = 'net/ipv6/conf/all/forwarding';

/** A router on the way does not forward what comes in by this interface. */
export const ipForwardOff: CauseKind = {
  id: 'ip-forward-off',
  find(situation) {
    if (situation.type !== 'way') return null;
    const { snapshot, namespace, step, packet, direction } = situation;
    if (step.kind !== 'forward' || step.enabled) return null;
    if (isNobodys(situation)) return null;
    const sysctls = sysctlsIn(snapshot, namespace);
    const write = (key: string): Remedy => ({
      actions: [{ kind: 'write-sysctl', namespace, key, value: '1' }],
    });
    // A router as a whole, where it forwards nothing; where it does, only this interface was left out.
    const wholly = packet.family === 4 && sysctls[ALL] !== '1';
    // IPv6 asks the machine as a whole; a device alone is forced to forward, where the kernel can be told so.
    const forced = `net/ipv6/conf/${step.dev}/force_forwarding`;
    const six = sysctls[forced] === undefined ? [write(ALL_6)] : [write(ALL_6), write(forced)];
    return {
      id: 'ip-forward-off',
      place: { namespace },
      certainty: 'certain',
      params: {
        namespace: labelIn(snapshot, namespace),
        device: step.dev,
        sysctl: step.sysctl,
        direction,
        ...(packet.family === 6 ? { family: packet.family } : {}),
      },
      evidence: [sysctlEvidence(step.sysctl, sysctls[step.sysctl] ?? '0')],
      remedies: packet.family === 6 ? six : wholly ? [write(ALL), write(step.sysctl)] : [write(step.sysctl)],
    };
  },
  text: {
    en: {
      summary: (p) =>
        p('family') === '6'
          ? `${p('namespace')} does not forward IPv6 packets: forwarding of IPv6 is off there`
          : `${p('namespace')} does not forward packets: forwarding is off on ${p('device')}, where the ${p('direction') === 'back' ? 'answer' : 'packet'} arrives`,
      explanation: (p) =>
        `A Linux machine normally keeps to itself: what is addressed to somebody else it throws away. Only where forwarding is on does it act as a router and pass packets from one interface to another. In ${p('namespace')} it is off for what comes in by ${p('device')}, so the ${p('direction') === 'back' ? 'answer' : 'packet'} is dropped there without a word.`,
    },
    'zh-cn': {
      summary: (p) =>
        p('family') === '6'
          ? `${p('namespace')} 不转发 IPv6 数据包：那里的 IPv6 转发是关闭的`
          : `${p('namespace')} 不转发数据包：${p('direction') === 'back' ? '应答' : '数据包'}到达的接口 ${p('device')} 上转发是关闭的`,
      explanation: (p) =>
        `Linux 默认只管自己的数据：不是发给自己的就扔掉。只有打开转发，它才会像路由器一样把数据包从一个接口送到另一个接口。在 ${p('namespace')} 中，从 ${p('device')} 进来的数据没有打开转发，所以${p('direction') === 'back' ? '应答' : '数据包'}在那里被悄悄丢弃了。`,
    },
  },
};
