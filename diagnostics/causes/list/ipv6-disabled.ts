import type { NamespaceId } from '../../model/ids.ts';
import { prefixContains, sameAddress } from '../../model/ip.ts';
import { portsOf, type Link } from '../../model/link.ts';
import type { Evidence } from '../../model/diagnosis.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { ipv6Off, isTooSmallFor6 } from '../../simulate/ip/ipv6-off.ts';
import { SMALLEST_6 } from '../../simulate/link/mtu.ts';
import { segmentOf } from '../../simulate/link/segment.ts';
import type { CauseKind } from '../cause.ts';
import type { Remedy } from '../finding.ts';
import { addressless } from '../addressless.ts';
import { linkEvidence, sysctlEvidence } from '../evidence.ts';
import { gatewayNobodyHas } from '../lost-address.ts';
import {
  addressedLinks,
  containersIn,
  labelIn,
  linkIn,
  linksIn,
  ownersOf,
  sysctlsIn,
  type EndSituation,
  type Owner,
  type PlacedLink,
  type Situation,
  type WaySituation,
} from '../situation.ts';
import { unanswered } from '../unanswered.ts';
import { addressFor } from './no-address.ts';

/** An interface on which IPv6 is switched off, and the address that it should have. */
interface Disabled extends PlacedLink {
  readonly address: { readonly address: string; readonly length: number } | null;
}

/** IPv6 is switched off on an interface: it has lost its addresses, and hears nothing of IPv6. */
export const ipv6Disabled: CauseKind = {
  id: 'ipv6-disabled',
  find(situation) {
    const { snapshot } = situation;
    const found = disabledIn(situation);
    if (!found) return null;
    const { namespace, link, address } = found;
    const { evidence, enable, sysctl } = remedyFor(snapshot, found);
    return {
      id: 'ipv6-disabled',
      place: { namespace },
      certainty: 'certain',
      params: {
        namespace: labelIn(snapshot, namespace),
        device: link.name,
        sysctl,
        mtu: sysctl === null ? link.mtu : null,
      },
      evidence,
      remedies: [
        {
          actions: [
            ...enable,
            ...(address ? [{ kind: 'add-address' as const, namespace, dev: link.name, ...address }] : []),
          ],
        },
      ],
    };
  },
  text: {
    en: {
      summary: (p) =>
        p('sysctl') === ''
          ? `${p('device')} in ${p('namespace')} takes no part in IPv6: its MTU is ${p('mtu')}, and IPv6 needs at least ${SMALLEST_6}`
          : `IPv6 is switched off on ${p('device')} in ${p('namespace')} (${p('sysctl')} is 1)`,
      explanation: (p) =>
        p('sysctl') === ''
          ? `IPv6 expects of every link that it carries packets of ${SMALLEST_6} bytes. Where the MTU of an interface is set lower, the kernel takes IPv6 away from it, without a word: all its IPv6 addresses and routes are removed, and IPv6 packets that arrive are thrown away. IPv4 goes on, so that little else shows it. With a larger MTU the interface takes part again, but addresses and routes that were given by hand have to be given again.`
          : `The kernel setting disable_ipv6 takes IPv6 away from an interface: all its IPv6 addresses and routes are removed, and IPv6 packets that arrive are thrown away. It is 1 for ${p('device')} in ${p('namespace')}; engines set it for networks without IPv6, and administrators to “keep things simple”. Set to 0, the interface takes part again, but addresses that were given by hand have to be given again.`,
    },
    'zh-cn': {
      summary: (p) =>
        p('sysctl') === ''
          ? `${p('namespace')} 的 ${p('device')} 无法使用 IPv6：它的 MTU 是 ${p('mtu')}，而 IPv6 至少需要 ${SMALLEST_6}`
          : `${p('namespace')} 的 ${p('device')} 上关闭了 IPv6（${p('sysctl')} 为 1）`,
      explanation: (p) =>
        p('sysctl') === ''
          ? `IPv6 要求每条链路都能传送 ${SMALLEST_6} 字节的数据包。如果接口的 MTU 被设得更小，内核会悄悄地让它退出 IPv6：它的 IPv6 地址和路由全部被删除，收到的 IPv6 数据包也会被丢弃。IPv4 照常工作，所以几乎看不出原因。调大 MTU 之后接口会重新参与 IPv6，但手工配置的地址和路由需要重新添加。`
          : `内核设置 disable_ipv6 会让接口完全不用 IPv6：它的 IPv6 地址和路由都被删除，收到的 IPv6 数据包也会被丢弃。在 ${p('namespace')} 中 ${p('device')} 的这个值是 1；容器引擎会为没有 IPv6 的网络设置它，管理员有时也会为了省事而关闭。设为 0 之后接口会重新参与 IPv6，但手工配置的地址需要重新添加。`,
    },
  },
};

function disabledIn(situation: Situation): Disabled | null {
  if (situation.type === 'end') return atEnd(situation);
  if (situation.type !== 'way' || situation.packet.family !== 6) return null;
  return atReceiver(situation) ?? atAsker(situation) ?? atAnswerer(situation);
}

interface Enabling {
  readonly evidence: readonly Evidence[];
  readonly enable: Remedy['actions'];
  /** Null where it is the MTU. */
  readonly sysctl: string | null;
}

