import { valueOr } from '../../model/fact.ts';
import type { NamespaceId } from '../../model/ids.ts';
import type { Link } from '../../model/link.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { CauseKind } from '../cause.ts';
import { linkEvidence, sysctlEvidence } from '../evidence.ts';
import { gatewaysTowards } from '../gateways.ts';
import { factsIn, labelIn, linksIn, ownersOf, sysctlsIn } from '../situation.ts';
import { lacksRoute } from './no-route.ts';

/** A host that became a router stopped to be told of its own routers: the default route from their advertisements is gone. */
export const ipv6RaLost: CauseKind = {
  id: 'ipv6-ra-lost',
  find(situation) {
    if (situation.type !== 'way' || situation.packet.family !== 6 || !lacksRoute(situation)) return null;
    const { snapshot, namespace, packet } = situation;
    const link = linksIn(snapshot, namespace).find((one) => isDeaf(snapshot, namespace, one));
    if (!link) return null;
    const gateways = routersOn(snapshot, namespace, link, packet.destination);
    return {
      id: 'ipv6-ra-lost',
      place: { namespace },
      // That an advertisement gave the address is sure; that its sender leads on, where one is in sight.
      certainty: gateways.length > 0 ? 'certain' : 'likely',
      params: {
        namespace: labelIn(snapshot, namespace),
        device: link.name,
        destination: packet.destination,
        direction: situation.direction,
        address: link.addresses.find(isAutomatic)?.address ?? null,
      },
      evidence: [
        sysctlEvidence(key(link, 'accept_ra'), '1'),
        sysctlEvidence(key(link, 'forwarding'), '1'),
        linkEvidence(snapshot, namespace, link),
      ],
      remedies: (gateways.length > 0 ? gateways : [null]).map((gateway) => ({
        actions: [{ kind: 'accept-ra', namespace, dev: link.name, gateway }],
      })),
    };
  },
  text: {
    en: {
      summary: (p) =>
        `${p('namespace')} has lost its IPv6 default route: ${p('device')} forwards, and so ignores router advertisements (accept_ra is 1)`,
      explanation: (p) =>
        `With IPv6, routers announce themselves, and a host takes its address and its default route from that: ${p('device')} has ${p('address')} so. A router is not supposed to believe other routers. So the moment forwarding is switched on, as container engines do, the kernel drops the default route and ignores the next advertisements; the address stays until it runs out. ${p('direction') === 'back' ? 'The question still arrives, and the answer' : 'What is sent'} to ${p('destination')} has no way any more. With accept_ra set to 2 an interface listens to routers although the machine is one itself.`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('namespace')} 失去了 IPv6 默认路由：${p('device')} 开启了转发，因此不再理会路由器通告（accept_ra 为 1）`,
      explanation: (p) =>
        `在 IPv6 中，路由器会通告自己，主机由此得到地址和默认路由：${p('device')} 的 ${p('address')} 就是这样来的。而路由器不应听信别的路由器。所以一旦打开转发（容器引擎就会这么做），内核便删除默认路由，不再理会之后的通告；地址则留到过期为止。${p('direction') === 'back' ? '请求仍能到达，但应答' : '数据包'}再也没有通往 ${p('destination')} 的路。把 accept_ra 设为 2，接口即使在转发的机器上也会听取路由器通告。`,
    },
  },
};

const key = ({ name }: Link, setting: 'accept_ra' | 'forwarding'): string =>
  `net/ipv6/conf/${name}/${setting}`;

/** Made from an advertised prefix (IFA_F_MANAGETEMPADDR of addrconf_prefix_rcv_add_addr()), and going to run out. */
const isAutomatic = ({ family, flags }: Link['addresses'][number]): boolean =>
  family === 6 && flags.includes('dynamic') && flags.includes('mngtmpaddr');

/** ipv6_accept_ra(): it has listened before, and forwards since. */
const isDeaf = (snapshot: Snapshot, namespace: NamespaceId, link: Link): boolean => {
  const sysctls = sysctlsIn(snapshot, namespace);
  const forwards = (sysctls[key(link, 'forwarding')] ?? '0') !== '0';
  return (
    link.up &&
    forwards &&
    sysctls[key(link, 'accept_ra')] === '1' &&
    link.addresses.some(isAutomatic) &&
    !valueOr(factsIn(snapshot, namespace)?.routes ?? { state: 'absent' }, []).some(
      ({ family, destination, nextHops }) =>
        family === 6 && destination.length === 0 && nextHops.some(({ dev }) => dev === link.name),
    )
  );
};

/** Link-local addresses of those on the segment who lead on: advertisements come from such. */
const routersOn = (
  snapshot: Snapshot,
  namespace: NamespaceId,
  { name }: Link,
  destination: string,
): readonly string[] => {
  const found = gatewaysTowards(snapshot, namespace, destination)
    .filter(({ dev }) => dev === name)
    .flatMap(({ address }) => ownersOf(snapshot, address))
    .flatMap(({ link }) => link.addresses)
    .filter(({ family, scope }) => family === 6 && scope === 'link')
    .map(({ address }) => address);
  return [...new Set(found)];
};
