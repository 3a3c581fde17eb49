import type { FixAction } from '../../fixes/registry.ts';
import type { EngineNetwork } from '../../model/container.ts';
import { enginesOn } from '../../model/engines.ts';
import type { NamespaceId } from '../../model/ids.ts';
import { parsePrefix, prefixContains, sameAddress } from '../../model/ip.ts';
import type { Link } from '../../model/link.ts';
import { valueOr } from '../../model/fact.ts';
import { findHost, findNamespace, type Snapshot } from '../../model/snapshot.ts';
import type { CauseKind } from '../cause.ts';
import { readIn } from '../evidence.ts';
import { containersIn, factsIn, labelIn, linksIn, peerOf, type WaySituation } from '../situation.ts';

/** The bridge that an engine made for one of its networks is gone, and its containers' wires hang loose. */
export const bridgeMissing: CauseKind = {
  id: 'bridge-missing',
  find(situation) {
    if (situation.type !== 'way') return null;
    const lost = lostNetwork(situation);
    if (!lost) return null;
    const { snapshot } = situation;
    const { root, network, bridge, loose } = lost;
    const addresses = addressesOf(snapshot, lost);
    const made: FixAction = {
      kind: 'make-bridge',
      namespace: root,
      bridge,
      mac: macOf(snapshot, loose, addresses),
      addresses,
    };
    const attached = loose.map(({ name }): FixAction => ({
      kind: 'set-master',
      namespace: root,
      dev: name,
      bridge,
    }));
    return {
      id: 'bridge-missing',
      place: { namespace: root },
      certainty: 'certain',
      params: { bridge, network: network.name, namespace: labelIn(snapshot, root), wires: loose.length },
      evidence: [
        {
          source: readIn(snapshot, root, ['ip', 'link', 'show', 'dev', bridge]),
          text: `Device "${bridge}" does not exist`,
        },
      ],
      remedies: [{ actions: [made, ...attached] }],
    };
  },
  text: {
    en: {
      summary: (p) =>
        `The bridge ${p('bridge')} of the network ${p('network')} is gone from ${p('namespace')}`,
      explanation: (p) =>
        `The container engine makes a bridge for each of its networks; the containers hang on it, and it has the gateway’s address. Something has deleted ${p('bridge')} since: its containers’ wires lead nowhere, to each other and out alike. Made again with its addresses, and with the wires attached, the network is as it was.`,
    },
    'zh-cn': {
      summary: (p) => `${p('namespace')} 中网络 ${p('network')} 的网桥 ${p('bridge')} 不见了`,
      explanation: (p) =>
        `容器引擎为每个网络创建一个网桥：容器都接在它上面，网关的地址也在它上面。后来有什么东西删掉了 ${p('bridge')}，于是这些容器的接口哪里也通不到：既到不了彼此，也出不去。重新创建网桥、配上它的地址并把接口接回去，网络就和原来一样了。`,
    },
  },
};

interface LostNetwork {
  readonly root: NamespaceId;
  readonly network: EngineNetwork;
  readonly bridge: string;
  /** The host's ends of its containers' wires. */
  readonly loose: readonly Link[];
}

/** A network whose bridge is gone, where the packet’s way ended at a wire of it, or at the host that had the bridge. */
function lostNetwork({ snapshot, namespace, hop, packet }: WaySituation): LostNetwork | null {
  const host = findHost(snapshot, findNamespace(snapshot, namespace)?.host ?? '');
  const root = host?.rootNamespace;
  if (!host || root === undefined || factsIn(snapshot, root)?.links.state !== 'known') return null;
  const dev =
    hop.outDev ?? hop.steps.flatMap((step) => (step.kind === 'route' ? (step.dev ?? []) : [])).at(-1);
  for (const { networks } of enginesOn(host))
    for (const network of networks) {
      const { bridge } = network;
      if (bridge === undefined || linksIn(snapshot, root).some(({ name }) => name === bridge)) continue;
      const loose = linksIn(snapshot, root).filter((link) => isWireOf(snapshot, link, network));
      const leaves =
        namespace === root
          ? loose.some(({ name }) => name === hop.inDev) ||
            prefixesOf(network).some((prefix) => prefixContains(prefix, packet.destination))
          : loose.some((link) => {
              const peer = peerOf(snapshot, link);
              return peer?.namespace === namespace && (dev === undefined || peer.link.name === dev);
            });
      if (loose.length > 0 && leaves) return { root, network, bridge, loose };
    }
  return null;
}

/** The loose end of a wire to a container of the network. */
function isWireOf(snapshot: Snapshot, link: Link, network: EngineNetwork): boolean {
  const { kind, master, addresses, peer } = link;
  if (kind.type !== 'veth' || master !== undefined || !peer?.namespace) return false;
  if (addresses.some(({ scope }) => scope !== 'link')) return false;
  const members = containersIn(snapshot, peer.namespace).filter(({ networks }) =>
    networks.some(({ networkId }) => networkId === network.id),
  );
  const far = peerOf(snapshot, link);
  if (!far) return members.some(({ networks }) => networks.length === 1);
  return (
    members.length > 0 &&
    far.link.addresses.some(({ address }) =>
      prefixesOf(network).some((prefix) => prefixContains(prefix, address)),
    )
  );
}

const prefixesOf = ({ subnets }: EngineNetwork) => subnets.flatMap(({ subnet }) => parsePrefix(subnet) ?? []);

/** What its containers’ routes lead to; else what the engine says, which it does not of a gateway that it chose itself. */
const addressesOf = (
  snapshot: Snapshot,
  { network, loose }: LostNetwork,
): readonly { readonly address: string; readonly length: number }[] =>
  network.subnets.flatMap(({ subnet, gateway }) => {
    const prefix = parsePrefix(subnet);
    if (!prefix) return [];
    const used = loose
      .flatMap((link) => peerOf(snapshot, link)?.namespace ?? [])
      .flatMap((id) => valueOr(factsIn(snapshot, id)?.routes ?? { state: 'absent' }, []))
      .flatMap(({ nextHops }) => nextHops.flatMap(({ via }) => via ?? []))
      .find((via) => prefixContains(prefix, via));
    const address = used ?? gateway;
    return address === undefined ? [] : [{ address, length: prefix.length }];
  });

/** The one that a container still remembers of its gateway: with another, it would take a while to find it. Else as engines make them. */
function macOf(
  snapshot: Snapshot,
  loose: readonly Link[],
  addresses: readonly { readonly address: string }[],
): string {
  const remembered = loose
    .flatMap((link) => peerOf(snapshot, link)?.namespace ?? [])
    .flatMap((id) => valueOr(factsIn(snapshot, id)?.neighbours ?? { state: 'absent' }, []))
    .find(
      ({ address, mac }) => mac !== undefined && addresses.some((own) => sameAddress(own.address, address)),
    );
  if (remembered?.mac !== undefined) return remembered.mac;
  const octets = (addresses.find(({ address }) => !address.includes(':'))?.address ?? '0.0.0.1').split('.');
  return ['02', '42', ...octets.map((octet) => Number(octet).toString(16).padStart(2, '0'))].join(':');
}
