import type { Link } from '../../model/link.ts';
import { ofctl, ofprotoTrace, vsctl, type OvsBridge, type OvsPort } from '../../model/openvswitch.ts';
import type { Packet } from '../../model/packet.ts';
import type { Step } from '../../model/trace.ts';
import { packetWords } from '../../simulate/link/openvswitch/carry.ts';
import { switchOf } from '../../simulate/link/openvswitch/own-port.ts';
import { comesIn } from '../../simulate/link/openvswitch/ports.ts';
import type { CauseKind } from '../cause.ts';
import type { Remedy } from '../finding.ts';
import { readIn } from '../evidence.ts';
import { labelIn, linkIn, type WaySituation } from '../situation.ts';

/** A flow of an Open vSwitch bridge drops the frame or sends it elsewhere, or its ports are in different VLANs. */
export const ovsFlowDrop: CauseKind = {
  id: 'ovs-flow-drop',
  find(situation) {
    if (situation.type !== 'way') return null;
    const { snapshot, namespace, step } = lastSwitch(situation);
    if (step.kind !== 'flow' && (step.kind !== 'bridge' || step.problem !== 'vlan')) return null;
    const bridge = linkIn(snapshot, namespace, step.bridge);
    const ovs = switchOf(bridge);
    const inPort = linkIn(snapshot, namespace, step.inPort ?? step.bridge);
    if (!bridge || !ovs || !inPort) return null;
    const found =
      step.kind === 'flow'
        ? byFlow({ ...situation, namespace }, step, ovs)
        : byTags({ ...situation, namespace }, ovs, inPort, step);
    return {
      id: 'ovs-flow-drop',
      place: { namespace },
      certainty: 'certain',
      params: {
        namespace: labelIn(snapshot, namespace),
        bridge: bridge.name,
        inPort: inPort.name,
        trace: readIn(snapshot, namespace, ofprotoTrace(ovs, asked(inPort, step, situation.packet))),
        ...found.params,
      },
      evidence: found.evidence,
      remedies: found.remedies,
    };
  },
  text: {
    en: {
      summary: (p) =>
        p('reason') === 'tags'
          ? `The ports ${p('inPort')} and ${p('outPort')} of the Open vSwitch bridge ${p('bridge')} in ${p('namespace')} are in different VLANs`
          : p('reason') === 'miss'
            ? `The Open vSwitch bridge ${p('bridge')} in ${p('namespace')} has no flow for the packet in table ${p('table')}, and drops it`
            : p('reason') === 'elsewhere'
              ? `A flow of the Open vSwitch bridge ${p('bridge')} in ${p('namespace')} sends the packet elsewhere`
              : `A flow of the Open vSwitch bridge ${p('bridge')} in ${p('namespace')} drops the packet`,
      explanation: (p) =>
        p('reason') === 'tags'
          ? `Open vSwitch keeps VLANs apart. What comes in by ${p('inPort')} (${p('inVlan')}) does not go out by ${p('outPort')} (${p('outVlan')}). The command “${p('trace')}” shows the same.`
          : p('reason') === 'miss'
            ? `Open vSwitch looks for a flow in its tables, and drops what none of them matches. What comes in by ${p('inPort')} matches nothing in table ${p('table')}. The command “${p('trace')}” shows the same.`
            : `Open vSwitch does with a packet what the strongest flow says that matches it. For what comes in by ${p('inPort')}, that is: ${p('flow')}. The command “${p('trace')}” shows the same.`,
    },
    'zh-cn': {
      summary: (p) =>
        p('reason') === 'tags'
          ? `${p('namespace')} 中 Open vSwitch 网桥 ${p('bridge')} 的端口 ${p('inPort')} 和 ${p('outPort')} 不在同一个 VLAN`
          : p('reason') === 'miss'
            ? `${p('namespace')} 中 Open vSwitch 网桥 ${p('bridge')} 的表 ${p('table')} 没有匹配这个数据包的流表项，把它丢弃了`
            : p('reason') === 'elsewhere'
              ? `${p('namespace')} 中 Open vSwitch 网桥 ${p('bridge')} 的一个流表项把数据包送到了别处`
              : `${p('namespace')} 中 Open vSwitch 网桥 ${p('bridge')} 的一个流表项丢弃了数据包`,
      explanation: (p) =>
        p('reason') === 'tags'
          ? `Open vSwitch 会隔离不同的 VLAN。从 ${p('inPort')}（“${p('inVlan')}”）进来的帧不会从 ${p('outPort')}（“${p('outVlan')}”）出去。这条命令能显示同样的结果：“${p('trace')}”。`
          : p('reason') === 'miss'
            ? `Open vSwitch 在流表中查找匹配项，一个都不匹配就丢弃。从 ${p('inPort')} 进来的数据包在表 ${p('table')} 中没有匹配项。这条命令能显示同样的结果：“${p('trace')}”。`
            : `Open vSwitch 按匹配的流表项中优先级最高的那个处理数据包。对从 ${p('inPort')} 进来的数据包来说，它是：“${p('flow')}”。这条命令能显示同样的结果：“${p('trace')}”。`,
    },
  },
};

