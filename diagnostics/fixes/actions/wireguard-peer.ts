import { known } from '../../model/fact.ts';
import type { NamespaceId } from '../../model/ids.ts';
import { addressAndPort, type Prefix } from '../../model/ip.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Wireguard, WireguardPeer } from '../../model/wireguard.ts';
import { exec, type ActionKind } from '../action.ts';
import { changeLink, linkNamed } from '../patch.ts';

/** Which peer of a WireGuard interface is meant. */
interface AtPeer {
  readonly namespace: NamespaceId;
  readonly dev: string;
  /** Its public key. */
  readonly peer: string;
}

/** Lets a peer have one address more (`allowed-ips`). */
export interface AllowWireguard extends AtPeer {
  readonly kind: 'allow-wireguard';
  readonly address: Prefix;
}

/** Tells where a peer is (`endpoint`). */
export interface PointWireguard extends AtPeer {
  readonly kind: 'point-wireguard';
  readonly endpoint: { readonly address: string; readonly port: number };
}

const prefixText = ({ address, length }: Prefix): string => `${address}/${length}`;

const wireguardAt = (snapshot: Snapshot, { namespace, dev }: AtPeer): Wireguard | null => {
  const kind = linkNamed(snapshot, namespace, dev)?.kind;
  return kind?.type === 'tunnel' && kind.wireguard?.state === 'known' ? kind.wireguard.value : null;
};

const allowedNow = (snapshot: Snapshot, at: AtPeer): readonly Prefix[] =>
  wireguardAt(snapshot, at)?.peers.find(({ publicKey }) => publicKey === at.peer)?.allowed ?? [];

const changePeers = (
  snapshot: Snapshot,
  at: AtPeer,
  change: (peer: WireguardPeer) => WireguardPeer,
): Snapshot => {
  const own = wireguardAt(snapshot, at);
  if (!own) return snapshot;
  const wireguard = known({ ...own, peers: own.peers.map(change) });
  return changeLink(
    snapshot,
    at.namespace,
    ({ name }) => name === at.dev,
    (link) => (link.kind.type === 'tunnel' ? { ...link, kind: { ...link.kind, wireguard } } : link),
  );
};

/** wg(8) sets the whole list. */
const setAllowed = ({ dev, peer }: AtPeer, prefixes: readonly Prefix[]): readonly string[] => [
  ...['wg', 'set', dev, 'peer', peer, 'allowed-ips', prefixes.map(prefixText).join(',')],
];

export const allowWireguard: ActionKind<AllowWireguard> = {
  steps: (action, snapshot) => [
    exec(snapshot, action.namespace, setAllowed(action, [...allowedNow(snapshot, action), action.address])),
  ],
  undo: (action, snapshot) => [
    exec(snapshot, action.namespace, setAllowed(action, allowedNow(snapshot, action))),
  ],
  // The same address is never two peers': the kernel takes it from the one that had it.
  change: (action, snapshot) =>
    changePeers(snapshot, action, (peer) => {
      const others = peer.allowed.filter((prefix) => prefixText(prefix) !== prefixText(action.address));
      return { ...peer, allowed: peer.publicKey === action.peer ? [...others, action.address] : others };
    }),
  text: {
    en: ({ dev, peer, address }, where) => ({
      title: `Allow the peer ${peer} of ${dev} in ${where} the address ${prefixText(address)}`,
      permanent: `Add ${prefixText(address)} to AllowedIPs of the peer where ${dev} is configured.`,
      sideEffects: [],
      opens: [`The peer may then send from ${prefixText(address)} to everything that ${where} reaches.`],
    }),
    'zh-cn': ({ dev, peer, address }, where) => ({
      title: `允许 ${where} 的 ${dev} 的对端 ${peer} 使用地址 ${prefixText(address)}`,
      permanent: `在配置 ${dev} 的地方，把 ${prefixText(address)} 加进该对端的 AllowedIPs。`,
      sideEffects: [],
      opens: [`此后该对端可以用 ${prefixText(address)} 作为来源，发往 ${where} 能到达的一切。`],
    }),
  },
};

export const pointWireguard: ActionKind<PointWireguard> = {
  steps: ({ namespace, dev, peer, endpoint }, snapshot) => [
    exec(snapshot, namespace, [
      ...['wg', 'set', dev, 'peer', peer, 'endpoint', addressAndPort(endpoint.address, endpoint.port)],
    ]),
  ],
  // wg(8) has no word that forgets an endpoint; the peer is heard from elsewhere, and the kernel follows it.
  undo: () => [],
  change: (action, snapshot) =>
    changePeers(snapshot, action, (peer) =>
      peer.publicKey === action.peer ? { ...peer, endpoint: action.endpoint } : peer,
    ),
  text: {
    en: ({ dev, peer, endpoint }, where) => ({
      title: `Tell ${dev} of ${where} that its peer ${peer} is at ${addressAndPort(endpoint.address, endpoint.port)}`,
      permanent: `Write Endpoint = ${addressAndPort(endpoint.address, endpoint.port)} for the peer where ${dev} is configured.`,
      sideEffects: [
        'It cannot be taken back by a command: WireGuard forgets it when the peer is heard from elsewhere, or is set anew.',
      ],
    }),
    'zh-cn': ({ dev, peer, endpoint }, where) => ({
      title: `告诉 ${where} 的 ${dev}：对端 ${peer} 在 ${addressAndPort(endpoint.address, endpoint.port)}`,
      permanent: `在配置 ${dev} 的地方，为该对端写上 Endpoint = ${addressAndPort(endpoint.address, endpoint.port)}。`,
      sideEffects: ['没有命令可以撤销它：当对端从别处发来数据，或被重新设置时，WireGuard 才会忘记它。'],
    }),
  },
};
