import { sameAddress } from '../../model/ip.ts';
import type { CauseKind } from '../cause.ts';
import { readIn } from '../evidence.ts';
import { decisionsOf, ledAstray, withGateway, wouldArrive } from '../detour.ts';
import { gatewaysTowards, networkOf } from '../gateways.ts';
import { ipRoute } from '../../fixes/route-words.ts';
import { addressedLinks, labelIn, type WaySituation } from '../situation.ts';

/** With several networks, the default route goes out by one where nobody knows the way; another one's gateway would. */
export const wrongDefaultGateway: CauseKind = {
  id: 'wrong-default-gateway',
  find(situation) {
    if (situation.type !== 'way') return null;
    const { snapshot, direction } = situation;
    for (const decision of decisionsOf(situation)) {
      const { namespace, route, step } = decision;
      if (route.destination.length !== 0 || route.nextHops.length !== 1) continue;
      if (addressedLinks(snapshot, namespace, route.family).length < 2) continue;
      if (!ledAstray(situation, decision) || !leadsNowhere(situation)) continue;
      const right = gatewaysTowards(snapshot, namespace, step.destination).find(
        (gateway) =>
          gateway.dev !== step.dev &&
          // A neighbour is its own way, and needs no gateway.
          !sameAddress(gateway.address, step.destination) &&
          wouldArrive(situation, withGateway(snapshot, namespace, route, gateway)),
      );
      if (!right) continue;
      const network = networkOf(snapshot, step.destination);
      return {
        id: 'wrong-default-gateway',
        place: { namespace },
        certainty: 'certain',
        params: {
          namespace: labelIn(snapshot, namespace),
          destination: step.destination,
          gateway: step.via ?? null,
          device: step.dev ?? null,
          rightGateway: right.address,
          rightDevice: right.dev,
          direction,
        },
        evidence: [
          { source: readIn(snapshot, namespace, [...ipRoute(step.destination), 'show']), text: route.text },
        ],
        remedies: [
          { actions: [{ kind: 'replace-route', namespace, route, via: right.address, dev: right.dev }] },
          {
            actions: [
              { kind: 'add-route', namespace, destination: network, via: right.address, dev: right.dev },
            ],
          },
        ],
      };
    }
    return null;
  },
  text: {
    en: {
      summary: (p) =>
        `The default route of ${p('namespace')} goes out by ${p('device')}${p('gateway') === '' ? '' : ` (${p('gateway')})`}, and the way to ${p('destination')} is by ${p('rightDevice')} (${p('rightGateway')})`,
      explanation: (p) =>
        `A machine in several networks has one default route, for everything that is in none of them. That of ${p('namespace')} leads out by ${p('device')}, and nobody there knows ${p('destination')}; the gateway ${p('rightGateway')} on ${p('rightDevice')} does${p('direction') === 'back' ? ', so the request comes in and its answer goes astray' : ''}. With Docker the network that comes first gives the default route: docker network connect --gw-priority (since 28) chooses another one.`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('namespace')} 的默认路由从 ${p('device')}${p('gateway') === '' ? '' : `（${p('gateway')}）`}出去，而到 ${p('destination')} 应走 ${p('rightDevice')}（${p('rightGateway')}）`,
      explanation: (p) =>
        `同时接入多个网络的机器只有一条默认路由，用于不属于任何一个网络的目的地。${p('namespace')} 的默认路由从 ${p('device')} 出去，那边没有人认识 ${p('destination')}；${p('rightDevice')} 上的网关 ${p('rightGateway')} 却认识${p('direction') === 'back' ? '，所以请求到了，应答却走错了路' : ''}。在 Docker 中，排在最前面的网络决定默认路由：docker network connect --gw-priority（28 起）可以另选。`,
    },
  },
};

/** Where forwarding is off at a router that has the way, that is the failure. */
const leadsNowhere = ({ snapshot, namespace, step, packet }: WaySituation): boolean =>
  step.kind !== 'forward' || addressedLinks(snapshot, namespace, packet.family).length < 2;
