import { familyOf, prefixContains, sameAddress } from '../../model/ip.ts';
import type { NamespaceId } from '../../model/ids.ts';
import type { Link } from '../../model/link.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { isVxlan, likelyPeers, sendsFrom, type TunnelEnd } from '../../simulate/tunnel/tunnels.ts';
import type { CauseKind } from '../cause.ts';
import type { Finding, Params, Remedy } from '../finding.ts';
import { linkEvidence } from '../evidence.ts';
import { networkOf } from '../gateways.ts';
import { isOf, labelIn, linksIn, type WaySituation } from '../situation.ts';
import { routeFromHere } from '../../simulate/route/from-here.ts';
import { openNamespace } from '../../simulate/view.ts';
import {
  addressesOf,
  fdbEvidence,
  fdbIn,
  hasLocal,
  inUnderlay,
  lastSending,
  tunnelEvidence,
  type Sending,
} from '../tunnel.ts';

const ALL = '00:00:00:00:00:00';

/** A tunnel sends to an address where no tunnel of its number is, and there is one elsewhere. */
export const tunnelPeerWrong: CauseKind = {
  id: 'tunnel-peer-wrong',
  find(situation) {
    if (situation.type !== 'way') return null;
    const sending = lastSending(situation);
    if (!sending) return null;
    return (
      boundElsewhere(situation, sending) ??
      endWithoutLocal(situation.snapshot, sending) ??
      nobodyTakes(situation.snapshot, sending)
    );
  },
  text: {
    en: {
      summary: (p) =>
        p('bound') !== ''
          ? `The tunnel ${p('device')} of ${p('namespace')} sends its packets out by ${p('bound')}, and the way to ${p('remote')} is by ${p('leads')}`
          : p('lost') !== ''
            ? `The tunnel ${p('device')} of ${p('namespace')} was made for the address ${p('lost')}, which ${p('namespace')} does not have`
            : p('expected') !== ''
              ? `The tunnel ${p('device')} of ${p('namespace')} takes packets from ${p('expected')}, and those of ${p('peer')} come from ${p('address')}`
              : p('owned') === 'true'
                ? `The tunnel ${p('device')} of ${p('namespace')} sends to ${p('remote')}, where no tunnel${p('id') === '' ? ' that takes its packets' : ` with the number ${p('id')}`} is`
                : `The tunnel ${p('device')} of ${p('namespace')} sends to ${p('remote')}, which nobody has`,
      explanation: (p) =>
        p('bound') !== ''
          ? `A tunnel puts each frame into a packet of its own and sends that to its remote. ${p('device')} was made for one interface (dev ${p('bound')}), so its packets leave by that one whatever the routes say; but ${p('remote')} is not on that side. Without the interface, the route decides: by ${p('leads')}.`
          : p('lost') !== ''
            ? `A tunnel sends from the address that it was made with (local), and others send to it there. ${p('device')} has ${p('lost')} for it, and no interface of ${p('namespace')} has that address: it was changed or lost after the tunnel was made. Give it back, or let the tunnel and its peers know the new one.`
            : p('expected') !== ''
              ? `A tunnel with a remote takes packets from that address alone. ${p('device')} was told ${p('expected')}; ${p('peer')} sends from ${p('address')}, so its packets belong to no tunnel there and are refused. Each end needs the other's address.`
              : `A tunnel puts each frame into a packet of its own and sends that to its remote, the machine at the other end. ${p('device')} has ${p('remote')} for it, and nobody there takes the frames out again.${p('peer') === '' ? '' : ` The tunnel with the same number is in ${p('peer')}${p('address') === '' ? '' : `, at ${p('address')}`}.`}`,
    },
    'zh-cn': {
      summary: (p) =>
        p('bound') !== ''
          ? `${p('namespace')} 的隧道 ${p('device')} 固定从 ${p('bound')} 发送，而通往 ${p('remote')} 的路是 ${p('leads')}`
          : p('lost') !== ''
            ? `${p('namespace')} 的隧道 ${p('device')} 是为地址 ${p('lost')} 建立的，而 ${p('namespace')} 没有这个地址`
            : p('expected') !== ''
              ? `${p('namespace')} 的隧道 ${p('device')} 只接收来自 ${p('expected')} 的数据包，而 ${p('peer')} 从 ${p('address')} 发送`
              : p('owned') === 'true'
                ? `${p('namespace')} 的隧道 ${p('device')} 发往 ${p('remote')}，那里没有${p('id') === '' ? '接收它的' : `编号为 ${p('id')} 的`}隧道`
                : `${p('namespace')} 的隧道 ${p('device')} 发往 ${p('remote')}，而没有人拥有这个地址`,
      explanation: (p) =>
        p('bound') !== ''
          ? `隧道把每个帧装进自己的数据包，发给远端。${p('device')} 建立时绑定了一个接口（dev ${p('bound')}），所以不管路由怎么说，它的数据包都从那里出去，而 ${p('remote')} 并不在那一边。不绑定接口，就由路由决定，即走 ${p('leads')}。`
          : p('lost') !== ''
            ? `隧道从建立时指定的地址（local）发送，对方也发往那里。${p('device')} 的这个地址是 ${p('lost')}，而 ${p('namespace')} 的接口上没有它：隧道建立之后，地址被改掉或丢失了。请把地址加回来，或让隧道和对端都改用新地址。`
            : p('expected') !== ''
              ? `设了远端的隧道只接收来自该地址的数据包。${p('device')} 的远端是 ${p('expected')}，${p('peer')} 却从 ${p('address')} 发送，它的数据包在那里不属于任何隧道，于是被拒收。两端都要写对方的地址。`
              : `隧道把每个帧装进自己的数据包，发给远端，也就是另一头的机器。${p('device')} 的远端写的是 ${p('remote')}，那里没有人把帧取出来。${p('peer') === '' ? '' : `编号相同的隧道在 ${p('peer')}${p('address') === '' ? '' : `，地址 ${p('address')}`}。`}`,
    },
  },
};

