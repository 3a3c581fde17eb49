import type { CauseKind } from '../cause.ts';
import { certaintyOf, type Remedy } from '../finding.ts';
import { ruleEvidence, sysctlEvidence } from '../evidence.ts';
import { linkIn, linksIn, ownersOf, sysctlsIn, type WaySituation } from '../situation.ts';
import { acceptRemedies, decidingFilter, placeOf, ruleParams } from '../verdict-rule.ts';
import { whereEn, whereZh } from './filter-drop.ts';

const SETTING = {
  4: 'net/bridge/bridge-nf-call-iptables',
  6: 'net/bridge/bridge-nf-call-ip6tables',
} as const;

/** A frame that is only bridged is handed to the IP firewall (br_netfilter), and a rule there stops it. */
export const bridgeFirewalled: CauseKind = {
  id: 'bridge-firewalled',
  find(situation) {
    if (situation.type !== 'way') return null;
    const step = decidingFilter(situation);
    const bridge = bridgeOf(situation);
    if (!step || bridge === null) return null;
    const { snapshot, namespace, trace, packet } = situation;
    const { decidedBy } = step;
    if (decidedBy.family === 'bridge' || decidedBy.family === 'netdev') return null;
    const key = SETTING[packet.family];
    const value = sysctlsIn(snapshot, namespace)[key];
    if (value === undefined || value === '0') return null;
    const place = placeOf(namespace, decidedBy, decidedBy.chain);
    const away: Remedy = decidedBy.rule
      ? { actions: [{ kind: 'delete-rule', place, rule: decidedBy.rule }] }
      : { actions: [{ kind: 'set-policy', place }] };
    return {
      id: 'bridge-firewalled',
      place: { namespace },
      certainty: certaintyOf(trace),
      params: { ...ruleParams(situation, step), bridge, setting: key },
      evidence: [sysctlEvidence(key, value), ruleEvidence(snapshot, namespace, decidedBy)],
      remedies: [
        ...acceptRemedies(situation, step),
        { actions: [{ kind: 'write-sysctl', namespace, key, value: '0' }] },
        away,
      ],
    };
  },
  text: {
    en: {
      summary: (p) =>
        `The bridge ${p('bridge')} of ${p('namespace')} hands frames to the firewall, and ${p('rule') === '' ? `the policy of chain ${p('chain')} (table ${p('table')}, ${p('backend')})` : whereEn(p)} stops this one`,
      explanation: (p) =>
        `${p('source')} and ${p('destination')} are on the same bridge, so their frames need no routing. But with ${p('setting')} = 1 (the module br_netfilter, which Docker and Kubernetes load) the kernel sends bridged packets through the rules for forwarded ones too, and in ${p('namespace')} chain ${p('chain')} stops the packet. Either the rule lets it pass, or bridged frames are spared the firewall.`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('namespace')} 的网桥 ${p('bridge')} 把帧交给防火墙，而${p('rule') === '' ? `链 ${p('chain')} 的默认策略（表 ${p('table')}，${p('backend')}）` : whereZh(p)}拦住了它`,
      explanation: (p) =>
        `${p('source')} 和 ${p('destination')} 在同一个网桥上，帧不需要路由。但 ${p('setting')} = 1 时（Docker 和 Kubernetes 会加载的 br_netfilter 模块），内核让桥接的数据包也经过转发规则，${p('namespace')} 的链 ${p('chain')} 把它拦下了。要么让规则放行，要么让桥接的帧不经过防火墙。`,
    },
  },
};

/** The bridge that a frame was only to cross: it came in by a port, and is not for this machine. */
function bridgeOf({ snapshot, namespace, hop, packet }: WaySituation): string | null {
  const port = hop.inDev === null ? undefined : linkIn(snapshot, namespace, hop.inDev);
  if (!port?.port) return null;
  const after = hop.steps.slice(hop.steps.findLastIndex(({ kind }) => kind === 'route') + 1);
  if (after.length < hop.steps.length) return null;
  const crossed = hop.steps.findLast((step) => step.kind === 'bridge');
  if (crossed?.kind === 'bridge') return crossed.outPort === null ? null : crossed.bridge;
  // Before the bridge decided: PREROUTING looks at everything that comes in.
  const owners = ownersOf(snapshot, packet.destination);
  if (owners.length === 0 || owners.some((owner) => owner.namespace === namespace)) return null;
  return linksIn(snapshot, namespace).find(({ index }) => index === port.master)?.name ?? null;
}
