import type { LinkKind, MacvlanMode } from '../model/link.ts';
import {
  numberField,
  objectField,
  optional,
  stringField,
  stringsField,
  type JsonObject,
} from '../host/external-json.ts';
import { fragmenting, summing, tunnelKind } from './tunnel-kinds.ts';

/** What an interface is, from one record of `ip -d -j address show` (`linkinfo` of iproute2's ip/iplink_*.c). */
export function linkKind(record: JsonObject): LinkKind {
  const info = objectField(record, 'linkinfo');
  const data = objectField(info, 'info_data');
  const kind = stringField(info, 'info_kind');
  switch (kind) {
    case undefined:
      return { type: stringField(record, 'link_type') === 'loopback' ? 'loopback' : 'physical' };
    case 'veth':
    case 'dummy':
    case 'ifb':
    case 'team':
    case 'openvswitch':
      return { type: kind };
    case 'bridge':
      return {
        type: 'bridge',
        vlanFiltering: (numberField(data, 'vlan_filtering') ?? 0) !== 0,
        stp: (numberField(data, 'stp_state') ?? 0) !== 0,
        ...optional('snoops', snooping(data)),
        ...(numberField(data, 'ageing_time') === 0 ? { forgets: true } : {}),
        ...(numberField(data, 'mcast_router') === 2 ? { routesGroups: true } : {}),
      };
    case 'macvlan':
    case 'macvtap':
      return macvlan(data, kind === 'macvtap');
    case 'ipvlan':
    case 'ipvtap':
      return {
        type: 'ipvlan',
        mode: ipvlanMode(data),
        ...(data['private'] === true ? { flag: 'private' } : data['vepa'] === true ? { flag: 'vepa' } : {}),
        ...(kind === 'ipvtap' ? { tap: true } : {}),
      };
    case 'vlan':
      return {
        type: 'vlan',
        id: numberField(data, 'id') ?? 0,
        protocol: stringField(data, 'protocol') ?? '802.1Q',
      };
    case 'vxlan':
      return vxlan(data);
    case 'geneve':
    case 'ipip':
    case 'sit':
    case 'gre':
    case 'gretap':
    case 'erspan':
    case 'ip6tnl':
    case 'ip6gre':
    case 'ip6gretap':
    case 'vti':
    case 'vti6':
    case 'xfrm':
    case 'wireguard':
      return tunnelKind(kind, data);
    case 'bond':
      return {
        type: 'bond',
        mode: stringField(data, 'mode') ?? 'balance-rr',
        ...optional('active', stringField(data, 'active_slave')),
        ...(numberField(data, 'all_slaves_active') === 1 ? { allTake: true } : {}),
      };
    case 'vrf':
      return { type: 'vrf', table: numberField(data, 'table') ?? 0 };
    case 'tun':
      return { type: 'tun', mode: stringField(data, 'type') === 'tap' ? 'tap' : 'tun' };
    default:
      return { type: 'other', kind };
  }
}

/**
 * br_multicast_querier_exists() of net/bridge/br_multicast.c: it asks itself, for which IPv6 needs an address, or has heard another one.
 * What is known of queriers is told by iproute2 since 6.13, and by the kernel since 5.15.
 */
function snooping(data: JsonObject): readonly (4 | 6)[] | undefined {
  if (numberField(data, 'mcast_snooping') === 0) return undefined;
  const asks = (numberField(data, 'mcast_querier') ?? 0) !== 0;
  const [four, six] = ([4, 6] as const).map((family) => {
    const state = objectField(data, `mcast_querier_state_ipv${family}`);
    return {
      heard: state[`mcast_querier_ipv${family}_other_timer`] !== undefined,
      address: stringField(state, `mcast_querier_ipv${family}_addr`),
    };
  });
  const families = [
    ...(asks || four?.heard ? [4 as const] : []),
    ...((asks && six?.address !== '::') || six?.heard ? [6 as const] : []),
  ];
  return families.length > 0 ? families : undefined;
}

/** What the kernel takes where no port was asked for (`port` of drivers/net/vxlan); iproute2 prints it. */
const VXLAN_PORT = 8472;

const MACVLAN_MODES: readonly MacvlanMode[] = ['private', 'vepa', 'bridge', 'passthru', 'source'];

function macvlan(data: JsonObject, tap: boolean): LinkKind {
  const word = stringField(data, 'mode');
  const sources = data['macaddr_data'];
  return {
    type: 'macvlan',
    mode: MACVLAN_MODES.find((mode) => mode === word) ?? 'vepa',
    ...(Array.isArray(sources)
      ? { sources: stringsField(data, 'macaddr_data').map((mac) => mac.toLowerCase()) }
      : {}),
    ...(tap ? { tap: true } : {}),
  };
}

function ipvlanMode(data: JsonObject): 'l2' | 'l3' | 'l3s' {
  const mode = stringField(data, 'mode')?.toLowerCase();
  return mode === 'l3' || mode === 'l3s' ? mode : 'l2';
}

const vxlan = (data: JsonObject): LinkKind => ({
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
  port: numberField(data, 'port') ?? VXLAN_PORT,
  learning: data['learning'] !== false,
  ...(data['proxy'] === true ? { proxy: true } : {}),
  ...(data['external'] === true ? { external: true } : {}),
  ...optional('df', fragmenting(data)),
  ...optional('checksums', summing(data)),
  // 0 is what iproute2 makes of `auto`.
  ...optional('ttl', numberField(data, 'ttl') || undefined),
});
