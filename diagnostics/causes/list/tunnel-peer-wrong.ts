import { likelyPeers } from '../../simulate/tunnels.ts';
import type { CauseKind } from '../cause.ts';
import { labelIn } from '../situation.ts';
import { addressesOf, fdbEvidence, lastSending, tunnelEvidence } from '../tunnel.ts';

const ALL = '00:00:00:00:00:00';

/** A tunnel sends to an address where no tunnel of its number is, and there is one elsewhere. */
export const tunnelPeerWrong: CauseKind = {
  id: 'tunnel-peer-wrong',
  find(situation) {
    if (situation.type !== 'way') return null;
    const sending = lastSending(situation);
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
        p('owned') === 'true'
          ? `The tunnel ${p('device')} of ${p('namespace')} sends to ${p('remote')}, where no tunnel with the number ${p('id')} is`
          : `The tunnel ${p('device')} of ${p('namespace')} sends to ${p('remote')}, which nobody has`,
      explanation: (p) =>
        `A tunnel puts each frame into a packet of its own and sends that to its remote, the machine at the other end. ${p('device')} has ${p('remote')} for it, and nobody there takes the frames out again.${p('peer') === '' ? '' : ` The tunnel with the same number is in ${p('peer')}${p('address') === '' ? '' : `, at ${p('address')}`}.`}`,
    },
    'zh-cn': {
      summary: (p) =>
        p('owned') === 'true'
          ? `${p('namespace')} 的隧道 ${p('device')} 发往 ${p('remote')}，那里没有编号为 ${p('id')} 的隧道`
          : `${p('namespace')} 的隧道 ${p('device')} 发往 ${p('remote')}，而没有人拥有这个地址`,
      explanation: (p) =>
        `隧道把每个帧装进自己的数据包，发给远端，也就是另一头的机器。${p('device')} 的远端写的是 ${p('remote')}，那里没有人把帧取出来。${p('peer') === '' ? '' : `编号相同的隧道在 ${p('peer')}${p('address') === '' ? '' : `，地址 ${p('address')}`}。`}`,
    },
  },
};
