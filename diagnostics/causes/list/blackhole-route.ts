import type { NamespaceId } from '../../model/ids.ts';
import { addressBits } from '../../model/ip.ts';
import type { Route } from '../../model/route.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { CauseKind } from '../cause.ts';
import type { Remedy } from '../finding.ts';
import { routeEvidence } from '../evidence.ts';
import { routeTarget } from '../../fixes/patch.ts';
import { linkTowards } from '../gateways.ts';
import { endingLookup } from '../ending-lookup.ts';
import { thrownRoute } from '../thrown-route.ts';
import { labelIn } from '../situation.ts';

/** A route of the type blackhole, unreachable or prohibit catches the packet. */
export const blackholeRoute: CauseKind = {
  id: 'blackhole-route',
  find(situation) {
    if (situation.type !== 'way') return null;
    const { snapshot, namespace } = situation;
    const lookup = endingLookup(situation);
    if (!lookup) return null;
    const { destination, asked } = lookup;
    if (lookup.route && !REFUSING.has(lookup.route.type)) return null;
    const route = thrownRoute(situation) ?? lookup.route;
    if (!route) return null;
    return {
      id: 'blackhole-route',
      place: { namespace },
      certainty: 'certain',
      params: {
        namespace: labelIn(snapshot, namespace),
        type: route.type,
        target: routeTarget(route.destination),
        destination,
        asked,
      },
      evidence: [routeEvidence(snapshot, namespace, destination, route.text)],
      remedies: [
        ...besideRemedy(snapshot, namespace, route, destination),
        { actions: [{ kind: 'delete-route', namespace, route }] },
      ],
    };
  },
  text: {
    en: {
      summary: (p) =>
        `A route of type ${p('type')} in ${p('namespace')} lets nothing through to ${p('target') === 'default' ? 'what no other route covers' : p('target')}`,
      explanation: (p) =>
        `Some routes lead nowhere on purpose: they say that packets for a network are to be discarded (blackhole) or refused (unreachable, prohibit), or that this table has nothing to say of it (throw), which ends in a refusal where no later one does. In ${p('namespace')} such a route (${p('target')}) catches ${p('destination')}${p('asked') === 'way-back' ? ', the sender of this packet: so the reverse path filter, which looks for a way back to the sender, finds none and drops it' : ''}. Somebody, or a program such as a routing daemon, put it there.`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('namespace')} 中的一条 ${p('type')} 路由不让任何数据发往${p('target') === 'default' ? '没有专门路由的网络' : ` ${p('target')}`}`,
      explanation: (p) =>
        `有些路由是故意不通的：发往某个网络的数据包要被悄悄丢弃（blackhole）、被拒绝（unreachable、prohibit），或者这张表不管它（throw）——后面若没有别的表管，就等于拒绝。${p('namespace')} 中针对 ${p('target')} 的这条路由正好匹配 ${p('destination')}${p('asked') === 'way-back' ? '，也就是这个数据包的来源：反向路径过滤找不到回去的路，于是把它丢弃了' : ''}。它是由某人或某个程序（例如路由守护进程）加上去的。`,
    },
  },
};

const REFUSING: ReadonlySet<Route['type']> = new Set(['blackhole', 'unreachable', 'prohibit', 'throw']);

/** Such a route often covers a whole range in which each member has a route of its own (Calico's blocks): this one's is gone. */
function besideRemedy(
  snapshot: Snapshot,
  namespace: NamespaceId,
  { table, family, destination: range }: Route,
  destination: string,
): readonly Remedy[] {
  const direct = linkTowards(snapshot, namespace, destination);
  const length = addressBits(family);
  return direct && table === MAIN_TABLE && range.length > 0 && range.length < length
    ? [
        {
          actions: [
            {
              kind: 'add-route',
              namespace,
              destination: { address: destination, length },
              dev: direct.name,
            },
          ],
        },
      ]
    : [];
}

const MAIN_TABLE = 254;
