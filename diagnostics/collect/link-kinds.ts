import type { LinkKind, MacvlanMode } from '../model/link.ts';
import {
  numberField,
  objectField,
  optional,
  stringField,
  stringsField,
  type JsonObject,
} from './external-json.ts';

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
      };
    case 'macvlan':
    case 'macvtap':
      return macvlan(data, kind === 'macvtap');
    case 'ipvlan':
    case 'ipvtap':
      return { type: 'ipvlan', mode: ipvlanMode(data), ...(kind === 'ipvtap' ? { tap: true } : {}) };
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
      return {
        type: 'tunnel',
        kind,
        ...optional('local', realAddress(data, 'local')),
        ...optional('remote', realAddress(data, 'remote')),
        ...optional('id', numberField(data, 'id') ?? keyOf(data)),
        ...optional('port', kind === 'geneve' ? (numberField(data, 'port') ?? GENEVE_PORT) : undefined),
        ...(data['external'] === true ? { external: true } : {}),
      };
    case 'bond':
      return {
        type: 'bond',
        mode: stringField(data, 'mode') ?? 'balance-rr',
        ...optional('active', stringField(data, 'active_slave')),
      };
    case 'vrf':
      return { type: 'vrf', table: numberField(data, 'table') ?? 0 };
    case 'tun':
      return { type: 'tun', mode: stringField(data, 'type') === 'tap' ? 'tap' : 'tun' };
    default:
      return { type: 'other', kind };
  }
}

const GENEVE_PORT = 6081;
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
});

/** Said by iproute2 as `udp_csum`, and for IPv6 the other way round. */
const summing = (data: JsonObject): readonly (4 | 6)[] | undefined => {
  const [four, six] = [data['udp_csum'], data['udp_zero_csum6_tx']];
  if (typeof four !== 'boolean' && typeof six !== 'boolean') return undefined;
  return [...(four === false ? [] : [4 as const]), ...(six === true ? [] : [6 as const])];
};

const fragmenting = (data: JsonObject): 'set' | 'inherit' | undefined => {
  const word = stringField(data, 'df');
  return word === 'set' || word === 'inherit' ? word : undefined;
};

/** iproute2 prints `any` (or zeros) where a tunnel has no fixed end. */
function realAddress(data: JsonObject, key: string): string | undefined {
  const address = stringField(data, key) ?? stringField(data, `${key}6`);
  return address === undefined || address === 'any' || address === '0.0.0.0' || address === '::'
    ? undefined
    : address;
}

/** A GRE key is printed as a dotted quad. */
function keyOf(data: JsonObject): number | undefined {
  const text = stringField(data, 'okey') ?? stringField(data, 'ikey');
  if (text === undefined) return numberField(data, 'okey');
  const bytes = text.split('.').map(Number);
  return bytes.length === 4
    ? bytes.reduce((value, byte) => value * 256 + byte, 0)
    : (numberField(data, 'okey') ?? numberField(data, 'ikey'));
}
