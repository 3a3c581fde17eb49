import type { GreOption, LinkKind, TunnelKind } from '../model/link.ts';
import { numberField, objectField, optional, stringField, type JsonObject } from '../host/external-json.ts';

type OtherTunnel = Extract<LinkKind, { type: 'tunnel' }>;

/** A tunnel other than vxlan, from `info_data` as iproute2's ip/link_gre.c, link_iptnl.c, link_ip6tnl.c … print it. */
export function tunnelKind(kind: Exclude<TunnelKind, 'vxlan'>, data: JsonObject): OtherTunnel {
  const [okey, ikey] = [keyOf(data, 'okey'), keyOf(data, 'ikey')];
  const id = kind === 'geneve' ? numberField(data, 'id') : okey;
  const unmodelled = unmodelledIn(data);
  return {
    type: 'tunnel',
    kind,
    ...optional('local', realAddress(data, 'local')),
    ...optional('remote', realAddress(data, 'remote')),
    ...optional('id', id),
    ...(okey === ikey ? {} : { takes: ikey ?? null }),
    ...optional('port', kind === 'geneve' ? (numberField(data, 'port') ?? GENEVE_PORT) : undefined),
    ...(data['external'] === true ? { external: true } : {}),
    ...optional('carries', carried(stringField(data, 'proto'))),
    ...optional('ttl', numberField(data, 'ttl') || undefined),
    ...(data['pmtudisc'] === false ? { fragments: true } : {}),
    ...(data['ignore_df'] === true ? { ignoresDf: true } : {}),
    ...optional('df', fragmenting(data)),
    ...optional('checksums', kind === 'geneve' ? summing(data) : undefined),
    ...options('sends', data, 'o'),
    ...options('wants', data, 'i'),
    ...(data['ip6_tnl_f_ign_encap_limit'] === true ? { unlimited: true } : {}),
    ...optional('mark', numberField(data, 'fwmark')),
    ...(unmodelled.length > 0 ? { unmodelled } : {}),
  };
}

const GENEVE_PORT = 6081;

/** The mode of ip-tunnel(8). */
function carried(proto: string | undefined): 4 | 6 | undefined {
  switch (proto) {
    case 'ipip':
    case 'ipip6':
      return 4;
    case 'ip6ip':
    case 'ip6ip6':
      return 6;
    default:
      return undefined;
  }
}

const options = <K extends 'sends' | 'wants'>(
  key: K,
  data: JsonObject,
  side: 'i' | 'o',
): Partial<Record<K, readonly GreOption[]>> => {
  const found: readonly GreOption[] = [
    ...(data[`${side}csum`] === true ? (['sum'] as const) : []),
    ...(data[`${side}seq`] === true ? (['count'] as const) : []),
  ];
  return optional(key, found.length > 0 ? found : undefined);
};

/** What changes the packet's shape or its way, and is not modelled. */
function unmodelledIn(data: JsonObject): readonly string[] {
  const encapsulation = stringField(objectField(data, 'encap'), 'type');
  const proto = stringField(data, 'proto');
  return [
    ...('encap' in data ? [encapsulation ?? 'encap'] : []),
    ...(data['isatap'] === true ? ['isatap'] : []),
    ...('prefixlen' in data ? ['6rd'] : []),
    ...(proto === 'mplsip' ? [proto] : []),
    ...(data['inner_proto_inherit'] === true ? ['innerprotoinherit'] : []),
  ];
}

/** Said by iproute2 as `udp_csum`, and for IPv6 the other way round. */
export const summing = (data: JsonObject): readonly (4 | 6)[] | undefined => {
  const [four, six] = [data['udp_csum'], data['udp_zero_csum6_tx']];
  if (typeof four !== 'boolean' && typeof six !== 'boolean') return undefined;
  return [...(four === false ? [] : [4 as const]), ...(six === true ? [] : [6 as const])];
};

/** `df` of ip-link(8): what a tunnel says of fragmenting its own packets; undefined: they may be fragmented. */
export const fragmenting = (data: JsonObject): 'set' | 'inherit' | undefined => {
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
function keyOf(data: JsonObject, key: 'ikey' | 'okey'): number | undefined {
  const bytes = (stringField(data, key) ?? '').split('.').map(Number);
  return bytes.length === 4 ? bytes.reduce((value, byte) => value * 256 + byte, 0) : numberField(data, key);
}