/** `what`: what is wrong of it, beside where it is. */
const wrongAt = (
  snapshot: Snapshot,
  { namespace, link, id }: TunnelEnd,
  what: Params,
  [evidence, remedies]: readonly [Finding['evidence'], Finding['remedies']],
): Finding => ({
  id: 'tunnel-peer-wrong',
  place: { namespace },
  certainty: 'certain',
  params: {
    namespace: labelIn(snapshot, namespace),
    device: link.name,
    id,
    remote: null,
    peer: null,
    address: null,
    owned: true,
    ...what,
  },
  evidence,
  remedies,
});

/** What the packets are sent to takes none of them. */
function nobodyTakes(snapshot: Snapshot, sending: Sending): Finding | null {
  const { end, step, far } = sending;
  const { remote } = step;
  if (!far || far.match || step.mac !== undefined) return null;
  const meant = otherMeant(snapshot, sending);
  if (meant) return meant;
  // The other end is there, and only its number or port is another.
  if (!isVxlan(end) && far.others.some((one) => one.underlay !== null && isMeantBy(snapshot, one, end)))
    return null;
  const peers = likelyPeers(snapshot, end);
  const addresses = peers.flatMap((peer) => addressesOf(snapshot, peer));
  const [first] = peers.filter((peer) => addressesOf(snapshot, peer).length > 0);
  if (remote === null || !first) return null;
  return wrongAt(
    snapshot,
    end,
    {
      remote,
      peer: peers.length === 1 ? labelIn(snapshot, first.namespace) : null,
      address: addresses.length === 1 ? (addresses[0] ?? null) : null,
      owned: far.owned,
    },
    [
      [
        tunnelEvidence(snapshot, end),
        ...(isVxlan(end) ? [fdbEvidence(snapshot, end.namespace, end.link, ALL)] : []),
      ],
      addresses.flatMap((address) => pointed(end, remote, address)),
    ],
  );
}

/** Its packets have to leave by a device that does not lead to the remote, and the route is by another one. */
function boundElsewhere(situation: WaySituation, { end, step, far }: Sending): Finding | null {
  const { snapshot } = situation;
  const { namespace, link, underlay } = end;
  const { remote, mac = ALL } = step;
  if (!isVxlan(end) || remote === null || underlay === null || !far?.match || !inUnderlay(situation))
    return null;
  const via = fdbIn(snapshot, namespace).find(
    (entry) => entry.dev === link.name && entry.mac === mac && entry.remote === remote,
  )?.remoteDev;
  const opened = openNamespace(snapshot, underlay);
  const family = familyOf(remote);
  if (via === undefined || opened.state === 'closed' || family === null || situation.namespace !== underlay)
    return null;
  const route = routeFromHere(opened.view, { family, destination: remote, source: null });
  const leads = route?.found === true ? route.hop.dev : undefined;
  if (leads === undefined || leads === via) return null;
  return wrongAt(snapshot, end, { remote, bound: via, leads }, [
    [fdbEvidence(snapshot, namespace, link, mac)],
    [{ actions: [{ kind: 'point-tunnel', namespace, dev: link.name, mac, before: remote, remote }] }],
  ]);
}

