import { valueOr } from '../../model/fact.ts';
import type { NamespaceId } from '../../model/ids.ts';
import { addressBits, familyOf, prefixRange } from '../../model/ip.ts';
import type { Link } from '../../model/link.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { freeAddress } from '../../fixes/patch.ts';
import { segmentOf } from '../../simulate/link/segment.ts';
import { isLinkLocal } from '../../simulate/route/source-selection.ts';
import { addressless } from '../addressless.ts';
import type { CauseKind, Shown } from '../cause.ts';
import type { Finding } from '../finding.ts';
import { linkEvidence, readIn } from '../evidence.ts';
import { givenAddresses, givenTo, type GivenAddress } from '../given-address.ts';
import { lostAddress, type LostAddress } from '../lost-address.ts';
import {
  addressedLinks,
  factsIn,
  isOf,
  labelIn,
  linksIn,
  loopbackAddresses,
  type Situation,
} from '../situation.ts';
import { unanswered } from '../unanswered.ts';

/** An end of the question has no address of the family besides its loopback's; or a router none where its neighbours look for it. */
export const noAddress: CauseKind = {
  id: 'no-address',
  find(situation) {
    const gone = situation.type === 'way' ? unanswered(situation) : null;
    const given = gone && givenTo(situation.snapshot, gone.address);
    if (given) return containerFinding(situation.snapshot, given);
    const lost = situation.type === 'way' ? lostAddress(situation) : null;
    if (lost) return routerFinding(situation.snapshot, lost);
    const namespace = asked(situation);
    if (namespace === null || factsIn(situation.snapshot, namespace)?.links.state !== 'known') return null;
    const family = familyAsked(situation);
    if (addressedLinks(situation.snapshot, namespace, family).length > 0) return null;
    if (isUnnumbered(situation.snapshot, namespace, family)) return null;
    return finding(situation.snapshot, namespace, family);
  },
  text: {
    en: {
      summary: (p) =>
        p('lost') !== ''
          ? `${p('container')} has lost its address ${p('lost')}: ${p('device')} in ${p('namespace')} does not have it any more`
          : p('gateway') !== ''
            ? `${p('device')} in ${p('namespace')} has no address, and its neighbours use ${p('gateway')} as their gateway, which nobody has`
            : p('device') === ''
              ? `${p('namespace')} has no network interface besides its loopback, and so no address`
              : `${p('namespace')} has no ${familyName(p)} address: ${p('device')} was given none`,
      explanation: (p) =>
        p('lost') !== ''
          ? `The container engine gave ${p('lost')} to ${p('container')} when it was started, and still tells everybody who asks for it by name. Somebody has taken it off ${p('device')} since, so nobody answers for it. Started again, the container has it again.`
          : p('gateway') !== ''
            ? `A router needs an address in each network that it connects: its neighbours there send to that address, and the kernel knows by it which network the interface leads to. ${p('device')} of ${p('namespace')} is attached and up and has none. Most likely ${p('gateway')} was meant for it.`
            : `An address is what others send to, and what answers come back to: without one a machine can take part in nothing. ${p('namespace')} has none besides ${besidesEn(p)}. It needs an address of the network it is attached to, one that nobody else there has.`,
    },
    'zh-cn': {
      summary: (p) =>
        p('lost') !== ''
          ? `${p('container')} 丢了自己的地址 ${p('lost')}：${p('namespace')} 的 ${p('device')} 上已经没有它`
          : p('gateway') !== ''
            ? `${p('namespace')} 的 ${p('device')} 没有地址，而它的邻居把没有人拥有的 ${p('gateway')} 当作网关`
            : p('device') === ''
              ? `${p('namespace')} 除了回环接口之外没有网络接口，因此没有地址`
              : `${p('namespace')} 没有 ${familyName(p)} 地址：${p('device')} 上没有配置`,
      explanation: (p) =>
        p('lost') !== ''
          ? `${p('container')} 启动时，容器引擎给了它 ${p('lost')}，现在有人按名字询问时，引擎仍然这样回答。后来有人把这个地址从 ${p('device')} 上去掉了，所以没有人应答它。重新启动容器，地址就会回来。`
          : p('gateway') !== ''
            ? `路由器在它连接的每个网络里都要有一个地址：邻居把数据发给这个地址，内核也靠它知道这个接口通往哪个网络。${p('namespace')} 的 ${p('device')} 已接好并启用，却没有地址。${p('gateway')} 很可能就是留给它的。`
            : `别人往地址发送数据，应答也要靠地址才能回来；没有地址就无法参与任何通信。${p('namespace')} 除了${besidesZh(p)}之外没有地址。请给它配一个所在网络中尚未被占用的地址。`,
    },
  },
};

/** An end without any address lacks one of its neighbours' family, or of IPv4, which most networks use. */
const familyAsked = (situation: Situation): 4 | 6 =>
  situation.type === 'way'
    ? situation.packet.family
    : situation.type === 'end'
      ? (addressless(situation)?.family ?? 4)
      : 4;

/** The end that was found to have no address, or the sender whose very first lookup failed. */
function asked(situation: Situation): NamespaceId | null {
  if (situation.type === 'end') {
    const end = situation.flow[situation.side];
    return end.type === 'namespace' ? end.namespace : null;
  }
  if (situation.type !== 'way') return null;
  const { trace, direction, step, packet } = situation;
  // What goes beyond the link speaks from its link-local address, for want of another one: a router refuses that.
  const [first] = trace.hops;
  const sent = first?.steps.find((it) => it.kind === 'send');
  const speaksLocally = sent?.kind === 'send' && isLinkLocal(sent.packet.source);
  if (direction === 'forward' && first && speaksLocally && !isLinkLocal(packet.destination))
    return first.namespace;
  if (direction !== 'forward' || trace.hops.length > 1 || isLoopbackAddress(packet.destination)) return null;
  // Its link-local address is enough for a destination of that kind.
  if (isLinkLocal(packet.destination) && isLinkLocal(packet.source)) return null;
  return step.kind === 'route' ||
    step.kind === 'neighbour' ||
    step.kind === 'send' ||
    step.kind === 'transmit'
    ? situation.namespace
    : null;
}