function remedyFor(snapshot: Snapshot, { namespace, link }: PlacedLink): Enabling {
  if (isTooSmallFor6(link))
    return {
      evidence: [linkEvidence(snapshot, namespace, link)],
      enable: tooSmall(snapshot, namespace, link).map((dev) => ({
        kind: 'set-mtu',
        namespace,
        dev,
        mtu: usualMtu(snapshot, namespace, link),
      })),
      sysctl: null,
    };
  const keys = keysFor(snapshot, namespace, link.name);
  return {
    evidence: keys.map((key) => sysctlEvidence(key, '1')),
    enable: keys.map((key) => ({ kind: 'write-sysctl', namespace, key, value: '0' })),
    sysctl: keys[0] ?? null,
  };
}

/** Those whose MTU it takes to be raised: a bridge has by itself the smallest of its ports'. */
function tooSmall(snapshot: Snapshot, id: NamespaceId, link: Link): readonly string[] {
  if (link.kind.type !== 'bridge') return [link.name];
  const ports = portsOf(linksIn(snapshot, id), link);
  const follows = link.mtu === Math.min(...ports.map(({ mtu }) => mtu));
  return [...ports.filter(isTooSmallFor6), ...(follows ? [] : [link])].map(({ name }) => name);
}

/** What the others on its network have. */
function usualMtu(snapshot: Snapshot, id: NamespaceId, link: Link): number {
  const others = segmentOf(snapshot, id, link).stations.map((station) => station.link.mtu);
  const [least = SMALLEST_6] = others.filter((mtu) => mtu >= SMALLEST_6).toSorted((a, b) => a - b);
  return least;
}

const isDisabled = (snapshot: Snapshot, id: NamespaceId, link: Link): boolean =>
  ipv6Off(sysctlsIn(snapshot, id), link) !== null;

/** Written for the whole namespace, it is taken back there; it is each interface's own value that counts. */
const keysFor = (snapshot: Snapshot, id: NamespaceId, dev: string): readonly string[] =>
  [sysctlsIn(snapshot, id)['net/ipv6/conf/all/disable_ipv6'] === '1' ? 'all' : dev].map(
    (name) => `net/ipv6/conf/${name}/disable_ipv6`,
  );

/** An end among neighbours that have IPv6 alone has lost its only address. */
function atEnd(situation: EndSituation): Disabled | null {
  const { snapshot } = situation;
  const end = addressless(situation);
  if (end?.family !== 6) return null;
  const { namespace } = end;
  const found = end.links
    .filter((link) => isDisabled(snapshot, namespace, link))
    .map((link) => ({ namespace, link, address: addressFor(snapshot, namespace, link, 6) }));
  return found.find(({ address }) => address !== null) ?? found[0] ?? null;
}

/** Somebody still knew its hardware address. */
function atReceiver(situation: WaySituation): Disabled | null {
  const { snapshot, namespace, step, packet } = situation;
  if (step.kind !== 'receive' || step.problem !== 'ipv6-off') return null;
  const link = linkIn(snapshot, namespace, step.dev);
  if (!link) return null;
  const near = segmentOf(snapshot, namespace, link).stations.flatMap((station) => station.link.addresses);
  const wanted = unanswered(situation)?.address ?? packet.destination;
  const own = near.find((one) => prefixContains(one, wanted));
  const lost = ownersOf(snapshot, wanted).length === 0 && own;
  return { namespace, link, address: lost ? { address: wanted, length: own.length } : null };
}

/** Who has no route has no address either, and an interface that may have none. */
function atAsker({ snapshot, namespace, step, packet }: WaySituation): Disabled | null {
  if (step.kind !== 'route' || step.route !== null) return null;
  const lost = linksIn(snapshot, namespace).filter(
    (link) =>
      link.kind.type !== 'loopback' && link.master === undefined && isDisabled(snapshot, namespace, link),
  );
  const near = ownersOf(snapshot, packet.destination);
  const towards = lost.find((link) =>
    segmentOf(snapshot, namespace, link).stations.some((station) =>
      near.some((owner) => owner.namespace === station.namespace),
    ),
  );
  const link = towards ?? (addressedLinks(snapshot, namespace, 6).length === 0 ? lost[0] : undefined);
  if (!link) return null;
  const address = expectedGateway(snapshot, near) ?? addressFor(snapshot, namespace, link, 6);
  return {
    namespace,
    link,
    address: address && { address: address.address, length: address.length },
  };
}

/** The address that the destination sends its answers to, and that nobody has any more. */
function expectedGateway(snapshot: Snapshot, near: readonly Owner[]): Disabled['address'] {
  for (const owner of near) {
    const address = gatewayNobodyHas(snapshot, owner);
    if (address !== undefined) return { address, length: owner.address.length };
  }
  return null;
}

/** Nobody answers for an address, and one interface on that network may not. */
function atAnswerer(situation: WaySituation): Disabled | null {
  const asked = unanswered(situation);
  const { snapshot } = situation;
  if (!asked || ownersOf(snapshot, asked.address).length > 0) return null;
  const own = asked.link.addresses.find((one) => prefixContains(one, asked.address));
  const silent = segmentOf(snapshot, asked.namespace, asked.link).stations.filter(
    ({ namespace, link, fault }) =>
      fault === null && namespace !== asked.namespace && isDisabled(snapshot, namespace, link),
  );
  const [station] = silent;
  if (!station || silent.length > 1 || !own) return null;
  // Whose address it is an engine knows.
  const containers = containersIn(snapshot, station.namespace);
  const given = containers.flatMap(({ networks }) => networks.map(({ address6 }) => address6));
  if (containers.length > 0 && !given.some((one) => one !== undefined && sameAddress(one, asked.address)))
    return null;
  return {
    namespace: station.namespace,
    link: station.link,
    address: { address: asked.address, length: own.length },
  };
}
