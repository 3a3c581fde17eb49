import type { NamespaceId } from '../../model/ids.ts';
import { prefixContains } from '../../model/ip.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { segmentOf } from '../../simulate/link/segment.ts';
import type { CauseKind, Remedy } from '../cause.ts';
import { sysctlEvidence } from '../evidence.ts';
import {
  addressedLinks,
  labelIn,
  linkIn,
  linksIn,
  ownersOf,
  sysctlsIn,
  type PlacedLink,
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
    if (situation.type !== 'way' || situation.packet.family !== 6) return null;
    const { snapshot } = situation;
    const found = atReceiver(situation) ?? atAsker(situation) ?? atAnswerer(situation);
    if (!found) return null;
    const { namespace, link, address } = found;
    const keys = keysFor(snapshot, namespace, link.name);
    const enable: Remedy['actions'] = [
      ...keys.map((key) => ({ kind: 'write-sysctl' as const, namespace, key, value: '0' })),
      ...(address ? [{ kind: 'add-address' as const, namespace, dev: link.name, ...address }] : []),
    ];
    return {
      id: 'ipv6-disabled',
      place: { namespace },
      certainty: 'certain',
      params: { namespace: labelIn(snapshot, namespace), device: link.name, sysctl: keys[0] ?? null },
      evidence: keys.map((key) => sysctlEvidence(key, '1')),
      remedies: [{ actions: enable }],
    };
  },
  text: {
    en: {
      summary: (p) => `IPv6 is switched off on ${p('device')} in ${p('namespace')} (${p('sysctl')} is 1)`,
      explanation: (p) =>
        `The kernel setting disable_ipv6 takes IPv6 away from an interface: all its IPv6 addresses and routes are removed, and IPv6 packets that arrive are thrown away. It is 1 for ${p('device')} in ${p('namespace')}; engines set it for networks without IPv6, and administrators to “keep things simple”. Set to 0, the interface takes part again, but addresses that were given by hand have to be given again.`,
    },
    'zh-cn': {
      summary: (p) => `${p('namespace')} 的 ${p('device')} 上关闭了 IPv6（${p('sysctl')} 为 1）`,
      explanation: (p) =>
        `内核设置 disable_ipv6 会让接口完全不用 IPv6：它的 IPv6 地址和路由都被删除，收到的 IPv6 数据包也会被丢弃。在 ${p('namespace')} 中 ${p('device')} 的这个值是 1；容器引擎会为没有 IPv6 的网络设置它，管理员有时也会为了省事而关闭。设为 0 之后接口会重新参与 IPv6，但手工配置的地址需要重新添加。`,
    },
  },
};

const isDisabled = (snapshot: Snapshot, id: NamespaceId, dev: string): boolean =>
  sysctlsIn(snapshot, id)[`net/ipv6/conf/${dev}/disable_ipv6`] === '1';

/** Written for the whole namespace, it is taken back there; it is each interface's own value that counts. */
const keysFor = (snapshot: Snapshot, id: NamespaceId, dev: string): readonly string[] =>
  [isDisabled(snapshot, id, 'all') ? 'all' : dev].map((name) => `net/ipv6/conf/${name}/disable_ipv6`);

/** Somebody still knew its hardware address. */
function atReceiver({ snapshot, namespace, step, packet }: WaySituation): Disabled | null {
  if (step.kind !== 'receive' || step.problem !== 'ipv6-off') return null;
  const link = linkIn(snapshot, namespace, step.dev);
  if (!link) return null;
  const near = segmentOf(snapshot, namespace, link).stations.flatMap((station) => station.link.addresses);
  const own = near.find((one) => prefixContains(one, packet.destination));
  const lost = ownersOf(snapshot, packet.destination).length === 0 && own;
  return {
    namespace,
    link,
    address: lost ? { address: packet.destination, length: own.length } : null,
  };
}

/** Who has no route has no address either, and an interface that may have none. */
function atAsker({ snapshot, namespace, step, packet }: WaySituation): Disabled | null {
  if (step.kind !== 'route' || step.route !== null) return null;
  const lost = linksIn(snapshot, namespace).filter(
    ({ name, kind, master }) =>
      kind.type !== 'loopback' && master === undefined && isDisabled(snapshot, namespace, name),
  );
  const near = ownersOf(snapshot, packet.destination);
  const towards = lost.find((link) =>
    segmentOf(snapshot, namespace, link).stations.some((station) =>
      near.some((owner) => owner.namespace === station.namespace),
    ),
  );
  const link = towards ?? (addressedLinks(snapshot, namespace, 6).length === 0 ? lost[0] : undefined);
  if (!link) return null;
  const address = addressFor(snapshot, namespace, link, 6);
  return {
    namespace,
    link,
    address: address && { address: address.address, length: address.length },
  };
}

/** Nobody answers for an address, and one interface on that network may not. */
function atAnswerer(situation: WaySituation): Disabled | null {
  const asked = unanswered(situation);
  const { snapshot } = situation;
  if (!asked || ownersOf(snapshot, asked.address).length > 0) return null;
  const own = asked.link.addresses.find((one) => prefixContains(one, asked.address));
  const silent = segmentOf(snapshot, asked.namespace, asked.link).stations.filter(
    ({ namespace, link, fault }) =>
      fault === null && namespace !== asked.namespace && isDisabled(snapshot, namespace, link.name),
  );
  const [station] = silent;
  if (!station || silent.length > 1 || !own) return null;
  return {
    namespace: station.namespace,
    link: station.link,
    address: { address: asked.address, length: own.length },
  };
}