/** The engine says whose the address is. */
const containerFinding = (
  snapshot: Snapshot,
  { namespace, link, container, address, length }: GivenAddress,
): Finding => ({
  id: 'no-address',
  place: { namespace },
  certainty: 'certain',
  params: { device: link.name, namespace: labelIn(snapshot, namespace), container, lost: address },
  evidence: [linkEvidence(snapshot, namespace, link)],
  remedies: [{ actions: [{ kind: 'add-address', namespace, dev: link.name, address, length }] }],
});

/** That this very address was meant is most likely, and no more. */
const routerFinding = (snapshot: Snapshot, { namespace, link, address, length }: LostAddress): Finding => ({
  id: 'no-address',
  place: { namespace },
  certainty: 'likely',
  params: { device: link.name, namespace: labelIn(snapshot, namespace), gateway: address },
  evidence: [linkEvidence(snapshot, namespace, link)],
  remedies: [{ actions: [{ kind: 'add-address', namespace, dev: link.name, address, length }] }],
});

/** Its address is on its loopback, and somebody wrote routes that lead away by wires without one. */
const isUnnumbered = (snapshot: Snapshot, namespace: NamespaceId, family: 4 | 6): boolean =>
  loopbackAddresses(linksIn(snapshot, namespace), family).length > 0 &&
  valueOr(factsIn(snapshot, namespace)?.routes ?? { state: 'absent' }, []).some(
    ({ family: own, type, protocol, nextHops }) =>
      own === family &&
      type === 'unicast' &&
      protocol !== 'kernel' &&
      nextHops.some(({ dev }) => dev !== 'lo'),
  );

const isLoopbackAddress = (address: string): boolean => address.startsWith('127.') || address === '::1';

function finding(snapshot: Snapshot, namespace: NamespaceId, family: 4 | 6): Finding {
  const links = outwardFirst(snapshot, namespace);
  const guess =
    givenAddresses(snapshot, namespace).find(({ address }) => familyOf(address) === family) ??
    links.map((link) => addressFor(snapshot, namespace, link, family)).find((it) => it !== null) ??
    null;
  const link = guess?.link ?? links[0];
  return {
    id: 'no-address',
    place: { namespace },
    certainty: 'certain',
    params: {
      device: link?.name ?? null,
      namespace: labelIn(snapshot, namespace),
      ...(family === 6 ? { family } : {}),
    },
    evidence: link
      ? [linkEvidence(snapshot, namespace, link)]
      : [{ source: readIn(snapshot, namespace, ['ip', 'address']), text: 'lo only' }],
    remedies: guess
      ? [
          {
            actions: [
              ...(guess.link.up ? [] : [{ kind: 'link-up' as const, namespace, dev: guess.link.name }]),
              {
                kind: 'add-address',
                namespace,
                dev: guess.link.name,
                address: guess.address,
                length: guess.length,
              },
            ],
          },
        ]
      : [],
  };
}

/** Interfaces that an address could be on: those by which the machine reaches others, before bridges of its own (docker0) and ports. */
function outwardFirst(snapshot: Snapshot, namespace: NamespaceId): readonly Link[] {
  const routes = valueOr(factsIn(snapshot, namespace)?.routes ?? { state: 'absent' }, []);
  const byDefault = new Set(
    routes
      .filter(({ destination, type }) => destination.length === 0 && type === 'unicast')
      .flatMap(({ nextHops }) => nextHops.map(({ dev }) => dev)),
  );
  const rank = ({ name, kind, master, addresses }: Link): number => {
    if (byDefault.has(name)) return 0;
    if (master !== undefined) return 4;
    if (kind.type === 'bridge') return 3;
    return addresses.some(isOf(4)) || addresses.some(isOf(6)) ? 1 : 2;
  };
  return linksIn(snapshot, namespace)
    .filter(({ kind }) => kind.type !== 'loopback')
    .toSorted((a, b) => rank(a) - rank(b));
}

/** A free address of the network that the others on the same segment are in. */
export function addressFor(
  snapshot: Snapshot,
  namespace: NamespaceId,
  link: Link,
  family: 4 | 6,
): { readonly link: Link; readonly address: string; readonly length: number } | null {
  for (const station of segmentOf(snapshot, namespace, link).stations) {
    const theirs = station.link.addresses.find(
      (own) => isOf(family)(own) && own.length < addressBits(family) - 1,
    );
    const range = theirs ? prefixRange(theirs) : null;
    if (!theirs || !range) continue;
    const address = freeAddress(snapshot, { address: range.from, length: theirs.length });
    if (address !== null) return { link, address, length: theirs.length };
  }
  return null;
}

const familyName = (p: Shown): string => (p('family') === '6' ? 'IPv6' : 'IPv4');
/** IPv6 gives every interface a link-local address by itself. */
const besidesEn = (p: Shown): string =>
  p('family') === '6'
    ? '::1, which means “myself”, and link-local ones (fe80::…), which reach no further than the wire'
    : '127.0.0.1, which means “myself”';
const besidesZh = (p: Shown): string =>
  p('family') === '6'
    ? '表示“自己”的 ::1 和只在本段链路上有效的链路本地地址（fe80::…）'
    : '表示“自己”的 127.0.0.1 ';