/** vxlan has a table; a tunnel with one other end is told that. WireGuard's peers are not written here: only their owners know them. */
const pointed = (
  { namespace, link, kind, word }: TunnelEnd,
  before: string,
  remote: string,
): readonly Remedy[] => {
  const at = { namespace, dev: link.name };
  if (kind.type === 'vxlan')
    return [{ actions: [{ kind: 'point-tunnel', ...at, mac: ALL, before, remote }] }];
  return word === 'wireguard' ? [] : [{ actions: [{ kind: 'change-tunnel', ...at, remote }] }];
};

/** Whether an end was made for packets of another one, or for anybody's. */
const isMeantBy = (snapshot: Snapshot, { kind }: TunnelEnd, from: TunnelEnd): boolean =>
  kind.remote === undefined || sendsFrom(snapshot, from, kind.remote);

/** Where the packets arrive there is a tunnel of their number, made for another sender. */
function otherMeant(snapshot: Snapshot, { step, end, far }: Sending): Finding | null {
  if (isVxlan(end) || step.remote === null) return null;
  const other = far?.others.find(
    (one) => one.takes === end.id && one.port === end.port && !isMeantBy(snapshot, one, end),
  );
  const [address] = addressesOf(snapshot, end);
  const expected = other?.kind.remote;
  if (!other || address === undefined || expected === undefined) return null;
  return wrongAt(
    snapshot,
    other,
    { remote: step.remote, peer: labelIn(snapshot, end.namespace), address, expected },
    [[tunnelEvidence(snapshot, other), tunnelEvidence(snapshot, end)], pointed(other, expected, address)],
  );
}

/** The machine of one end, mostly of the one that the remote means, no longer has the address that its tunnel was made with. */
function endWithoutLocal(snapshot: Snapshot, { step, end, far }: Sending): Finding | null {
  const { remote } = step;
  const meant =
    remote === null || far?.owned !== false
      ? []
      : likelyPeers(snapshot, end).filter(
          ({ kind }) => kind.local !== undefined && sameAddress(kind.local, remote),
        );
  // Others take nothing that is sent to another address of their machine.
  const there = far?.match || isVxlan(end) ? [] : (far?.others ?? []);
  const peer = [end, ...meant, ...there].find(
    ({ kind, underlay }) =>
      underlay !== null && kind.local !== undefined && !hasLocal(snapshot, underlay, kind.local),
  );
  const lost = peer?.kind.local;
  if (!peer?.underlay || lost === undefined) return null;
  const below = lowerLink(snapshot, peer, lost);
  const evidence = [
    tunnelEvidence(snapshot, peer),
    ...(below ? [linkEvidence(snapshot, peer.underlay, below)] : []),
  ];
  const told: readonly Remedy[] =
    remote !== null && there.includes(peer) && peer.kind.type === 'tunnel'
      ? [
          {
            actions: [
              { kind: 'change-tunnel', namespace: peer.namespace, dev: peer.link.name, local: remote },
            ],
          },
        ]
      : [];
  const back = below ? givenBack(snapshot, peer.underlay, below, lost) : [];
  const what = { namespace: labelIn(snapshot, peer.underlay), remote, owned: false, lost };
  return wrongAt(snapshot, peer, what, [evidence, [...told, ...back]]);
}

/** The interface that the tunnel stands on, or the one on whose network the address would be. */
const lowerLink = (snapshot: Snapshot, { link, underlay }: TunnelEnd, address: string): Link | undefined => {
  const links = underlay === null ? [] : linksIn(snapshot, underlay);
  return (
    links.find(({ index }) => link.peer?.namespace === underlay && index === link.peer?.index) ??
    links.find(({ addresses }) => addresses.some((own) => prefixContains(own, address)))
  );
};

function givenBack(
  snapshot: Snapshot,
  namespace: NamespaceId,
  { name, addresses }: Link,
  address: string,
): readonly Remedy[] {
  const family = address.includes(':') ? 6 : 4;
  const own = addresses.filter(isOf(family)).find((prefix) => prefixContains(prefix, address));
  const length = own?.length ?? networkOf(snapshot, address).length;
  return [{ actions: [{ kind: 'add-address', namespace, dev: name, address, length }] }];
}
