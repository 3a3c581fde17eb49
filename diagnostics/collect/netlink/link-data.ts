import { attributeList, attributesIn, type Attributes } from '../../host/native/netlink-message.ts';
import { entry, optional, type JsonObject } from '../../host/external-json.ts';
import { addressText, hardwareText, NotUnderstood, port, u16, u32, u8, valueOf } from './bytes.ts';

type NameOf = (index: number) => string;

/**
 * `info_data` of ip(8), as far as linkKind() and parseLinks() read it, from IFLA_INFO_DATA; see include/uapi/linux/if_link.h. The
 * kinds that they read nothing of need none.
 * @throws NotUnderstood
 */
export function linkData(kind: string, data: Attributes | undefined, nameOf: NameOf): JsonObject | undefined {
  const translate = entry(KINDS, kind);
  if (translate === undefined) {
    if (UNTRANSLATED.has(kind)) throw new NotUnderstood('kind', kind);
    return undefined;
  }
  return data && translate(data, nameOf);
}

/** They have settings that matter: what ip(8) prints of them is read. */
const UNTRANSLATED = new Set([
  ...['geneve', 'ipip', 'sit', 'gre', 'gretap', 'erspan', 'ip6tnl', 'ip6gre', 'ip6gretap', 'ip6erspan'],
  ...['vti', 'vti6', 'xfrm', 'bond'],
]);

const KINDS: Readonly<Record<string, (data: Attributes, nameOf: NameOf) => JsonObject>> = {
  bridge,
  macvlan,
  macvtap: macvlan,
  ipvlan,
  ipvtap: ipvlan,
  vlan: (data) => ({ ...optional('id', valueOf(data, 1, u16)), ...optional('protocol', vlanProtocol(data)) }),
  vrf: (data) => ({ ...optional('table', valueOf(data, 1, u32)) }),
  tun: (data) => ({ ...optional('type', ['', 'tun', 'tap'][valueOf(data, 3, u8) ?? 0]) }),
  vxlan,
};

/** IFLA_BR_*. */
const BRIDGE = {
  AGEING_TIME: 4,
  STP_STATE: 5,
  VLAN_FILTERING: 7,
  MCAST_ROUTER: 22,
  MCAST_SNOOPING: 23,
  MCAST_QUERIER: 25,
  MCAST_QUERIER_STATE: 47,
};

/** BRIDGE_QUERIER_* of include/uapi/linux/if_bridge.h, by family: an address, and the time until another querier is forgotten. */
const QUERIERS = [
  { family: 4, address: 1, timer: 3 },
  { family: 6, address: 5, timer: 7 },
] as const;

function bridge(data: Attributes): JsonObject {
  const state = valueOf(data, BRIDGE.MCAST_QUERIER_STATE, (bytes) => attributesIn(bytes, 0));
  return {
    ...optional('ageing_time', valueOf(data, BRIDGE.AGEING_TIME, u32)),
    ...optional('stp_state', valueOf(data, BRIDGE.STP_STATE, u32)),
    ...optional('vlan_filtering', valueOf(data, BRIDGE.VLAN_FILTERING, u8)),
    ...optional('mcast_router', valueOf(data, BRIDGE.MCAST_ROUTER, u8)),
    ...optional('mcast_snooping', valueOf(data, BRIDGE.MCAST_SNOOPING, u8)),
    ...optional('mcast_querier', valueOf(data, BRIDGE.MCAST_QUERIER, u8)),
    ...Object.fromEntries(
      QUERIERS.flatMap(({ family, address, timer }) =>
        state === undefined
          ? []
          : [
              [
                `mcast_querier_state_ipv${family}`,
                {
                  ...optional(`mcast_querier_ipv${family}_addr`, valueOf(state, address, addressText)),
                  ...(state.has(timer) ? { [`mcast_querier_ipv${family}_other_timer`]: '' } : {}),
                },
              ],
            ],
      ),
    ),
  };
}

const VLAN_PROTOCOLS: Readonly<Partial<Record<number, string>>> = { 0x8100: '802.1Q', 0x88a8: '802.1ad' };

function vlanProtocol(data: Attributes): string | undefined {
  const number = valueOf(data, 5, port);
  if (number === undefined) return undefined;
  const name = VLAN_PROTOCOLS[number];
  if (name === undefined) throw new NotUnderstood('vlan', number);
  return name;
}

const MACVLAN_MODES: Readonly<Partial<Record<number, string>>> = {
  1: 'private',
  2: 'vepa',
  4: 'bridge',
  8: 'passthru',
  16: 'source',
};
const MACADDR = 4;

