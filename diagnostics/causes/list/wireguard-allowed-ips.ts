import { valueOr } from '../../model/fact.ts';
import { addressBits, familyOf } from '../../model/ip.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Wireguard, WireguardPeer } from '../../model/wireguard.ts';
import { hasAddress, tunnelEnd, tunnelEnds, wireguardOf } from '../../simulate/tunnel/tunnels.ts';
import type { CauseKind } from '../cause.ts';
import { labelIn, linkIn, type WaySituation } from '../situation.ts';
import { tunnelEvidence } from '../tunnel.ts';

/** WireGuard sends to, and takes from, a peer only the addresses that it is allowed; this one is not among them. */
export const wireguardAllowedIps: CauseKind = {
  id: 'wireguard-allowed-ips',
  find(situation) {
    if (situation.type !== 'way') return null;
    const { snapshot, namespace, step, packet } = situation;
    if (step.kind !== 'tunnel') return null;
    const sends = step.problem === 'no-peer';
    if (!sends && step.problem !== 'source-not-allowed') return null;
    const link = linkIn(snapshot, namespace, step.dev);
    const end = link && tunnelEnd(snapshot, { namespace, link });
    const own = end && wireguardOf(end);
    if (!end || !own) return null;
    const address = sends ? packet.destination : packet.source;
    const peers = sends ? towards(snapshot, own, address) : sendersAmong(situation, own);
    return {
      id: 'wireguard-allowed-ips',
      place: { namespace },
      certainty: 'certain',
      params: {
        namespace: labelIn(snapshot, namespace),
        device: step.dev,
        address,
        sends,
        peer: peers.length === 1 ? (peers[0]?.publicKey ?? null) : null,
      },
      evidence: [tunnelEvidence(snapshot, end)],
      remedies: peers.map(({ publicKey }) => ({
        actions: [
          {
            kind: 'allow-wireguard',
            namespace,
            dev: step.dev,
            peer: publicKey,
            address: { address, length: addressBits(familyOf(address) ?? 4) },
          },
        ],
      })),
    };
  },
  text: {
    en: {
      summary: (p) =>
        p('sends') === 'true'
          ? `No peer of the WireGuard interface ${p('device')} in ${p('namespace')} is allowed ${p('address')}`
          : `The WireGuard interface ${p('device')} in ${p('namespace')} throws away what its peer sends from ${p('address')}`,
      explanation: (p) =>
        p('sends') === 'true'
          ? `WireGuard finds the peer for a packet by its allowed addresses (AllowedIPs): they are its routing table. A route led the packet for ${p('address')} into ${p('device')}, and no peer there has that address among them, so it is refused.`
          : `WireGuard takes from a peer only packets whose sender is among that one’s allowed addresses (AllowedIPs). The packet was opened with the right key, but it comes from ${p('address')}, which is not among those of the peer in ${p('namespace')}; so it is thrown away in silence.`,
    },
    'zh-cn': {
      summary: (p) =>
        p('sends') === 'true'
          ? `${p('namespace')} 中 WireGuard 接口 ${p('device')} 的任何对端都不允许 ${p('address')}`
          : `${p('namespace')} 中的 WireGuard 接口 ${p('device')} 丢弃了对端从 ${p('address')} 发来的数据包`,
      explanation: (p) =>
        p('sends') === 'true'
          ? `WireGuard 按允许的地址（AllowedIPs）为数据包找对端，那就是它的路由表。路由把发往 ${p('address')} 的数据包带进了 ${p('device')}，但那里没有一个对端的允许地址包含它，所以被拒绝。`
          : `WireGuard 只接受来源在对端允许地址（AllowedIPs）之内的数据包。这个数据包的密钥正确，但它来自 ${p('address')}，不在 ${p('namespace')} 为该对端设置的允许地址之内，于是被悄悄丢弃。`,
    },
  },
};

/** The peer whose machine has the address, where one is in sight; else each. */
const towards = (snapshot: Snapshot, { peers }: Wireguard, address: string): readonly WireguardPeer[] => {
  const owning = peers.filter(({ publicKey }) =>
    tunnelEnds(snapshot).some(
      (end) => wireguardOf(end)?.publicKey === publicKey && hasAddress(snapshot, end.namespace, address),
    ),
  );
  return owning.length > 0 ? owning : peers;
};

/** Those of the peers whose machine the packet came through. */
const sendersAmong = ({ snapshot, trace }: WaySituation, { peers }: Wireguard): readonly WireguardPeer[] => {
  const passed = new Set(trace.hops.map(({ namespace }) => namespace));
  const keys = new Set(
    snapshot.namespaces
      .filter(({ id }) => passed.has(id))
      .flatMap(({ id, facts }) =>
        valueOr(facts.links, []).flatMap((link) => {
          const end = tunnelEnd(snapshot, { namespace: id, link });
          return end ? (wireguardOf(end)?.publicKey ?? []) : [];
        }),
      ),
  );
  return peers.filter(({ publicKey }) => keys.has(publicKey));
};
