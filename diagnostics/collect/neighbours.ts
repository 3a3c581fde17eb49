import type { FdbEntry, Neighbour, NeighbourState } from '../model/route.ts';
import { numberField, optional, stringField, stringsField, type JsonObject } from '../host/external-json.ts';

const STATES: readonly NeighbourState[] = [
  'permanent',
  'noarp',
  'reachable',
  'stale',
  'delay',
  'probe',
  'incomplete',
  'failed',
];

/** Entries of both families from `ip -j neigh show nud all` (and `… show proxy`, where `proxy` is a key). */
export function parseNeighbours(records: readonly JsonObject[]): Neighbour[] {
  return records.flatMap((record) => {
    const [address, dev] = [stringField(record, 'dst'), stringField(record, 'dev')];
    if (address === undefined || dev === undefined) return [];
    const words = stringsField(record, 'state').map((word) => word.toLowerCase());
    return [
      {
        address,
        dev,
        ...optional('mac', addressOf(stringField(record, 'lladdr'))),
        state: STATES.find((state) => words.includes(state)) ?? 'none',
        proxy: 'proxy' in record,
      },
    ];
  });
}

/** Of a device without addresses (tun) the kernel's is empty, and ip(8) prints a byte of what follows (ll_addr_n2a()). */
const addressOf = (text: string | undefined): string | undefined =>
  text === undefined || /^[\da-f]{2}$/i.test(text) ? undefined : text.toLowerCase();

/**
 * Entries from `bridge -j fdb show`, without group addresses (an interface's own multicast list is there too) unless a tunnel
 * sends them somewhere. A tunnel's own entries have no `master`, its bridge's have one.
 */
export function parseFdb(records: readonly JsonObject[]): FdbEntry[] {
  return records.flatMap((record) => {
    const [mac, dev] = [stringField(record, 'mac')?.toLowerCase(), stringField(record, 'ifname')];
    if (mac === undefined || dev === undefined) return [];
    if (isGroup(mac) && stringField(record, 'dst') === undefined) return [];
    const state = stringField(record, 'state');
    return [
      {
        mac,
        dev,
        ...optional('master', stringField(record, 'master')),
        ...optional('vlan', numberField(record, 'vlan')),
        ...optional('remote', stringField(record, 'dst')),
        ...optional('remotePort', numberField(record, 'port')),
        ...optional('remoteId', numberField(record, 'vni')),
        ...optional('remoteDev', stringField(record, 'viaIf')),
        ...optional('remoteIndex', numberField(record, 'viaIfIndex')),
        state: state === 'permanent' || state === 'static' ? state : 'learned',
      },
    ];
  });
}

/** IEEE 802: the lowest bit of the first octet. */
const isGroup = (mac: string): boolean => (parseInt(mac.slice(0, 2), 16) & 1) === 1;
