import * as z from 'zod';
import { family, fact, maybe, prefixLength, text, texts } from './parts.ts';

const address = z.object({
  family,
  address: text,
  length: prefixLength,
  scope: text,
  peer: maybe(text),
  broadcast: maybe(text),
  flags: texts,
});

const ovsBridge = z.object({
  name: text,
  database: text.nullable(),
  management: text.nullable(),
  control: text.nullable(),
  flows: fact(texts),
  protocol: maybe(text),
  userspace: z.boolean(),
  offloads: maybe(z.literal(true)),
  unmodelled: texts,
});

const ovsPort = z.object({
  role: z.enum(['system', 'internal', 'patch', 'tunnel', 'other']),
  number: z.number().nullable(),
  mode: z.enum(['access', 'trunk', 'native-tagged', 'native-untagged']),
  tag: z.number().nullable(),
  trunks: z.array(z.number()),
});

const greOption = z.enum(['sum', 'count']);

/** Keys that are secret have no place in a snapshot. */
const wireguard = z.object({
  publicKey: text.nullable(),
  port: z.number(),
  mark: maybe(z.number()),
  program: maybe(z.literal(true)),
  peers: z.array(
    z.object({
      publicKey: text,
      endpoint: maybe(z.object({ address: text, port: z.number() })),
      allowed: z.array(z.object({ address: text, length: prefixLength })),
    }),
  ),
});

const linkKind = z.discriminatedUnion('type', [
  z.object({ type: z.literal('loopback') }),
  z.object({ type: z.literal('physical') }),
  z.object({ type: z.literal('veth') }),
  z.object({
    type: z.literal('bridge'),
    vlanFiltering: z.boolean(),
    stp: z.boolean(),
    snoops: maybe(z.array(family)),
    forgets: maybe(z.literal(true)),
    routesGroups: maybe(z.literal(true)),
    openvswitch: maybe(ovsBridge),
  }),
  z.object({
    type: z.literal('macvlan'),
    mode: z.enum(['private', 'vepa', 'bridge', 'passthru', 'source']),
    sources: maybe(texts),
    tap: maybe(z.literal(true)),
  }),
  z.object({
    type: z.literal('ipvlan'),
    mode: z.enum(['l2', 'l3', 'l3s']),
    flag: maybe(z.enum(['private', 'vepa'])),
    tap: maybe(z.literal(true)),
  }),
  z.object({ type: z.literal('vlan'), id: z.number(), protocol: text }),
  z.object({
    type: z.literal('vxlan'),
    id: z.number(),
    local: maybe(text),
    remote: maybe(text),
    port: z.number(),
    learning: z.boolean(),
    proxy: maybe(z.literal(true)),
    external: maybe(z.literal(true)),
    df: maybe(z.enum(['set', 'inherit'])),
    checksums: maybe(z.array(family)),
    ttl: maybe(z.number()),
  }),
  z.object({
    type: z.literal('tunnel'),
    kind: z.enum([
      ...(['geneve', 'ipip', 'sit', 'gre', 'gretap', 'erspan', 'ip6tnl', 'ip6gre', 'ip6gretap'] as const),
      ...(['vti', 'vti6', 'xfrm', 'wireguard'] as const),
    ]),
    local: maybe(text),
    remote: maybe(text),
    id: maybe(z.number()),
    takes: maybe(z.number().nullable()),
    port: maybe(z.number()),
    external: maybe(z.literal(true)),
    carries: maybe(family),
    ttl: maybe(z.number()),
    fragments: maybe(z.literal(true)),
    ignoresDf: maybe(z.literal(true)),
    df: maybe(z.enum(['set', 'inherit'])),
    checksums: maybe(z.array(family)),
    sends: maybe(z.array(greOption)),
    wants: maybe(z.array(greOption)),
    unlimited: maybe(z.literal(true)),
    mark: maybe(z.number()),
    unmodelled: maybe(texts),
    wireguard: maybe(fact(wireguard)),
  }),
  z.object({
    type: z.literal('bond'),
    mode: text,
    active: maybe(text),
    allTake: maybe(z.literal(true)),
  }),
  z.object({ type: z.enum(['team', 'dummy', 'ifb', 'openvswitch']) }),
  z.object({ type: z.literal('vrf'), table: z.number() }),
  z.object({ type: z.literal('tun'), mode: z.enum(['tun', 'tap']) }),
  z.object({ type: z.literal('other'), kind: text }),
]);

/** Interfaces of a snapshot file, after diagnostics/model/link.ts. */
export const link = z.object({
  index: z.number(),
  name: text,
  kind: linkKind,
  mac: text.nullable(),
  mtu: z.number(),
  up: z.boolean(),
  carrier: z.boolean(),
  flags: texts,
  master: maybe(z.number()),
  slave: maybe(z.object({ backup: z.boolean(), alive: z.boolean() })),
  port: maybe(
    z.object({
      state: z.enum(['disabled', 'listening', 'learning', 'forwarding', 'blocking']),
      hairpin: z.boolean(),
      isolated: z.boolean(),
      learning: z.boolean(),
      flood: z.boolean(),
      locked: maybe(z.boolean()),
      broadcastFlood: maybe(z.literal(false)),
      multicastFlood: maybe(z.literal(false)),
      proxyArp: maybe(z.literal(true)),
    }),
  ),
  joined: maybe(
    z.object({
      groups: z.array(z.object({ address: text, vlan: maybe(z.number()) })),
      router: maybe(z.literal(true)),
    }),
  ),
  vlans: maybe(z.array(z.object({ id: z.number(), pvid: z.boolean(), untagged: z.boolean() }))),
  ovs: maybe(ovsPort),
  taken: maybe(text),
  peer: maybe(z.object({ namespace: text.nullable(), index: z.number() })),
  underlay: maybe(text.nullable()),
  promiscuous: maybe(z.literal(true)),
  group: maybe(z.number().nullable()),
  programs: maybe(texts),
  addresses: z.array(address),
});
