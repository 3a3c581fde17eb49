import { addressBits, familyOf, formatAddress, parseAddress, rangeContains } from '../../model/ip.ts';
import { hasPorts, type Packet } from '../../model/packet.ts';
import type { Translation } from '../../model/rule-map.ts';
import type { Hook } from '../../model/ruleset.ts';
import { chooseAddress } from './address-choice.ts';

/** An end of a packet after translation. */
export interface Translated {
  readonly address: string;
  readonly port: number;
}

/** `to`: what it may become, the likeliest first; several where the kernel draws. */
export interface Choice {
  readonly what: 'source' | 'destination';
  readonly to: readonly Translated[];
}

const HIGHEST_PORT = 0xffff;
const LOOPBACK = { 4: '127.0.0.1', 6: '::1' } as const;

/** Destinations are translated where packets come in or are made, sources where they leave or arrive (HOOK2MANIP). */
export const translatedAt = (hook: Hook): 'source' | 'destination' =>
  hook === 'prerouting' || hook === 'output' ? 'destination' : 'source';

export const endOf = (packet: Packet, what: 'source' | 'destination'): Translated =>
  what === 'source'
    ? { address: packet.source, port: packet.sourcePort }
    : { address: packet.destination, port: packet.destinationPort };

export const withEnd = (packet: Packet, what: 'source' | 'destination', to: Translated): Packet =>
  what === 'source'
    ? { ...packet, source: to.address, sourcePort: to.port }
    : { ...packet, destination: to.address, destinationPort: to.port };

/** `10.0.0.1:80`, `[fd00::1]:80`; the address alone for ICMP. */
export function endText(packet: Packet, what: 'source' | 'destination'): string {
  const { address, port } = endOf(packet, what);
  if (!hasPorts(packet)) return address;
  return packet.family === 6 ? `[${address}]:${port}` : `${address}:${port}`;
}

/**
 * nf_nat_l4proto_unique_tuple(): the packet's own port where the range has it, else the first of the range for a destination;
 * a source gets any port of the range, for which the first stands. ICMP has no ports.
 */
function chosenPorts(packet: Packet, what: Choice['what'], to: Translation): readonly number[] {
  const own = endOf(packet, what).port;
  if (!to.ports || !hasPorts(packet)) return [own];
  const [low, high] = to.ports;
  if (to.basePort !== undefined) return [low + (((own - to.basePort) & HIGHEST_PORT) % (high - low + 1))];
  if (low === high || what === 'source') return [!to.random && low <= own && own <= high ? own : low];
  if (to.random) return [low, high];
  return [low <= own && own <= high ? own : low];
}

/** nf_in_range(): a source that is already what it may become keeps its address. */
const keepsSource = (packet: Packet, { address, ports, random }: Translation): boolean =>
  !random &&
  address !== undefined &&
  rangeContains(address.from, address.to, packet.source) &&
  (!ports || !hasPorts(packet) || (ports[0] <= packet.sourcePort && packet.sourcePort <= ports[1]));

/** What SNAT or DNAT makes of an end of the packet (get_unique_tuple()). `zone`: conntrack's, of the connection. */
export function choose(packet: Packet, what: Choice['what'], to: Translation, zone = 0): Choice {
  const own = endOf(packet, what);
  const keeps = !to.address || (what === 'source' && keepsSource(packet, to));
  const address =
    keeps || !to.address
      ? own.address
      : (chooseAddress(to.address, packet, { persistent: to.persistent === true, zone }) ?? to.address.from);
  return { what, to: chosenPorts(packet, what, to).map((port) => ({ address, port })) };
}

/** NETMAP: the network part comes from the prefix, the host part stays. */
export function netmap(packet: Packet, what: Choice['what'], network: string, length: number): Choice {
  const own = endOf(packet, what);
  const base = parseAddress(network);
  const old = parseAddress(own.address);
  if (!base || !old || base.family !== old.family) return { what, to: [own] };
  const hostMask = (1n << BigInt(addressBits(base.family) - length)) - 1n;
  const value = (base.value & ~hostMask) | (old.value & hostMask);
  return { what, to: [{ address: formatAddress({ family: base.family, value }), port: own.port }] };
}

/** REDIRECT's new destination for packets made here (nf_nat_redirect.c). */
export const redirectOutput = (packet: Packet): string => LOOPBACK[packet.family];

/** Whether a translation is for packets of this family: a table of `inet` has those of both. */
export const familyMatches = (to: Pick<Translation, 'family' | 'address'>, packet: Packet): boolean => {
  const family = to.family ?? (to.address ? familyOf(to.address.from) : null);
  return family === null || family === packet.family;
};
