import { addressBits, familyOf, prefixContains } from '../../model/ip.ts';
import type { CauseKind } from '../cause.ts';
import type { Remedy } from '../finding.ts';
import { readIn } from '../evidence.ts';
import {
  decisionsOf,
  exists,
  hasOthers,
  insteadOf,
  ledAstray,
  walkedOn,
  withoutRoute,
  wouldArrive,
  type Decision,
} from '../detour.ts';
import type { Route } from '../../model/route.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { routeTarget } from '../../fixes/patch.ts';
import { ipRoute } from '../../fixes/route-words.ts';
import { silentOwners } from '../silence.ts';
import { unanswered } from '../unanswered.ts';
import { labelIn, linkIn, ownersOf, type WaySituation } from '../situation.ts';

/** Two networks claim one range: the one that is attached here takes packets that are for the other. */
export const subnetOverlap: CauseKind = {
  id: 'subnet-overlap',
  find(situation) {
    if (situation.type !== 'way') return null;
    const { snapshot, packet } = situation;
    for (const decision of decisionsOf(situation)) {
      const { namespace, route, step } = decision;
      // The route that an address brings with it.
      if (route.protocol !== 'kernel' || step.via !== undefined || step.dev === undefined) continue;
      if (!ledAstray(situation, decision) || !hasOthers(snapshot, decision)) continue;
      // It is on that network all the same, and keeps silent (arp_ignore).
      const asked = unanswered(situation);
      if (asked?.entry === null && silentOwners(snapshot, asked).length > 0) continue;
      const { claims, without } = claimsOf(situation, decision);
      const seen = exists(snapshot, packet.destination) && wouldArrive(situation, without);
      if (!seen && !leadsAway(situation, without)) continue;
      const ways = claims.map((claim) => insteadOf(situation, claim, without));
      const instead = ways.at(-1);
      if (!instead?.route || ways.includes(null)) continue;
      // By the default route anything leaves: that says nothing of this address.
      if (!seen && instead.route.destination.length === 0) continue;
      const device = linkIn(snapshot, namespace, step.dev);
      const own = device?.addresses.find((it) => prefixContains(it, step.destination));
      const [owner] = seen ? ownersOf(snapshot, packet.destination) : [];
      const last = claims.at(-1) ?? decision;
      return {
        id: 'subnet-overlap',
        place: { namespace },
        certainty: seen ? 'certain' : 'likely',
        params: {
          namespace: labelIn(snapshot, namespace),
          destination: step.destination,
          device: step.dev,
          address: own?.address ?? null,
          network: routeTarget(route.destination),
          owner: owner ? labelIn(snapshot, owner.namespace) : null,
          unseen: !seen,
          instead: instead.route.text,
          empty: device?.kind.type === 'bridge' && !device.carrier,
        },
        evidence: [
          {
            source: readIn(snapshot, namespace, [...ipRoute(step.destination), 'get', step.destination]),
            text: route.text,
          },
          {
            source: readIn(snapshot, last.namespace, [...ipRoute(step.destination), 'show']),
            text: instead.route.text,
          },
        ],
        remedies: remedies(situation, claims, ways),
      };
    }
    return null;
  },
  text: {
    en: {
      summary: (p) =>
        `Two networks claim ${p('destination')}: ${p('namespace')} takes it for one of its own on ${p('device')} (${p('network')})`,
      explanation: (p) =>
        `A machine believes that every address of its own network is right there, and asks for it on the wire. ${p('namespace')} has the network ${p('network')} on ${p('device')}, and ${p('destination')} falls into it; ${p('unseen') === 'true' ? `but nobody there has that address, and another route would lead to it (${p('instead')})` : `but that address is ${p('owner') === '' ? 'elsewhere' : `${p('owner')}’s, on another network`}, to which another route would lead (${p('instead')})`}. A route for this one address helps at once; for good, one of the two networks needs another range (for Docker: default-address-pools in /etc/docker/daemon.json, or docker network create --subnet).${p('empty') === 'true' ? ` Nothing is attached to ${p('device')}: if a network left it behind that is gone, delete it (ip link delete ${p('device')}).` : ''}`,
    },
    'zh-cn': {
      summary: (p) =>
        `两个网络都占用了 ${p('destination')}：${p('namespace')} 以为它在自己 ${p('device')} 上的网络（${p('network')}）里`,
      explanation: (p) =>
        `机器认为自己网络中的每个地址都近在眼前，会直接在线路上询问。${p('namespace')} 在 ${p('device')} 上有网络 ${p('network')}，${p('destination')} 正好落在其中；${p('unseen') === 'true' ? `但那里没有人拥有这个地址，而另一条路由会通向它（${p('instead')}）` : `但这个地址${p('owner') === '' ? '在别处' : `属于另一个网络中的 ${p('owner')}`}，本该走另一条路由（${p('instead')}）`}。为这一个地址单独加一条路由可以立刻解决；长远来看，两个网络之一必须换一个地址段（Docker：/etc/docker/daemon.json 中的 default-address-pools，或 docker network create --subnet）。${p('empty') === 'true' ? `${p('device')} 上什么也没有接：如果它是已删除的网络遗留下来的，请删掉它（ip link delete ${p('device')}）。` : ''}`,
    },
  },
};

/** Out of what can be seen here: who has the address may be there. */
const leadsAway = (situation: WaySituation, snapshot: Snapshot): boolean =>
  situation.direction === 'forward' && walkedOn(situation, snapshot)?.forward.disposition === 'exits-machine';

/**
 * The network is often claimed twice on one way: by a container for its own interface, and by its host for the bridge behind
 * that. Both claims have to go before the other way is seen.
 */
function claimsOf(
  situation: WaySituation,
  decision: Decision,
): { readonly claims: readonly Decision[]; readonly without: Snapshot } {
  const { snapshot, forward, trace } = situation;
  const without = withoutRoute(snapshot, decision.namespace, decision.route);
  if (wouldArrive(situation, without) || leadsAway(situation, without))
    return { claims: [decision], without };
  const next = walkedOn(situation, without)?.[trace === forward ? 'forward' : 'back'];
  const same = next
    ? decisionsOf({ ...situation, trace: next }).find(
        ({ namespace, route, step }) =>
          namespace !== decision.namespace &&
          route.protocol === 'kernel' &&
          step.via === undefined &&
          samePrefix(route.destination, decision.route.destination),
      )
    : undefined;
  return same
    ? { claims: [decision, same], without: withoutRoute(without, same.namespace, same.route) }
    : { claims: [decision], without };
}

const samePrefix = (a: Route['destination'], b: Route['destination']): boolean =>
  routeTarget(a) === routeTarget(b);

/** A route for the one address, wherever it is claimed; for all of the hidden network it is a person's to renumber. */
function remedies(
  { snapshot }: WaySituation,
  claims: readonly Decision[],
  ways: readonly (Decision['step'] | null)[],
): readonly Remedy[] {
  const actions = claims.flatMap(({ namespace, step: { destination } }, index) => {
    const { dev, via } = ways[index] ?? {};
    if (dev === undefined || !linkIn(snapshot, namespace, dev)) return [];
    const length = addressBits(familyOf(destination) ?? 4);
    return [
      {
        ...{ kind: 'add-route' as const, namespace, destination: { address: destination, length } },
        ...(via === undefined ? {} : { via }),
        dev,
      },
    ];
  });
  return actions.length === claims.length ? [{ actions }] : [];
}