function macvlan(data: Attributes): JsonObject {
  const mode = valueOf(data, 1, u32);
  const name = MACVLAN_MODES[mode ?? -1];
  if (name === undefined) throw new NotUnderstood('macvlan', mode);
  const sources = name === 'source' ? data.get(5) : undefined;
  return {
    mode: name,
    ...(sources === undefined
      ? {}
      : {
          macaddr_data: attributeList(sources)
            .filter(([type]) => type === MACADDR)
            .map(([, bytes]) => hardwareText(bytes, 1)),
        }),
  };
}

function ipvlan(data: Attributes): JsonObject {
  const mode = valueOf(data, 1, u16);
  const name = ['l2', 'l3', 'l3s'][mode ?? -1];
  if (name === undefined) throw new NotUnderstood('ipvlan', mode);
  const flags = valueOf(data, 2, u16) ?? 0;
  if (flags > 2) throw new NotUnderstood('ipvlan-flags', flags);
  return { mode: name, ...(flags === 1 ? { private: true } : flags === 2 ? { vepa: true } : {}) };
}

/** IFLA_VXLAN_*. */
const VXLAN = {
  ID: 1,
  GROUP: 2,
  LINK: 3,
  LOCAL: 4,
  TTL: 5,
  LEARNING: 7,
  PROXY: 11,
  PORT: 15,
  GROUP6: 16,
  LOCAL6: 17,
  UDP_CSUM: 18,
  UDP_ZERO_CSUM6_TX: 19,
  COLLECT_METADATA: 25,
  DF: 29,
};

function vxlan(data: Attributes, nameOf: NameOf): JsonObject {
  const flag = (type: number): boolean | undefined => valueOf(data, type, (bytes) => u8(bytes) !== 0);
  const address = (type: number): string | undefined =>
    valueOf(data, type, (bytes) => (bytes.every((byte) => byte === 0) ? undefined : addressText(bytes)));
  const link = valueOf(data, VXLAN.LINK, u32) ?? 0;
  return {
    ...optional('id', valueOf(data, VXLAN.ID, u32)),
    ...optional('remote', address(VXLAN.GROUP)),
    ...optional('remote6', address(VXLAN.GROUP6)),
    ...optional('local', address(VXLAN.LOCAL)),
    ...optional('local6', address(VXLAN.LOCAL6)),
    ...(link === 0 ? {} : { link: nameOf(link) }),
    ...optional('port', valueOf(data, VXLAN.PORT, port)),
    ...optional('ttl', valueOf(data, VXLAN.TTL, u8)),
    ...optional('learning', flag(VXLAN.LEARNING)),
    ...(flag(VXLAN.PROXY) === true ? { proxy: true } : {}),
    ...(flag(VXLAN.COLLECT_METADATA) === true ? { external: true } : {}),
    ...optional('udp_csum', flag(VXLAN.UDP_CSUM)),
    ...optional('udp_zero_csum6_tx', flag(VXLAN.UDP_ZERO_CSUM6_TX)),
    ...optional('df', ['unset', 'set', 'inherit'][valueOf(data, VXLAN.DF, u8) ?? 0]),
  };
}

/** IFLA_BRPORT_* that parseLinks() reads, which are all yes or no. */
const PORT_FLAGS: readonly (readonly [string, number])[] = [
  ['hairpin', 4],
  ['learning', 8],
  ['flood', 9],
  ['proxy_arp', 10],
  ['mcast_flood', 27],
  ['bcast_flood', 30],
  ['isolated', 33],
  ['locked', 39],
];
const PORT_STATES = ['disabled', 'listening', 'learning', 'forwarding', 'blocking'];

/**
 * `info_slave_data` of ip(8): how the master treats this interface.
 * @throws NotUnderstood of masters other than bridges that have something to say
 */
export function portData(kind: string, data: Attributes | undefined): JsonObject | undefined {
  if (kind === 'vrf' || data === undefined) return undefined;
  if (kind !== 'bridge') throw new NotUnderstood('port', kind);
  const state = valueOf(data, 1, u8);
  return {
    ...optional('state', state === undefined ? undefined : (PORT_STATES[state] ?? state)),
    ...Object.fromEntries(
      PORT_FLAGS.flatMap(([word, type]) => {
        const bytes = data.get(type);
        return bytes === undefined ? [] : [[word, u8(bytes) !== 0]];
      }),
    ),
  };
}
