import { prefixContains, sameAddress } from '../../model/ip.ts';
import type { NamespaceId } from '../../model/ids.ts';
import type { Link } from '../../model/link.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { likelyPeers, type TunnelEnd } from '../../simulate/tunnel/tunnels.ts';
import type { CauseKind, Finding, Remedy } from '../cause.ts';
import { linkEvidence } from '../evidence.ts';
import { networkOf } from '../gateways.ts';
import { isOf, labelIn, linksIn } from '../situation.ts';
import { addressesOf, fdbEvidence, hasLocal, lastSending, tunnelEvidence, type Sending } from '../tunnel.ts';

const ALL = '00:00:00:00:00:00';

/** A tunnel sends to an address where no tunnel of its number is, and there is one elsewhere. */
export const tunnelPeerWrong: CauseKind = {
  id: 'tunnel-peer-wrong',
  find(situation) {
    if (situation.type !== 'way') return null;
    const sending = lastSending(situation);
    const lost = sending && endWithoutLocal(situation.snapshot, sending);
    if (lost) return lost;
    if (!sending?.far || sending.far.match || sending.step.mac !== undefined) return null;
    const { snapshot } = situation;
    const { end, step } = sending;
    const { remote } = step;
    if (remote === null) return null;
    const peers = likelyPeers(snapshot, end);
    const addresses = peers.flatMap((peer) =>
      addressesOf(snapshot, peer).map((address) => ({ peer, address })),
    );
    const [first] = addresses;
    if (!first) return null;
    const { namespace, link } = end;
    return {
      id: 'tunnel-peer-wrong',
      place: { namespace },
      certainty: 'certain',
      params: {
        namespace: labelIn(snapshot, namespace),
        device: link.name,
        id: end.kind.id,
        remote,
        peer: peers.length === 1 ? labelIn(snapshot, first.peer.namespace) : null,
        address: addresses.length === 1 ? first.address : null,
        owned: sending.far.owned,
      },
      evidence: [tunnelEvidence(snapshot, end), fdbEvidence(snapshot, namespace, link, ALL)],
      remedies: addresses.map(({ address }) => ({
        actions: [
          { kind: 'point-tunnel', namespace, dev: link.name, mac: ALL, before: remote, remote: address },
        ],
      })),
    };
  },
  text: {
    en: {
      summary: (p) =>
        p('lost') !== ''
          ? `The tunnel ${p('device')} of ${p('namespace')} was made for the address ${p('lost')}, which ${p('namespace')} does not have`
          : p('owned') === 'true'
            ? `The tunnel ${p('device')} of ${p('namespace')} sends to ${p('remote')}, where no tunnel with the number ${p('id')} is`
            : `The tunnel ${p('device')} of ${p('namespace')} sends to ${p('remote')}, which nobody has`,
      explanation: (p) =>
        p('lost') !== ''
          ? `A tunnel sends from the address that it was made with (local), and others send to it there. ${p('device')} has ${p('lost')} for it, and no interface of ${p('namespace')} has that address: it was changed or lost after the tunnel was made. Give it back, or let the tunnel and its peers know the new one.`
          : `A tunnel puts each frame into a packet of its own and sends that to its remote, the machine at the other end. ${p('device')} has ${p('remote')} for it, and nobody there takes the frames out again.${p('peer') === '' ? '' : ` The tunnel with the same number is in ${p('peer')}${p('address') === '' ? '' : `, at ${p('address')}`}.`}`,
    },
    'zh-cn': {
      summary: (p) =>
        p('lost') !== ''
          ? `${p('namespace')} 的隧道 ${p('device')} 是为地址 ${p('lost')} 建立的，而 ${p('namespace')} 没有这个地址`
          : p('owned') === 'true'
            ? `${p('namespace')} 的隧道 ${p('device')} 发往 ${p('remote')}，那里没有编号为 ${p('id')} 的隧道`
            : `${p('namespace')} 的隧道 ${p('device')} 发往 ${p('remote')}，而没有人拥有这个地址`,
      explanation: (p) =>
        p('lost') !== ''
          ? `隧道从建立时指定的地址（local）发送，对方也发往那里。${p('device')} 的这个地址是 ${p('lost')}，而 ${p('namespace')} 的接口上没有它：隧道建立之后，地址被改掉或丢失了。请把地址加回来，或让隧道和对端都改用新地址。`
          : `隧道把每个帧装进自己的数据包，发给远端，也就是另一头的机器。${p('device')} 的远端写的是 ${p('remote')}，那里没有人把帧取出来。${p('peer') === '' ? '' : `编号相同的隧道在 ${p('peer')}${p('address') === '' ? '' : `，地址 ${p('address')}`}。`}`,
    },
  },
};

/** The machine of one end, mostly of the one that the remote means, no longer has the address that its tunnel was made with. */
function endWithoutLocal(snapshot: Snapshot, { step, end, far }: Sending): Finding | null {
  const { remote } = step;
  const meant =
    remote === null || far?.owned !== false
      ? []
      : likelyPeers(snapshot, end).filter(
          ({ kind }) => kind.local !== undefined && sameAddress(kind.local, remote),
        );
  const peer = [end, ...meant].find(
    ({ kind, underlay }) =>
      underlay !== null && kind.local !== undefined && !hasLocal(snapshot, underlay, kind.local),
  );
  const lost = peer?.kind.local;
  if (!peer?.underlay || lost === undefined) return null;
  const below = lowerLink(snapshot, peer, lost);
  return {
    id: 'tunnel-peer-wrong',
    place: { namespace: peer.namespace },
    certainty: 'certain',
    params: {
      namespace: labelIn(snapshot, peer.underlay),
      device: peer.link.name,
      id: peer.kind.id,
      remote,
      peer: null,
      address: null,
      owned: false,
      lost,
    },
    evidence: [
      tunnelEvidence(snapshot, peer),
      ...(below ? [linkEvidence(snapshot, peer.underlay, below)] : []),
    ],
    remedies: below ? givenBack(snapshot, peer.underlay, below, lost) : [],
  };
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
