import type { NamespaceId } from '../model/ids.ts';
import type { Address, BridgePort, Link, LinkKind, PortState } from '../model/link.ts';
import {
  numberField,
  objectField,
  objects,
  optional,
  stringField,
  stringsField,
  type JsonObject,
} from './external-json.ts';

/**
 * Which namespace an id stands for in the namespace that was asked (`ip netns list-id`); null where nobody that we see is it.
 * A namespace gives small numbers to the namespaces that its interfaces' other ends lie in; the numbers mean nothing elsewhere.
 */
export type ResolveNamespaceId = (nsid: number) => NamespaceId | null;

/** Interfaces from `ip -d -j address show` in namespace `self`. */
export function parseLinks(
  records: readonly JsonObject[],
  self: NamespaceId,
  resolve: ResolveNamespaceId,
): Link[] {
  const indexes = new Map<string, number>();
  for (const record of records) {
    const [name, index] = [stringField(record, 'ifname'), numberField(record, 'ifindex')];
    if (name !== undefined && index !== undefined) indexes.set(name, index);
  }
  return records.flatMap((record) => {
    const index = numberField(record, 'ifindex');
    const name = stringField(record, 'ifname');
    if (index === undefined || name === undefined) return [];
    const flags = stringsField(record, 'flags');
    const hardware = stringField(record, 'address')?.toLowerCase();
    const master = stringField(record, 'master');
    return [
      {
        index,
        name,
        kind: linkKind(record),
        mac: hardware !== undefined && /^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(hardware) ? hardware : null,
        mtu: numberField(record, 'mtu') ?? 0,
        up: flags.includes('UP'),
        carrier: flags.includes('LOWER_UP'),
        flags,
        ...optional('master', master === undefined ? undefined : indexes.get(master)),
        ...optional('port', bridgePort(objectField(record, 'linkinfo'))),
        ...optional('peer', otherEnd(record, self, indexes, resolve)),
        addresses: objects(record['addr_info']).flatMap(address),
      },
    ];
  });
}

function linkKind(record: JsonObject): LinkKind {
  const info = objectField(record, 'linkinfo');
  const data = objectField(info, 'info_data');
  const kind = stringField(info, 'info_kind');
  switch (kind) {
    case undefined:
      return { type: stringField(record, 'link_type') === 'loopback' ? 'loopback' : 'physical' };
    case 'veth':
      return { type: 'veth' };
    case 'bridge':
      return {
        type: 'bridge',
        vlanFiltering: (numberField(data, 'vlan_filtering') ?? 0) !== 0,
        stp: (numberField(data, 'stp_state') ?? 0) !== 0,
      };
    case 'macvlan':
      return { type: 'macvlan', mode: stringField(data, 'mode') ?? 'vepa' };
    case 'vxlan':
      return {
        type: 'vxlan',
        id: numberField(data, 'id') ?? 0,
        ...optional('local', stringField(data, 'local') ?? stringField(data, 'local6')),
        ...optional(
          'remote',
          stringField(data, 'remote') ??
            stringField(data, 'remote6') ??
            stringField(data, 'group') ??
            stringField(data, 'group6'),
        ),
        port: numberField(data, 'port') ?? 8472,
        learning: data['learning'] !== false,
      };
    case 'tun':
      return { type: 'tun', mode: stringField(data, 'type') === 'tap' ? 'tap' : 'tun' };
    default:
      return { type: 'other', kind };
  }
}

const PORT_STATES: readonly PortState[] = ['disabled', 'listening', 'learning', 'forwarding', 'blocking'];

function bridgePort(info: JsonObject): BridgePort | undefined {
  if (stringField(info, 'info_slave_kind') !== 'bridge') return undefined;
  const data = objectField(info, 'info_slave_data');
  // A number where iproute2 has no word for it.
  const state = stringField(data, 'state') ?? PORT_STATES[numberField(data, 'state') ?? -1];
  return {
    state: PORT_STATES.find((known) => known === state) ?? 'disabled',
    hairpin: data['hairpin'] === true,
    isolated: data['isolated'] === true,
    learning: data['learning'] !== false,
    flood: data['flood'] !== false,
  };
}

/** iproute2 prints `link` (a name) for a device of the same namespace, else `link_index` with `link_netnsid`. */
function otherEnd(
  record: JsonObject,
  self: NamespaceId,
  indexes: ReadonlyMap<string, number>,
  resolve: ResolveNamespaceId,
): Link['peer'] | undefined {
  const nsid = numberField(record, 'link_netnsid');
  const index = numberField(record, 'link_index');
  const name = stringField(record, 'link');
  if (name !== undefined) {
    const local = indexes.get(name);
    return local === undefined ? undefined : { namespace: self, index: local };
  }
  if (index === undefined || index === 0) return undefined;
  // Without an id iproute2 means "here"; with a negative one (which is no number above) the kernel says "elsewhere".
  if (record['link_netnsid'] === undefined) return { namespace: self, index };
  return { namespace: nsid === undefined || nsid < 0 ? null : resolve(nsid), index };
}

function address(record: JsonObject): Address[] {
  const family = stringField(record, 'family');
  const local = stringField(record, 'local');
  if (local === undefined || (family !== 'inet' && family !== 'inet6')) return [];
  return [
    {
      family: family === 'inet' ? 4 : 6,
      address: local,
      length: numberField(record, 'prefixlen') ?? (family === 'inet' ? 32 : 128),
      scope: stringField(record, 'scope') ?? 'global',
      ...optional('peer', stringField(record, 'address')),
      ...optional('broadcast', stringField(record, 'broadcast')),
      flags: Object.keys(record).filter((key) => record[key] === true),
    },
  ];
}
