import type { CauseKind } from '../cause.ts';
import { certaintyOf, type Remedy } from '../finding.ts';
import { readIn } from '../evidence.ts';
import { gatewaysTowards, networkOf, ownsAddress } from '../gateways.ts';
import { masqueradeFor } from '../masquerade.ts';
import { bypassedBy, type Translation } from '../nat-ways.ts';
import { labelIn, type WaySituation } from '../situation.ts';

/** The answer takes another way than by the machine that had changed the request’s destination, and nobody knows it. */
export const natBypassed: CauseKind = {
  id: 'nat-bypassed',
  find(situation) {
    if (situation.type !== 'way') return null;
    const passed = bypassedBy(situation);
    if (!passed) return null;
    const { snapshot, namespace, packet, trace } = situation;
    const answerer = trace.hops[0]?.namespace ?? namespace;
    return {
      id: 'nat-bypassed',
      place: { namespace: passed.hop.namespace },
      certainty: certaintyOf(trace),
      params: {
        namespace: labelIn(snapshot, passed.hop.namespace),
        asker: labelIn(snapshot, namespace),
        answerer: labelIn(snapshot, answerer),
        asked: passed.step.before,
        target: passed.step.after,
        rule: passed.rule.text,
        answers: packet.source,
      },
      evidence: [
        {
          source: readIn(snapshot, answerer, ['ip', 'route', 'get', packet.destination]),
          text: `the way to ${packet.destination} does not lead by ${labelIn(snapshot, passed.hop.namespace)}`,
        },
      ],
      remedies: [...backBy(situation, passed), masqueradeFor(situation, passed)],
    };
  },
  text: {
    en: {
      summary: (p) =>
        `The answer of ${p('answerer')} does not go back by ${p('namespace')}, which had sent the request for ${p('asked')} on to ${p('target')}`,
      explanation: (p) =>
        `${p('namespace')} changes where packets go (“${p('rule')}”), and has to change their answers back, so that they seem to come from where ${p('asker')} asked. But the routes of ${p('answerer')} lead back to ${p('asker')} by another way. There the answer arrives from ${p('answers')}, of which nobody asked anything, and is refused. Either the answer takes the same way back, or ${p('namespace')} puts its own address on the requests (masquerading), so that it is the one that is answered.`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('namespace')} 把对 ${p('asked')} 的请求转给了 ${p('target')}，而 ${p('answerer')} 的应答没有经它返回`,
      explanation: (p) =>
        `${p('namespace')} 改写了数据包的去处（“${p('rule')}”），也必须由它把应答改回来，应答才像是来自 ${p('asker')} 所问的地址。可是 ${p('answerer')} 的路由让应答从另一条路回到 ${p('asker')}。在那里，应答来自 ${p('answers')}，而没有人问过它，于是被拒绝。要么让应答原路返回，要么让 ${p('namespace')} 在请求上换成自己的地址（地址伪装），这样应答就会发给它。`,
    },
  },
};

/** A route back to the asker’s network by the machine that translates. */
function backBy({ snapshot, trace, packet }: WaySituation, { hop }: Translation): readonly Remedy[] {
  const answerer = trace.hops[0]?.namespace;
  if (answerer === undefined) return [];
  return gatewaysTowards(snapshot, answerer, packet.destination)
    .filter(({ address }) => ownsAddress(snapshot, hop.namespace, address))
    .map(({ address, ...way }) => ({
      actions: [
        {
          kind: 'add-route' as const,
          namespace: answerer,
          destination: networkOf(snapshot, packet.destination),
          via: address,
          ...way,
        },
      ],
    }));
}
