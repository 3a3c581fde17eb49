import { addressBits, familyOf, prefixContains } from '../../model/ip.ts';
import type { CauseKind, Remedy } from '../cause.ts';
import { readIn } from '../evidence.ts';
import {
  decisionsOf,
  exists,
  hasOthers,
  insteadOf,
  ledAstray,
  withoutRoute,
  wouldArrive,
  type Decision,
} from '../detour.ts';
import { routeTarget } from '../../fixes/patch.ts';
import { ipRoute } from '../../fixes/route-words.ts';
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
      if (!exists(snapshot, packet.destination)) continue;
      if (!ledAstray(situation, decision) || !hasOthers(snapshot, decision)) continue;
      const without = withoutRoute(snapshot, namespace, route);
      if (!wouldArrive(situation, without)) continue;
      const instead = insteadOf(situation, decision, without);
      if (!instead?.route) continue;
      const device = linkIn(snapshot, namespace, step.dev);
      const own = device?.addresses.find((it) => prefixContains(it, step.destination));
      const [owner] = ownersOf(snapshot, packet.destination);
      return {
        id: 'subnet-overlap',
        place: { namespace },
        certainty: 'certain',
        params: {
          namespace: labelIn(snapshot, namespace),
          destination: step.destination,
          device: step.dev,
          address: own?.address ?? null,
          network: routeTarget(route.destination),
          owner: owner ? labelIn(snapshot, owner.namespace) : null,
          instead: instead.route.text,
          empty: device?.kind.type === 'bridge' && !device.carrier,
        },
        evidence: [
          {
            source: readIn(snapshot, namespace, [...ipRoute(step.destination), 'get', step.destination]),
            text: route.text,
          },
          {
            source: readIn(snapshot, namespace, [...ipRoute(step.destination), 'show']),
            text: instead.route.text,
          },
        ],
        remedies: remedies(situation, decision, instead),
      };
    }
    return null;
  },
  text: {
    en: {
      summary: (p) =>
        `Two networks claim ${p('destination')}: ${p('namespace')} takes it for one of its own on ${p('device')} (${p('network')})`,
      explanation: (p) =>
        `A machine believes that every address of its own network is right there, and asks for it on the wire. ${p('namespace')} has the network ${p('network')} on ${p('device')}, and ${p('destination')} falls into it; but that address is ${p('owner') === '' ? 'elsewhere' : `${p('owner')}’s, on another network`}, to which another route would lead (${p('instead')}). A route for this one address helps at once; for good, one of the two networks needs another range (for Docker: default-address-pools in /etc/docker/daemon.json, or docker network create --subnet).${p('empty') === 'true' ? ` Nothing is attached to ${p('device')}: if a network left it behind that is gone, delete it (ip link delete ${p('device')}).` : ''}`,
    },
    'zh-cn': {
      summary: (p) =>
        `两个网络都占用了 ${p('destination')}：${p('namespace')} 以为它在自己 ${p('device')} 上的网络（${p('network')}）里`,
      explanation: (p) =>
        `机器认为自己网络中的每个地址都近在眼前，会直接在线路上询问。${p('namespace')} 在 ${p('device')} 上有网络 ${p('network')}，${p('destination')} 正好落在其中；但这个地址${p('owner') === '' ? '在别处' : `属于另一个网络中的 ${p('owner')}`}，本该走另一条路由（${p('instead')}）。为这一个地址单独加一条路由可以立刻解决；长远来看，两个网络之一必须换一个地址段（Docker：/etc/docker/daemon.json 中的 default-address-pools，或 docker network create --subnet）。${p('empty') === 'true' ? `${p('device')} 上什么也没有接：如果它是已删除的网络遗留下来的，请删掉它（ip link delete ${p('device')}）。` : ''}`,
    },
  },
};

/** A route for the one address; or the hidden network's way for all of it is a person's to make: by renumbering. */
function remedies(
  { snapshot }: WaySituation,
  { namespace, step }: Decision,
  instead: Decision['step'],
): readonly Remedy[] {
  const { destination } = step;
  const length = addressBits(familyOf(destination) ?? 4);
  if (instead.dev === undefined || !linkIn(snapshot, namespace, instead.dev)) return [];
  const hop = instead.via === undefined ? {} : { via: instead.via };
  return [
    {
      actions: [
        {
          kind: 'add-route',
          namespace,
          destination: { address: destination, length },
          ...hop,
          dev: instead.dev,
        },
      ],
    },
  ];
}
