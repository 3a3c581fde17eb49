import type { ChangeTrafficControl } from '../../fixes/actions/change-traffic-control.ts';
import { filterText, queueText } from '../../model/traffic-control.ts';
import type { CauseKind } from '../cause.ts';
import { certaintyOf } from '../finding.ts';
import { readIn } from '../evidence.ts';
import { labelIn } from '../situation.ts';
import { packetEn, packetZh } from './filter-drop.ts';

/** Traffic control (tc) of an interface throws the packet away, or gives it to another device: its queue, or a filter, says so. */
export const trafficControlDrop: CauseKind = {
  id: 'traffic-control-drop',
  find(situation) {
    if (situation.type !== 'way' || situation.step.kind !== 'traffic-control') return null;
    const { snapshot, namespace, step, packet, direction, trace } = situation;
    const { dev, side, queue, filter } = step;
    const away: ChangeTrafficControl['away'] | null = queue
      ? { type: 'queue', queue }
      : filter
        ? { type: 'filter', filter }
        : null;
    if (!away) return null;
    const text = away.type === 'queue' ? queueText(away.queue) : filterText(away.filter);
    return {
      id: 'traffic-control-drop',
      place: { namespace },
      certainty: certaintyOf(trace),
      params: {
        namespace: labelIn(snapshot, namespace),
        dev,
        side,
        what: away.type,
        text,
        source: packet.source,
        destination: packet.destination,
        direction,
        to: away.type === 'filter' ? (away.filter.to?.dev ?? null) : null,
      },
      evidence: [
        {
          source: readIn(
            snapshot,
            namespace,
            away.type === 'queue'
              ? ['tc', '-s', 'qdisc', 'show', 'dev', dev]
              : [
                  'tc',
                  '-s',
                  'filter',
                  'show',
                  'dev',
                  dev,
                  ...(/gress$/.test(away.filter.at) ? [away.filter.at] : []),
                ],
          ),
          text,
        },
      ],
      remedies: [{ actions: [{ kind: 'change-traffic-control', namespace, dev, away }] }],
    };
  },
  text: {
    en: {
      summary: (p) =>
        p('what') === 'queue'
          ? `The queue of ${p('dev')} in ${p('namespace')} throws away what is to leave: ${p('text')}`
          : `A filter of traffic control on ${p('dev')} in ${p('namespace')} ${p('to') === '' ? 'drops' : `sends to ${p('to')}`} the ${packetEn(p)}: ${p('text')}`,
      explanation: (p) =>
        `Each interface has a queue for what leaves it, and may have filters for what comes and goes (tc). They are made to limit rates, to redirect frames, or to play a bad network, and they stand outside of the firewall: no rule shows them, and a captured packet may be seen on the interface although it goes nowhere. On ${p('dev')} of ${p('namespace')} ${p('what') === 'queue' ? `the queue “${p('text')}” takes nothing, so that not even the question for a neighbour leaves` : `the filter “${p('text')}” fits the packet from ${p('source')} to ${p('destination')}${p('to') === '' ? '' : `, and ${p('to')} gets it instead of the next machine on its way`}`}.`,
    },
    'zh-cn': {
      summary: (p) =>
        p('what') === 'queue'
          ? `${p('namespace')} 中 ${p('dev')} 的队列把要发出的数据包都丢弃了：${p('text')}`
          : `${p('namespace')} 中 ${p('dev')} 上的一条流量控制过滤器${p('to') === '' ? '丢弃了' : `向 ${p('to')} 转走了`}${packetZh(p)}：${p('text')}`,
      explanation: (p) =>
        `每个接口都有一个发送队列，还可以给进出的流量加过滤器（tc）。它们用来限速、重定向，或者模拟恶劣的网络，而且不属于防火墙：查看防火墙规则看不到它们，抓包时也可能看到数据包出现在接口上，却哪里也没有到达。在 ${p('namespace')} 的 ${p('dev')} 上，${p('what') === 'queue' ? `队列“${p('text')}”什么都不收，连询问邻居的请求都发不出去` : `过滤器“${p('text')}”匹配了从 ${p('source')} 到 ${p('destination')} 的数据包${p('to') === '' ? '' : `，于是收到它的是 ${p('to')}，而不是路上的下一台机器`}`}。`,
    },
  },
};
