import type { NamespaceId } from '../../model/ids.ts';
import { prefixContains, prefixRange, sameAddress } from '../../model/ip.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { segmentOf } from '../../simulate/link/segment.ts';
import type { CauseKind } from '../cause.ts';
import { linkEvidence } from '../evidence.ts';
import { gatewaysTowards, routerBeyondPrefix } from '../gateways.ts';
import { lacksRoute } from './no-route.ts';
import { unanswered } from '../unanswered.ts';
import { isOf, labelIn, linksIn, ownersOf, type Owner, type WaySituation } from '../situation.ts';

interface Disagreement {
  readonly wrong: Owner;
  /** Somebody on the same segment whose prefix is taken to be right. */
  readonly right: Owner;
  /** What is sorted wrongly, where it is not the destination. */
  readonly missed?: string;
}

/** Two ends of one segment have different ideas of how large their network is. */
export const wrongPrefix: CauseKind = {
  id: 'wrong-prefix',
  find(situation) {
    if (situation.type !== 'way') return null;
    const found =
      tooNarrow(situation) ?? tooWide(situation) ?? withoutGateway(situation) ?? asBroadcast(situation);
    if (!found) return null;
    const { snapshot } = situation;
    const { wrong, right } = found;
    const { namespace, link, address } = wrong;
    return {
      id: 'wrong-prefix',
      place: { namespace },
      certainty: 'certain',
      params: {
        device: link.name,
        namespace: labelIn(snapshot, namespace),
        address: address.address,
        length: address.length,
        otherNamespace: labelIn(snapshot, right.namespace),
        otherAddress: right.address.address,
        otherLength: right.address.length,
        destination: found.missed ?? situation.packet.destination,
      },
      evidence: [
        linkEvidence(snapshot, namespace, link),
        linkEvidence(snapshot, right.namespace, right.link),
      ],
      remedies: [
        {
          actions: [
            {
              kind: 'replace-address',
              namespace,
              dev: link.name,
              address: address.address,
              from: address.length,
              to: right.address.length,
            },
          ],
        },
      ],
    };
  },
  text: {
    en: {
      summary: (p) =>
        `${p('namespace')} has the prefix /${p('length')} on ${p('device')}, but ${p('otherNamespace')} on the same network has /${p('otherLength')}`,
      explanation: (p) =>
        `The prefix length tells a machine which addresses are on its own network (it asks for them directly) and which are behind a gateway. With ${p('address')}/${p('length')}, ${p('namespace')} sorts ${p('destination')} differently than ${p('otherNamespace')} with ${p('otherAddress')}/${p('otherLength')} does, so the packet is sent the wrong way. All members of one network need the same prefix length.`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('namespace')} 的 ${p('device')} 前缀长度是 /${p('length')}，而同一网络中的 ${p('otherNamespace')} 是 /${p('otherLength')}`,
      explanation: (p) =>
        `前缀长度决定哪些地址在本网络内（直接询问对方），哪些要交给网关。${p('namespace')} 用 ${p('address')}/${p('length')} 判断 ${p('destination')} 的位置，结果与使用 ${p('otherAddress')}/${p('otherLength')} 的 ${p('otherNamespace')} 不同，于是数据包被送错了方向。同一网络的所有成员必须使用相同的前缀长度。`,
    },
  },
};

/** The destination is on our own segment and says so by its prefix; ours leaves it out. */
function tooNarrow(situation: WaySituation): Disagreement | null {
  const { snapshot, trace, packet, hop, step } = situation;
  const failed = step.kind === 'route' || unanswered(situation) !== null;
  if (!failed && !wentElsewhere(trace.disposition)) return null;
  for (const at of [hop, trace.hops[0]]) {
    if (!at) continue;
    for (const wrong of addressesIn(snapshot, at.namespace, packet.family)) {
      // Another address of the same interface may have the right prefix.
      if (wrong.link.addresses.some((own) => prefixContains(own, packet.destination))) continue;
      const right = ownersOf(snapshot, packet.destination).find(
        (owner) =>
          owner.namespace !== at.namespace &&
          owner.address.length < wrong.address.length &&
          prefixContains(owner.address, wrong.address.address) &&
          shareSegment(snapshot, wrong, owner),
      );
      if (right) return { wrong, right };
    }
  }
  return null;
}

/** Ways that end elsewhere because the gateway, not the neighbour, was given the packet. */
const wentElsewhere = (disposition: string): boolean =>
  [
    'exits-machine',
    'no-route',
    'neighbour-unresolved',
    'not-forwarded',
    'unknown',
    'loop',
    'ttl-expired',
  ].includes(disposition);

/** We ask our own segment for an address that lies elsewhere; a neighbour's narrower prefix says that it does. */
function tooWide(situation: WaySituation): Disagreement | null {
  const { snapshot, packet } = situation;
  const asked = unanswered(situation);
  if (!asked || !sameAddress(asked.address, packet.destination)) return null;
  const { namespace, link } = asked;
  const own = link.addresses.find((address) => prefixContains(address, packet.destination));
  if (!own) return null;
  const elsewhere = ownersOf(snapshot, packet.destination);
  const heard = segmentOf(snapshot, namespace, link).stations;
  if (elsewhere.length === 0) return null;
  if (
    elsewhere.some((owner) =>
      heard.some((it) => it.namespace === owner.namespace && it.link.index === owner.link.index),
    )
  )
    return null;
  for (const station of heard) {
    const address = station.link.addresses.find(
      (it) =>
        isOf(packet.family)(it) &&
        it.length > own.length &&
        prefixContains(it, own.address) &&
        !prefixContains(it, packet.destination),
    );
    if (address && station.namespace !== namespace)
      return { wrong: { namespace, link, address: own }, right: { ...station, address } };
  }
  return null;
}

/** No route, and none could be added: the router is there, and our prefix leaves it out. */
function withoutGateway(situation: WaySituation): Disagreement | null {
  if (!lacksRoute(situation)) return null;
  const { snapshot, namespace, packet } = situation;
  if (gatewaysTowards(snapshot, namespace, packet.destination).length > 0) return null;
  const found = routerBeyondPrefix(snapshot, namespace, packet.destination);
  return found && { wrong: found.own, right: found.router, missed: found.router.address.address };
}

/** A neighbour's address is the broadcast address of what we take for our network: nothing comes from it, and answers go to all. */
function asBroadcast(situation: WaySituation): Disagreement | null {
  const { snapshot } = situation;
  for (const { namespace, address } of takenForAll(situation))
    for (const wrong of addressesIn(snapshot, namespace, 4)) {
      const range = prefixRange(wrong.address);
      if (range?.to !== address && range?.from !== address) continue;
      const right = ownersOf(snapshot, address).find(
        (owner) =>
          owner.namespace !== namespace &&
          owner.address.length < wrong.address.length &&
          shareSegment(snapshot, wrong, owner),
      );
      if (right) return { wrong, right, missed: address };
    }
  return null;
}

/** Addresses that somebody on the way held for everybody's. */
function takenForAll({
  namespace,
  step,
  trace,
}: WaySituation): readonly { readonly namespace: NamespaceId; readonly address: string }[] {
  if (step.kind === 'source-check' && !step.passed && step.reason === 'martian')
    return [{ namespace, address: step.source }];
  return trace.hops.flatMap((hop) =>
    hop.steps.flatMap((it) =>
      it.kind === 'route' && it.route?.type === 'broadcast'
        ? [{ namespace: hop.namespace, address: it.destination }]
        : [],
    ),
  );
}

const addressesIn = (snapshot: Snapshot, id: NamespaceId, family: 4 | 6): readonly Owner[] =>
  linksIn(snapshot, id)
    .filter(({ kind }) => kind.type !== 'loopback')
    .flatMap((link) =>
      link.addresses.filter(isOf(family)).map((address) => ({ namespace: id, link, address })),
    );

const shareSegment = (snapshot: Snapshot, a: Owner, b: Owner): boolean =>
  segmentOf(snapshot, a.namespace, a.link).stations.some(
    ({ namespace, link }) => namespace === b.namespace && link.index === b.link.index,
  );
