import type { NamespaceId } from '../model/ids.ts';
import type { Address, BondSlave, BridgePort, Link, PortState } from '../model/link.ts';
import {
  numberField,
  objectField,
  objects,
  optional,
  stringField,
  stringsField,
  type JsonObject,
} from '../host/external-json.ts';
import { linkKind } from './link-kinds.ts';

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
        ...optional('slave', bondSlave(objectField(record, 'linkinfo'))),
        ...optional('peer', otherEnd(record, self, indexes, resolve)),
        ...optional('underlay', underlayOf(record, resolve)),
        ...groupOf(stringField(record, 'group')),
        ...((numberField(record, 'promiscuity') ?? 0) > 0 ? { promiscuous: true } : {}),
        ...optional('programs', programsOf(record)),
        addresses: objects(record['addr_info']).flatMap(address),
      },
    ];
  });
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
    ...(data['locked'] === true ? { locked: true } : {}),
    ...(data['bcast_flood'] === false ? { broadcastFlood: false } : {}),
    ...(data['mcast_flood'] === false ? { multicastFlood: false } : {}),
    ...(data['proxy_arp'] === true ? { proxyArp: true } : {}),
  };
}

/** iproute2's ip/iplink_bond_slave.c. */
function bondSlave(info: JsonObject): BondSlave | undefined {
  if (stringField(info, 'info_slave_kind') !== 'bond') return undefined;
  const data = objectField(info, 'info_slave_data');
  const status = stringField(data, 'mii_status');
  return {
    backup: stringField(data, 'state') === 'BACKUP',
    alive: status === undefined || status === 'UP' || status === 'GOING_DOWN',
  };
}

/** `dev` of a vxlan: a name, or `if3` where it lies in the namespace of the tunnel's packets. IFLA_LINK is the vxlan itself. */
function belowVxlan(
  record: JsonObject,
  self: NamespaceId,
  indexes: ReadonlyMap<string, number>,
  resolve: ResolveNamespaceId,
): Link['peer'] | undefined {
  const name = stringField(objectField(objectField(record, 'linkinfo'), 'info_data'), 'link');
  if (name === undefined) return undefined;
  const underlay = underlayOf(record, resolve);
  const index = underlay === undefined ? indexes.get(name) : Number(/^if(\d+)$/.exec(name)?.[1] ?? NaN);
  return index === undefined || Number.isNaN(index)
    ? undefined
    : { namespace: underlay === undefined ? self : underlay, index };
}

/** Kinds that put packets into packets, which are routed in the namespace where the interface was made. */
const TUNNELS = new Set([
  ...['vxlan', 'geneve', 'ipip', 'sit', 'gre', 'gretap', 'erspan', 'ip6tnl', 'ip6gre', 'ip6gretap'],
  ...['ip6erspan', 'vti', 'vti6', 'xfrm', 'wireguard'],
]);

/** `link_netnsid` of a tunnel names that namespace; absent where it is the interface's own. */
function underlayOf(record: JsonObject, resolve: ResolveNamespaceId): NamespaceId | null | undefined {
  const kind = stringField(objectField(record, 'linkinfo'), 'info_kind') ?? '';
  if (!TUNNELS.has(kind) || record['link_netnsid'] === undefined) return undefined;
  const nsid = numberField(record, 'link_netnsid');
  return nsid === undefined || nsid < 0 ? null : resolve(nsid);
}

/** A number, or a name of /etc/iproute2/group, which nobody but ip(8) need know. */
const groupOf = (group: string | undefined): Pick<Link, 'group'> =>
  group === undefined || group === 'default' || group === '0'
    ? {}
    : { group: /^\d+$/.test(group) ? Number(group) : null };

/** XDP programs: `xdp: {mode, …}` or a list of them. */
const programsOf = (record: JsonObject): readonly string[] | undefined =>
  record['xdp'] === undefined || record['xdp'] === null ? undefined : ['xdp'];

/** iproute2 prints `link` (a name) for a device of the same namespace, else `link_index` with `link_netnsid`. */
function otherEnd(
  record: JsonObject,
  self: NamespaceId,
  indexes: ReadonlyMap<string, number>,
  resolve: ResolveNamespaceId,
): Link['peer'] | undefined {
  if (stringField(objectField(record, 'linkinfo'), 'info_kind') === 'vxlan')
    return belowVxlan(record, self, indexes, resolve);
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
