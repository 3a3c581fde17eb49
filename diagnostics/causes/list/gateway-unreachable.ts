import { familyOf, prefixContains, sameAddress } from '../../model/ip.ts';
import { said } from '../../sayings/sayings.ts';
import type { CauseKind } from '../cause.ts';
import type { Remedy } from '../finding.ts';
import { readIn } from '../evidence.ts';
import { gatewaysTowards, isReached, linkTowards, type Gateway } from '../gateways.ts';
import { routeTarget } from '../../fixes/patch.ts';
import { tableWords } from '../../fixes/route-words.ts';
import { routeTaken, through, withNextHop } from '../route-taken.ts';
import { silenceRemedies } from '../silence.ts';
import { labelIn, ownersOf } from '../situation.ts';
import { neighbourText, unanswered, type Unanswered } from '../unanswered.ts';
import type { NamespaceId } from '../../model/ids.ts';
import type { Snapshot } from '../../model/snapshot.ts';

/** Where IPv4 goes by a gateway of IPv6 (RFC 5549), the other address that a right gateway has there. */
const inFamilyOf = (snapshot: Snapshot, asked: Unanswered, { address, dev }: Gateway): readonly Gateway[] =>
  familyOf(asked.address) === familyOf(address) || dev !== asked.link.name
    ? []
    : ownersOf(snapshot, address).flatMap(({ link }) =>
        link.addresses
          .filter((one) => asked.link.addresses.some((own) => prefixContains(own, one.address)))
          .filter((one) => one.family === familyOf(asked.address) && one.scope === 'global')
          .map((one): Gateway => ({ address: one.address, dev })),
      );

const isAlive = (snapshot: Snapshot, namespace: NamespaceId, gateway: string, dev?: string): boolean =>
  linkTowards(snapshot, namespace, gateway)?.name === dev;

/** Only a table that a policy rule chose for some packets lets others take over from its default route. */
const MAIN_TABLE = 254;

/** The route names a gateway, and nobody on that network has its address. */
export const gatewayUnreachable: CauseKind = {
  id: 'gateway-unreachable',
  find(situation) {
    if (situation.type !== 'way') return null;
    const asked = unanswered(situation);
    const { snapshot, packet, step } = situation;
    if (!asked || sameAddress(asked.address, packet.destination)) return null;
    const { namespace, address } = asked;
    const dev = asked.link.name;
    const route = routeTaken(situation, namespace);
    if (!route || route.nextHops.length === 0) return null;
    const elsewhere = linkTowards(snapshot, namespace, address);
    const others = [
      // The very one that was meant, by the interface that it is behind.
      ...(elsewhere && elsewhere.name !== dev ? [{ address, dev: elsewhere.name }] : []),
      ...gatewaysTowards(snapshot, namespace, packet.destination)
        .filter((it) => it.address !== address)
        .flatMap((it) => [...inFamilyOf(snapshot, asked, it), it]),
    ].filter((it) => isReached(snapshot, namespace, it) || sameAddress(it.address, packet.destination));
    const isItself = ({ address: gateway }: { readonly address: string }): boolean =>
      sameAddress(gateway, packet.destination);
    // Where another next hop is alive, this one alone is in the way.
    const dead = route.nextHops.some(
      ({ via, dev: by }) => via !== undefined && isAlive(snapshot, namespace, via, by),
    )
      ? route.nextHops.find((hop) => hop.dev === dev && sameAddress(hop.via ?? '', address))
      : undefined;
    const isUsed = (gateway: Gateway): boolean =>
      route.nextHops.some(({ via = '' }) => sameAddress(via, gateway.address));
    const replaced = others
      .filter((gateway) => !isItself(gateway))
      .filter((gateway) => !dead || !isUsed(gateway))
      .map((gateway) =>
        dead ? withNextHop(namespace, route, dead, gateway) : through(namespace, route, gateway),
      );
    // Another route takes over. A default one is not somebody's slip: it has to lead somewhere.
    const deleted: readonly Remedy[] = dead
      ? [withNextHop(namespace, route, dead, null)]
      : routeTarget(route.destination) === 'default' && route.table === MAIN_TABLE
        ? []
        : [{ actions: [{ kind: 'delete-route', namespace, route }] }];
    return {
      id: 'gateway-unreachable',
      place: { namespace },
      certainty: 'certain',
      params: {
        namespace: labelIn(snapshot, namespace),
        gateway: address,
        device: dev,
        target: routeTarget(route.destination),
        several: route.nextHops.length > 1,
        silence: step.kind === 'neighbour' ? (step.silence ?? null) : null,
        owner: ownersOf(snapshot, address).map((owner) => labelIn(snapshot, owner.namespace))[0] ?? null,
      },
      evidence: [
        {
          source: readIn(snapshot, namespace, [
            'ip',
            ...(route.family === 6 ? ['-6'] : []),
            'route',
            ...tableWords(route),
          ]),
          text: route.text,
        },
        {
          source: readIn(snapshot, namespace, ['ip', 'neighbour', 'show', address]),
          text: neighbourText(asked),
        },
      ],
      remedies: [
        ...silenceRemedies(snapshot, asked),
        ...(others.some(isItself) ? [...deleted, ...replaced] : [...replaced, ...deleted]),
      ],
    };
  },
  text: {
    en: {
      summary: (p) =>
        p('silence') !== ''
          ? `Nobody on ${p('device')} answers for the gateway ${p('gateway')} of ${p('namespace')}: ${p('silence')}`
          : p('target') === 'default'
            ? `The default gateway ${p('gateway')} of ${p('namespace')} does not exist on ${p('device')}`
            : `The gateway ${p('gateway')} that ${p('namespace')} uses for ${p('target')} does not exist on ${p('device')}`,
      explanation: (p) =>
        `To hand a packet to a gateway, a machine first asks its own network who has the gateway's address. On ${p('device')} of ${p('namespace')} nobody answers for ${p('gateway')}${p('owner') === '' ? '' : ` (${p('owner')} has it, but on another network)`}, so ${p('several') === 'true' ? 'what the kernel gives to this one of the route’s next hops is lost' : 'nothing that depends on this route gets out'}. ${p('silence') === '' ? 'The route has to name a router that is on the same network.' : `The reason: ${p('silence')}.`}`,
    },
    'zh-cn': {
      summary: (p) =>
        p('silence') !== ''
          ? `在 ${p('device')} 上没有人应答 ${p('namespace')} 的网关 ${p('gateway')}：${said(p('silence'), 'zh-cn')}`
          : p('target') === 'default'
            ? `${p('namespace')} 的默认网关 ${p('gateway')} 在 ${p('device')} 上不存在`
            : `${p('namespace')} 为 ${p('target')} 使用的网关 ${p('gateway')} 在 ${p('device')} 上不存在`,
      explanation: (p) =>
        `把数据包交给网关之前，机器先在自己的网络里询问谁拥有网关的地址。在 ${p('namespace')} 的 ${p('device')} 上没有人应答 ${p('gateway')}${p('owner') === '' ? '' : `（${p('owner')} 拥有它，但在另一个网络里）`}，所以${p('several') === 'true' ? '内核交给该路由中这个下一跳的数据都会丢失' : '依赖这条路由的数据都出不去'}。${p('silence') === '' ? '路由里必须写同一网络中的路由器。' : `原因：${said(p('silence'), 'zh-cn')}。`}`,
    },
  },
};
