import { tunnelEnd, tunnelEnds, wireguardOf } from '../../simulate/tunnel/tunnels.ts';
import { peerFor } from '../../simulate/tunnel/remotes.ts';
import type { CauseKind } from '../cause.ts';
import { labelIn, linkIn } from '../situation.ts';
import { addressesOf, tunnelEvidence } from '../tunnel.ts';

/** WireGuard knows who the packet is for, and not where that one is: it was never told, and has not heard from it. */
export const wireguardNoEndpoint: CauseKind = {
  id: 'wireguard-no-endpoint',
  find(situation) {
    if (situation.type !== 'way') return null;
    const { snapshot, namespace, step, packet } = situation;
    if (step.kind !== 'tunnel' || step.problem !== 'no-endpoint') return null;
    const link = linkIn(snapshot, namespace, step.dev);
    const end = link && tunnelEnd(snapshot, { namespace, link });
    const peer = end && peerFor(wireguardOf(end)?.peers ?? [], packet.destination);
    if (!end || !peer) return null;
    const others = tunnelEnds(snapshot).filter((one) => wireguardOf(one)?.publicKey === peer.publicKey);
    return {
      id: 'wireguard-no-endpoint',
      place: { namespace },
      certainty: 'certain',
      params: {
        namespace: labelIn(snapshot, namespace),
        device: step.dev,
        destination: packet.destination,
        peer: peer.publicKey,
      },
      evidence: [tunnelEvidence(snapshot, end)],
      remedies: others.flatMap((other) => {
        const port = wireguardOf(other)?.port ?? 0;
        return port === 0
          ? []
          : addressesOf(snapshot, other).map((address) => ({
              actions: [
                {
                  kind: 'point-wireguard' as const,
                  namespace,
                  dev: step.dev,
                  peer: peer.publicKey,
                  endpoint: { address, port },
                },
              ],
            }));
      }),
    };
  },
  text: {
    en: {
      summary: (p) =>
        `The WireGuard interface ${p('device')} in ${p('namespace')} does not know where its peer for ${p('destination')} is`,
      explanation: (p) =>
        `WireGuard sends to a peer’s address and port (Endpoint): where it was told, or where it last heard from it. For the peer ${p('peer')} ${p('namespace')} has neither, so it cannot begin. Either the other side begins, or the endpoint is set here.`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('namespace')} 中的 WireGuard 接口 ${p('device')} 不知道负责 ${p('destination')} 的对端在哪里`,
      explanation: (p) =>
        `WireGuard 把数据发到对端的地址和端口（Endpoint）：要么是配置的，要么是上次收到它的数据的地方。对于对端 ${p('peer')}，${p('namespace')} 两者都没有，所以无法先开口。要么由另一方先发起，要么在这里设置 Endpoint。`,
    },
  },
};
