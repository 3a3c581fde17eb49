import type { NamespaceId } from '../model/ids.ts';
import type { Evidence } from '../model/diagnosis.ts';
import { addressAndPort } from '../model/ip.ts';
import type { Link } from '../model/link.ts';
import type { FdbEntry } from '../model/route.ts';
import { valueOr } from '../model/fact.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { Step } from '../model/trace.ts';
import { segmentOf } from '../simulate/link/segment.ts';
import { peerFor } from '../simulate/tunnel/remotes.ts';
import {
  farSide,
  hasAddress,
  tunnelEnd,
  wireguardOf,
  type FarSide,
  type TunnelEnd,
} from '../simulate/tunnel/tunnels.ts';
import { readIn } from './evidence.ts';
import { factsIn, linkIn, linksIn, type WaySituation } from './situation.ts';

export type TunnelStep = Extract<Step, { kind: 'tunnel' }>;

/** The tunnel that a packet was put into last, and where it was sent. */
export interface Sending {
  readonly step: TunnelStep;
  readonly end: TunnelEnd;
  /** What stands at the other end; null where the tunnel knew nobody. */
  readonly far: FarSide | null;
}

/** Where a frame was put into a packet: a hop of the packet that is inside, or of a tunnel in a tunnel. */
export function lastSending({ snapshot, trace }: WaySituation): Sending | null {
  const all = trace.hops.flatMap((hop) =>
    hop.steps.flatMap((step) =>
      step.kind === 'tunnel' && !hop.packet.tunnel
        ? [{ namespace: hop.namespace, step, packet: hop.packet }]
        : [],
    ),
  );
  const last = all.at(-1);
  const link = last && linkIn(snapshot, last.namespace, last.step.dev);
  const end = link && tunnelEnd(snapshot, { namespace: last.namespace, link });
  if (!end) return null;
  const { remote, id } = last.step;
  const peer = wireguardOf(end) ? peerFor(wireguardOf(end)?.peers ?? [], last.packet.destination) : undefined;
  const far =
    remote === null
      ? null
      : farSide(
          snapshot,
          {
            address: remote,
            port: peer?.endpoint?.port ?? end.port,
            id: id ?? end.id,
            device: null,
            ...(peer ? { peer: peer.publicKey } : {}),
          },
          end,
        );
  return { step: last.step, end, far };
}

/** Whether it is the tunnel's own packet that went astray, rather than what is in it. */
export const inUnderlay = ({ packet, hop }: WaySituation): boolean =>
  packet.tunnel !== undefined || hop.packet.tunnel !== undefined;

/** Addresses at which a tunnel can be reached from elsewhere: its own first. */
export function addressesOf(snapshot: Snapshot, { kind, underlay, link }: TunnelEnd): readonly string[] {
  if (underlay === null) return kind.local === undefined ? [] : [kind.local];
  if (kind.local !== undefined) return hasLocal(snapshot, underlay, kind.local) ? [kind.local] : [];
  const links = linksIn(snapshot, underlay).filter(
    (one) => !['loopback', 'vxlan', 'tunnel'].includes(one.kind.type) && one.index !== link.index,
  );
  return links.flatMap(({ addresses }) =>
    addresses.filter(({ scope }) => scope === 'global').map(({ address }) => address),
  );
}

/** A tunnel keeps the address that it was made with, also when its machine has got another one. */
export const hasLocal = (snapshot: Snapshot, underlay: NamespaceId, local: string): boolean =>
  hasAddress(snapshot, underlay, local);

/** Whether a hardware address is on the near side of a tunnel's end: its own, or behind its bridge. */
export function isBehind(snapshot: Snapshot, { namespace, link }: TunnelEnd, mac: string): boolean {
  if (link.mac === mac) return true;
  const bridge = linksIn(snapshot, namespace).find(({ index }) => index === link.master);
  if (!bridge) return false;
  if (bridge.mac === mac) return true;
  return segmentOf(snapshot, namespace, bridge).stations.some(
    ({ macs, crossed }) => macs.includes(mac) && crossed.every(({ type }) => type === 'bridge'),
  );
}

export const fdbIn = (snapshot: Snapshot, id: NamespaceId): readonly FdbEntry[] =>
  valueOr(factsIn(snapshot, id)?.fdb ?? { state: 'absent' }, []);

export const tunnelEvidence = (snapshot: Snapshot, end: TunnelEnd): Evidence => {
  const { namespace, link, kind, word } = end;
  const own = wireguardOf(end);
  return own
    ? {
        source: readIn(snapshot, namespace, ['wg', 'show', link.name]),
        text: [
          [`${link.name}:`, 'listen-port', own.port].join(' '),
          ...own.peers.map(({ publicKey, endpoint, allowed }) =>
            [
              ...['peer', publicKey],
              ...(endpoint ? ['endpoint', addressAndPort(endpoint.address, endpoint.port)] : []),
              ...['allowed-ips', ...allowed.map(({ address, length }) => `${address}/${length}`)],
            ].join(' '),
          ),
        ].join('; '),
      }
    : {
        source: readIn(snapshot, namespace, ['ip', '-d', 'link', 'show', 'dev', link.name]),
        text: [
          `${link.name}: ${word}`,
          ...numbers(end),
          ...(end.port === null ? [] : [`dstport ${end.port}`]),
          ...(kind.remote === undefined ? [] : [`remote ${kind.remote}`]),
          ...(kind.local === undefined ? [] : [`local ${kind.local}`]),
          ...(kind.type === 'vxlan' && !kind.learning ? ['nolearning'] : []),
          ...(kind.df === undefined ? [] : [`df ${kind.df}`]),
        ].join(' '),
      };
};

/** Kinds whose number is GRE's key rather than a network's. */
export const hasKey = ({ word }: TunnelEnd): boolean => /gre/.test(word);

const numbers = (end: TunnelEnd): readonly string[] => {
  const { id, takes } = end;
  if (!hasKey(end)) return id === null ? [] : [`id ${id}`];
  if (id === takes) return id === null ? [] : [`key ${id}`];
  return [`ikey ${takes ?? 'none'}`, `okey ${id ?? 'none'}`];
};

export const fdbEvidence = (
  snapshot: Snapshot,
  namespace: NamespaceId,
  { name }: Link,
  mac: string,
): Evidence => {
  const entries = fdbIn(snapshot, namespace).filter((entry) => entry.dev === name && entry.mac === mac);
  return {
    source: readIn(snapshot, namespace, ['bridge', 'fdb', 'show', 'dev', name]),
    text:
      entries.length === 0
        ? `no entry for ${mac}`
        : entries
            .map(({ remote, remoteDev, master, state }) =>
              [
                mac,
                ...(remote ? [`dst ${remote}`] : []),
                ...(remoteDev ? [`via ${remoteDev}`] : []),
                ...(master ? [`master ${master}`] : []),
                state,
              ].join(' '),
            )
            .join('; '),
  };
};

/** The last next hop that was looked for before a place, and its hardware address where it was found. */
export function lastNextHop({ trace, snapshot }: WaySituation): {
  readonly namespace: NamespaceId;
  readonly link: Link;
  readonly address: string;
  readonly mac: string | null;
} | null {
  const found = trace.hops
    .filter(({ packet }) => !packet.tunnel)
    .flatMap(({ namespace, steps }) => steps.map((step) => ({ namespace, step })))
    .findLast(({ step }) => step.kind === 'neighbour');
  if (found?.step.kind !== 'neighbour') return null;
  const link = linkIn(snapshot, found.namespace, found.step.dev);
  const { address, mac } = found.step;
  return link ? { namespace: found.namespace, link, address, mac } : null;
}
