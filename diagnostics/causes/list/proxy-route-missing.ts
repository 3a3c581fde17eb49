import { valueOr } from '../../model/fact.ts';
import type { NamespaceId } from '../../model/ids.ts';
import { prefixContains } from '../../model/ip.ts';
import type { Packet } from '../../model/packet.ts';
import type { RoutingRule } from '../../model/route.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Hop } from '../../model/trace.ts';
import type { CauseKind } from '../cause.ts';
import { certaintyOf, type Remedy } from '../finding.ts';
import { readIn, ruleEvidence } from '../evidence.ts';
import { factsIn, labelIn } from '../situation.ts';
import { placeOf, type FilterStep } from '../verdict-rule.ts';

/** A rule gives the packet to a transparent proxy (TPROXY), and the routing tables take it elsewhere. */
export const proxyRouteMissing: CauseKind = {
  id: 'proxy-route-missing',
  find(situation) {
    if (situation.type !== 'way') return null;
    const { snapshot, namespace, step, hop, packet, trace } = situation;
    if (step.kind !== 'forward' && step.kind !== 'route') return null;
    const claimed = claimIn(hop);
    const rule = claimed?.by.rule;
    if (!claimed || !rule) return null;
    const { address, port, mark, by } = claimed;
    const ruleCommand = ['ip', ...(packet.family === 6 ? ['-6'] : []), 'rule'];
    return {
      id: 'proxy-route-missing',
      place: { namespace },
      certainty: certaintyOf(trace),
      params: {
        namespace: labelIn(snapshot, namespace),
        rule: rule.text,
        number: rule.number,
        chain: by.chain,
        table: by.table,
        backend: by.backend,
        address,
        port,
        mark: mark === 0 ? null : `0x${mark.toString(16)}`,
        destination: packet.destination,
      },
      evidence: [
        ruleEvidence(snapshot, namespace, by),
        {
          source: readIn(snapshot, namespace, ruleCommand),
          text: rulesOf(snapshot, namespace, packet)
            .map(({ text }) => text)
            .join('; '),
        },
      ],
      remedies: [
        ...(mark === 0 ? [] : [routedHome(snapshot, namespace, packet, mark)]),
        { actions: [{ kind: 'delete-rule', place: placeOf(namespace, by, by.chain), rule }] },
      ],
    };
  },
  text: {
    en: {
      summary: (p) =>
        `${p('namespace')} gives the packet to a transparent proxy on port ${p('port')}, and no route brings it there`,
      explanation: (p) =>
        `Rule ${p('number')} of chain ${p('chain')} (${p('rule')}) gives the packet to the socket on ${p('address')} port ${p('port')} without changing its destination ${p('destination')}. Routing comes after that, and has to say that the packet is for this machine itself; here it would pass it on, so the kernel drops it. ${p('mark') === '' ? 'The rule also has to mark the packet, so that a policy rule can tell it from others.' : `What carries the mark ${p('mark')} needs a policy rule (ip rule) that leads to a table with the route “local default dev lo”.`}`,
    },
    'zh-cn': {
      summary: (p) => `${p('namespace')} 把数据包交给端口 ${p('port')} 上的透明代理，却没有路由把它送到那里`,
      explanation: (p) =>
        `链 ${p('chain')} 的第 ${p('number')} 条规则（${p('rule')}）把数据包交给 ${p('address')} 端口 ${p('port')} 上的套接字，目的地址 ${p('destination')} 保持不变。之后才查路由，路由必须说明这个数据包属于本机；这里却会把它转发出去，于是内核丢弃了它。${p('mark') === '' ? '规则还要给数据包打上标记，策略规则才能把它与别的数据包区分开。' : `带标记 ${p('mark')} 的数据包需要一条策略规则（ip rule），指向含有“local default dev lo”路由的表。`}`,
    },
  },
};

/** What the rules of the machine gave away, if they did. */
const claimIn = (hop: Hop): FilterStep['claimed'] =>
  hop.steps.findLast((it): it is FilterStep => it.kind === 'filter' && it.claimed !== undefined)?.claimed;

const rulesOf = (snapshot: Snapshot, id: NamespaceId, { family }: Packet): readonly RoutingRule[] =>
  valueOr(factsIn(snapshot, id)?.rules ?? { state: 'absent' }, []).filter((rule) => rule.family === family);

/** Local, main, default: other packets are looked up there too. */
const isOwn = (table: number): boolean => table < 253;

/** Where nothing stands in its way: what is there of a rule for the mark, or of a table, is made whole. */
function routedHome(snapshot: Snapshot, namespace: NamespaceId, packet: Packet, mark: number): Remedy {
  const { family } = packet;
  const rules = rulesOf(snapshot, namespace, packet);
  const routes = valueOr(factsIn(snapshot, namespace)?.routes ?? { state: 'absent' }, []);
  const leadsHome = routes
    .filter((route) => route.family === family && route.type === 'local' && isOwn(route.table))
    .filter(({ destination }) => prefixContains(destination, packet.destination))
    .map(({ table }) => table);
  const meant = rules.flatMap((rule) =>
    rule.mark && (mark & rule.mark.mask) >>> 0 === rule.mark.value && rule.action.type === 'lookup'
      ? rule.action.table
      : [],
  );
  const empty = meant.find((table) => isOwn(table) && !routes.some((route) => route.table === table));
  if (empty !== undefined && leadsHome.length === 0)
    return { actions: [{ kind: 'add-local-route', namespace, family, table: empty }] };
  const [home] = leadsHome;
  const table = home ?? unused([...routes.map((route) => route.table), ...tablesOf(rules)]);
  return {
    actions: [
      { kind: 'add-policy-rule', namespace, family, mark, table },
      ...(home === undefined ? [{ kind: 'add-local-route', namespace, family, table } as const] : []),
    ],
  };
}

const tablesOf = (rules: readonly RoutingRule[]): readonly number[] =>
  rules.flatMap(({ action }) => (action.type === 'lookup' ? action.table : []));

/** The number that every manual of TPROXY takes, or the next one that is free. */
function unused(taken: readonly number[]): number {
  const MANUALS = 100;
  let table = MANUALS;
  while (taken.includes(table)) table += 1;
  return table;
}
