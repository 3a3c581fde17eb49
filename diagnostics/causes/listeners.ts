import { hasPorts } from '../model/packet.ts';
import { valueOr } from '../model/fact.ts';
import type { NamespaceId } from '../model/ids.ts';
import { familyOf } from '../model/ip.ts';
import type { ListeningSocket } from '../model/socket.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { Evidence } from '../model/diagnosis.ts';
import type { Remedy } from './finding.ts';
import { readIn } from './evidence.ts';
import { factsIn, vrfCameBy, type WaySituation } from './situation.ts';

export const socketsIn = (snapshot: Snapshot, id: NamespaceId): readonly ListeningSocket[] =>
  valueOr(factsIn(snapshot, id)?.sockets ?? { state: 'absent' }, []);

export const isLoopback = ({ address }: Pick<ListeningSocket, 'address'>): boolean =>
  address.startsWith('127.') || address === '::1' || address.startsWith('::ffff:127.');

/** What was asked of the place where a packet was refused; null where the way ended otherwise. */
export interface Refusal {
  readonly namespace: NamespaceId;
  readonly protocol: 'tcp' | 'udp';
  readonly address: string;
  readonly port: number;
  /** The VRF that it came by. */
  readonly vrf?: string;
}

export function refusalAt(situation: WaySituation): Refusal | null {
  const { trace, step, namespace, packet, direction } = situation;
  if (direction !== 'forward' || trace.disposition !== 'refused') return null;
  if (step.kind !== 'deliver' || step.accepted || !hasPorts(packet)) return null;
  const { protocol, destination: address, destinationPort: port } = packet;
  const vrf = vrfCameBy(situation)?.name;
  return { namespace, protocol, address, port, ...(vrf === undefined ? {} : { vrf }) };
}

export const listensOn = (
  sockets: readonly ListeningSocket[],
  { protocol, port }: Pick<Refusal, 'protocol' | 'port'>,
): readonly ListeningSocket[] =>
  sockets.filter((socket) => socket.protocol === protocol && socket.port === port);

/** `0.0.0.0:80 (nginx)`: a socket as a person reads it. */
export const socketText = ({ address, port, device, process }: ListeningSocket): string =>
  `${address.includes(':') ? `[${address}]` : address}${device === undefined ? '' : `%${device}`}:${port}${process ? ` (${process.name})` : ''}`;

/** For an action that makes a service listen where it was asked for. */
export const servedWhere = ({ address, vrf }: Refusal): { readonly family?: 6; readonly vrf?: string } => ({
  ...(familyOf(address) === 6 ? { family: 6 } : {}),
  ...(vrf === undefined ? {} : { vrf }),
});

/** Who listens on the port that was asked for. */
export const listeningEvidence = (
  snapshot: Snapshot,
  { namespace, protocol, port }: Refusal,
  sockets: readonly ListeningSocket[],
): Evidence => ({
  source: readIn(snapshot, namespace, [
    'ss',
    `-ln${protocol === 'tcp' ? 't' : 'u'}p`,
    'sport',
    '=',
    `:${port}`,
  ]),
  text: sockets.map(socketText).join(', '),
});

/** The program that listens elsewhere on the port is to listen where it was asked for too. */
export const listenWhereAsked = (
  refusal: Refusal,
  { address, process }: ListeningSocket,
  device?: string,
): Remedy => ({
  actions: [
    {
      kind: 'serve',
      namespace: refusal.namespace,
      protocol: refusal.protocol,
      port: refusal.port,
      ...servedWhere(refusal),
      instead: { address, program: process?.name ?? null, ...(device === undefined ? {} : { device }) },
    },
  ],
});
