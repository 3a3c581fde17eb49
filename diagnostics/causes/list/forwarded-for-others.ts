import { familyOf } from '../../model/ip.ts';
import { ANY } from '../../fixes/rule-spec.ts';
import type { CauseKind } from '../cause.ts';
import { certaintyOf, type Remedy } from '../finding.ts';
import { ruleEvidence } from '../evidence.ts';
import { listensOn, refusalAt, socketsIn, type Refusal } from '../listeners.ts';
import { natPlace } from '../masquerade.ts';
import { chainAt, portForward, targetText, type PortForward } from '../port-forward.ts';
import { labelIn, type WaySituation } from '../situation.ts';

/**
 * A rule sends the port on to where the service is, but not for this packet: it comes in by another interface or from another
 * network than the rule asks for, or is the machine's own, which PREROUTING never sees.
 */
export const forwardedForOthers: CauseKind = {
  id: 'forwarded-for-others',
  find(situation) {
    const refusal = situation.type === 'way' ? refusalAt(situation) : null;
    if (!refusal || situation.type !== 'way') return null;
    const { snapshot, trace, hop, packet } = situation;
    const { namespace, protocol, port, address } = refusal;
    // Where this packet was sent on, the rule did what it is for.
    if (trace.hops.some(({ steps }) => steps.some(({ kind }) => kind === 'translate'))) return null;
    if (listensOn(socketsIn(snapshot, namespace), refusal).length > 0) return null;
    const forward = portForward(snapshot, refusal);
    if (!forward) return null;
    const { table, chain, rule } = forward;
    const own = isOwn(situation, namespace);
    return {
      id: 'forwarded-for-others',
      place: { namespace },
      certainty: certaintyOf(trace),
      params: {
        namespace: labelIn(snapshot, namespace),
        protocol,
        port,
        address,
        target: targetText(forward),
        rule: rule.text,
        number: rule.number,
        chain: chain.name,
        table: table.name,
        backend: table.backend,
        own,
        source: packet.source,
        device: own ? null : hop.inDev,
      },
      evidence: [
        ruleEvidence(snapshot, namespace, {
          ...{ backend: table.backend, family: table.family, table: table.name },
          ...{ chain: chain.name, rule },
        }),
      ],
      remedies: [
        ...forwardedToo(situation, refusal, forward, own),
        {
          actions: [
            { kind: 'ask-instead', to: forward.address, port: forward.port, address: forward.address },
          ],
        },
      ],
    };
  },
  text: {
    en: {
      summary: (p) =>
        `${p('namespace')} sends port ${p('port')} on to ${p('target')} for others, not for ${p('own') === 'true' ? 'itself' : `what comes from ${p('source')}${p('device') === '' ? '' : ` by ${p('device')}`}`}`,
      explanation: (p) =>
        `Nothing listens on ${p('protocol')} port ${p('port')} in ${p('namespace')} itself: a rule gives what is for that port another destination, ${p('target')} (“${p('rule')}”, chain ${p('chain')} of table ${p('table')}). It does not meet this packet: ${p('own') === 'true' ? 'rules for what comes in are never asked about what a machine sends itself; such packets pass OUTPUT' : 'the rule names other interfaces, networks or addresses than this packet has'}. So the port answers from elsewhere, and is refused from here. Ask for the service at its own address, or let a rule for this sender do the same.`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('namespace')} 把端口 ${p('port')} 转发到 ${p('target')}，但只对别人如此，不包括${p('own') === 'true' ? '它自己' : `来自 ${p('source')}${p('device') === '' ? '' : `（经 ${p('device')} 进入）`}的数据包`}`,
      explanation: (p) =>
        `${p('namespace')} 自己并没有程序监听 ${p('protocol')} 端口 ${p('port')}：发往这个端口的数据包由一条规则改写目的地，送到 ${p('target')}（“${p('rule')}”，表 ${p('table')} 的链 ${p('chain')}）。这条规则管不到现在这个数据包：${p('own') === 'true' ? '针对进入流量的规则从不过问机器自己发出的数据包，后者走的是 OUTPUT' : '规则写明的接口、网络或地址与这个数据包不符'}。所以从别处访问这个端口有应答，从这里访问却被拒绝。可以直接访问服务自己的地址，或者为这个发送者加一条同样的规则。`,
    },
  },
};

const isOwn = ({ trace }: WaySituation, namespace: string): boolean =>
  trace.hops[0]?.namespace === namespace && trace.hops[0].inDev === null;

/** The same for this sender; a neighbour of the service has to be answered by way of this machine. */
function forwardedToo(
  { snapshot, packet }: WaySituation,
  { namespace, protocol, port, address }: Refusal,
  forward: PortForward,
  own: boolean,
): readonly Remedy[] {
  const { table } = forward;
  const chain = chainAt(forward, own ? 'output' : 'prerouting');
  if (!chain) return [];
  const place = { namespace, backend: table.backend, family: table.family, table: table.name };
  const translate = {
    kind: 'insert-rule',
    place: { ...place, chain: chain.name },
    before: null,
    spec: {
      ...ANY,
      source: own ? null : packet.source,
      destination: address,
      protocol,
      destinationPort: port,
      action: { type: 'dnat', address: forward.address, port: forward.port },
    },
  } as const;
  const masquerade = {
    kind: 'insert-rule',
    place: natPlace(snapshot, namespace, familyOf(address) === 6 ? 'ip6' : 'ip'),
    before: null,
    spec: {
      ...ANY,
      source: packet.source,
      destination: forward.address,
      protocol,
      destinationPort: forward.port,
      action: { type: 'masquerade' },
    },
  } as const;
  return [{ actions: [translate] }, { actions: [translate, masquerade] }];
}