interface Found {
  readonly params: Readonly<Record<string, string | number | null>>;
  readonly evidence: readonly { readonly source: string; readonly text: string }[];
  readonly remedies: readonly Remedy[];
}

type BridgeStep = Extract<Step, { kind: 'bridge' }>;

/** Who gets a frame with a tag that it has no VLAN for says nothing: the switch let the frame out like that. */
function lastSwitch({
  snapshot,
  namespace,
  step,
  trace,
}: WaySituation): Pick<WaySituation, 'snapshot' | 'namespace' | 'step'> {
  if (step.kind !== 'receive' || step.problem !== 'no-such-vlan') return { snapshot, namespace, step };
  const hop = trace.hops.at(-2);
  const passed = hop?.steps.findLast((one) => one.kind === 'bridge');
  return hop && passed?.kind === 'bridge'
    ? { snapshot, namespace: hop.namespace, step: { ...passed, problem: 'vlan' } }
    : { snapshot, namespace, step };
}

type FlowStep = Extract<Step, { kind: 'flow' }>;

function byFlow({ snapshot, namespace }: WaySituation, step: FlowStep, ovs: OvsBridge): Found {
  const { table, flow, verdict, bridge } = step;
  const change = { kind: 'change-flow' as const, namespace, bridge };
  return {
    params: { reason: flow === null ? 'miss' : verdict, table, flow },
    evidence: [
      {
        source: readIn(snapshot, namespace, ofctl(ovs, [], 'dump-flows')),
        text: flow ?? `table ${table}: no flow matches`,
      },
    ],
    remedies: [
      {
        actions: [
          flow === null
            ? {
                ...change,
                verb: 'add',
                flow: `${table === 0 ? '' : `table=${table}, `}priority=0 actions=NORMAL`,
              }
            : { ...change, verb: 'delete', flow },
        ],
      },
    ],
  };
}

const shown = (port: OvsPort | undefined): string =>
  port
    ? [
        port.mode,
        ...(port.tag === null ? [] : [`tag ${port.tag}`]),
        ...(port.trunks.length === 0 ? [] : [`trunks ${port.trunks.join(',')}`]),
      ].join(' ')
    : '';

function byTags(
  { snapshot, namespace }: WaySituation,
  ovs: OvsBridge,
  inPort: Link,
  step: BridgeStep,
): Found {
  const entry = comesIn(inPort, step.tag ?? null);
  const outPort = linkIn(snapshot, namespace, step.outPort ?? step.bridge);
  const out = outPort && outPort !== inPort ? outPort : null;
  return {
    params: {
      reason: 'tags',
      outPort: out?.name ?? inPort.name,
      inVlan: shown(inPort.ovs),
      outVlan: shown(out?.ovs),
    },
    evidence: [inPort, ...(out ? [out] : [])].map((port) => ({
      source: readIn(snapshot, namespace, vsctl(ovs, ['list', 'Port', port.name])),
      text: `${port.name}: ${shown(port.ovs)}`,
    })),
    remedies:
      out && entry !== 'refused'
        ? [
            {
              actions: [
                {
                  kind: 'set-ovs-tag',
                  namespace,
                  bridge: ovs.name,
                  port: out.name,
                  tag: entry.vlan === 0 ? null : entry.vlan,
                },
              ],
            },
          ]
        : [],
  };
}

/** What `ofproto/trace` is asked: the packet, or the question for its destination where a flow speaks of ARP. */
const asked = (inPort: Link, step: Step, packet: Packet): string =>
  step.kind === 'flow' && step.flow !== null && /\barp\b/.test(step.flow)
    ? `in_port=${inPort.ovs?.number ?? inPort.name},arp`
    : packetWords(inPort, { source: null, destination: null, vlan: null, content: { type: 'ip', packet } });
