import * as z from 'zod';
import type { Snapshot } from '../model/snapshot.ts';
import { ipsecSchema } from './ipsec-schema.ts';
import { trafficControlSchema } from './traffic-control-schema.ts';
import { rulesetSchema } from './ruleset-schema.ts';

/**
 * The shape of a snapshot file, checked before anything reasons on it: a file from elsewhere may be cut off, edited or hostile.
 * It follows diagnostics/model/ field by field; a field that is not known here is dropped.
 */
const text = z.string();
const texts = z.array(text);
const family = z.union([z.literal(4), z.literal(6)]);

/** `exactOptionalPropertyTypes`: a field is there or not, but never undefined. */
const maybe = <T extends z.ZodType>(schema: T): z.ZodExactOptional<T> => schema.exactOptional();

const fact = <T extends z.ZodType>(value: T) =>
  z.discriminatedUnion('state', [
    z.object({ state: z.literal('known'), value }),
    z.object({ state: z.literal('absent') }),
    z.object({ state: z.literal('unread') }),
    z.object({ state: z.literal('denied'), reason: text }),
  ]);

const resolver = z.object({
  hosts: z.array(z.object({ address: text, names: texts, line: maybe(z.number()) })),
  nameservers: texts,
  search: texts,
  ndots: z.number(),
  options: maybe(
    z.object({
      timeout: maybe(z.number()),
      attempts: maybe(z.number()),
      rotate: maybe(z.boolean()),
      singleRequest: maybe(z.boolean()),
      useVc: maybe(z.boolean()),
      noAaaa: maybe(z.boolean()),
    }),
  ),
  hostsSources: maybe(texts),
  libc: maybe(z.enum(['glibc', 'musl'])),
  upstream: maybe(texts),
  files: maybe(z.object({ hosts: maybe(text), resolvConf: maybe(text) })),
});

const address = z.object({
  family,
  address: text,
  length: z.number(),
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
  peers: z.array(
    z.object({
      publicKey: text,
      endpoint: maybe(z.object({ address: text, port: z.number() })),
      allowed: z.array(z.object({ address: text, length: z.number() })),
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
  z.object({ type: z.literal('bond'), mode: text, active: maybe(text) }),
  z.object({ type: z.enum(['team', 'dummy', 'ifb', 'openvswitch']) }),
  z.object({ type: z.literal('vrf'), table: z.number() }),
  z.object({ type: z.literal('tun'), mode: z.enum(['tun', 'tap']) }),
  z.object({ type: z.literal('other'), kind: text }),
]);

const link = z.object({
  index: z.number(),
  name: text,
  kind: linkKind,
  mac: text.nullable(),
  mtu: z.number(),
  up: z.boolean(),
  carrier: z.boolean(),
  flags: texts,
  master: maybe(z.number()),
  port: maybe(
    z.object({
      state: z.enum(['disabled', 'listening', 'learning', 'forwarding', 'blocking']),
      hairpin: z.boolean(),
      isolated: z.boolean(),
      learning: z.boolean(),
      flood: z.boolean(),
      locked: maybe(z.boolean()),
      broadcastFlood: maybe(z.literal(false)),
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

const prefix = z.object({ address: text, length: z.number() });
const ports = z.tuple([z.number(), z.number()]);

const route = z.object({
  family,
  table: z.number(),
  type: z.enum([
    ...(['unicast', 'local', 'broadcast', 'anycast', 'multicast'] as const),
    ...(['blackhole', 'unreachable', 'prohibit', 'throw'] as const),
  ]),
  destination: prefix,
  from: maybe(prefix),
  nextHops: z.array(z.object({ via: maybe(text), dev: maybe(text), weight: z.number(), flags: texts })),
  metric: z.number(),
  preferredSource: maybe(text),
  scope: text,
  protocol: text,
  tos: z.number(),
  mtu: maybe(z.number()),
  advertisedMss: maybe(z.number()),
  hopLimit: maybe(z.number()),
  exceptions: maybe(z.array(z.object({ destination: text, via: maybe(text), mtu: maybe(z.number()) }))),
  text,
});

const rule = z.object({
  family,
  priority: z.number(),
  not: z.boolean(),
  from: maybe(prefix),
  to: maybe(prefix),
  iif: maybe(text),
  oif: maybe(text),
  mark: maybe(z.object({ value: z.number(), mask: z.number() })),
  protocol: maybe(z.number()),
  sourcePorts: maybe(ports),
  destinationPorts: maybe(ports),
  users: maybe(ports),
  tos: maybe(z.number()),
  suppressPrefixLength: maybe(z.number()),
  unmodelled: texts,
  action: z.discriminatedUnion('type', [
    z.object({ type: z.literal('lookup'), table: z.number() }),
    z.object({ type: z.enum(['blackhole', 'unreachable', 'prohibit', 'nop']) }),
    z.object({ type: z.literal('goto'), priority: z.number() }),
  ]),
  text,
});

const neighbour = z.object({
  address: text,
  dev: text,
  mac: maybe(text),
  state: z.enum([
    ...(['permanent', 'noarp', 'reachable', 'stale', 'delay'] as const),
    ...(['probe', 'incomplete', 'failed', 'none'] as const),
  ]),
  proxy: z.boolean(),
});

const fdbEntry = z.object({
  mac: text,
  dev: text,
  master: maybe(text),
  vlan: maybe(z.number()),
  remote: maybe(text),
  remotePort: maybe(z.number()),
  remoteId: maybe(z.number()),
  remoteDev: maybe(text),
  state: z.enum(['permanent', 'static', 'learned']),
});

const socketProgram = z.object({
  at: z.enum(['call', 'egress', 'ingress', 'lookup']),
  family: maybe(family),
  protocol: maybe(z.literal('udp')),
  id: z.number(),
  name: text,
  type: text,
  cgroup: maybe(text),
});

const socket = z.object({
  protocol: z.enum(['tcp', 'udp']),
  family,
  address: text,
  port: z.number(),
  v6only: z.boolean(),
  transparent: maybe(z.boolean()),
  mark: maybe(z.number()),
  device: maybe(text),
  owner: maybe(z.number()),
  backlog: maybe(z.object({ used: z.number(), limit: z.number() })),
  process: maybe(z.object({ pid: z.number(), name: text })),
  programs: maybe(z.array(socketProgram)),
  relaysTo: maybe(z.object({ address: text, port: z.number() })),
});

const tuple = z.object({
  source: text,
  destination: text,
  sourcePort: z.number(),
  destinationPort: z.number(),
});

const connection = z.object({
  protocol: z.enum(['tcp', 'udp', 'icmp']),
  original: tuple,
  reply: tuple,
  mark: z.number(),
  text,
});

const virtualService = z.object({
  protocol: z.enum(['tcp', 'udp', 'sctp', 'mark']),
  address: maybe(text),
  port: maybe(z.number()),
  mark: maybe(z.number()),
  servers: z.array(z.object({ address: text, port: z.number(), forward: text, weight: z.number() })),
});

const offload = z.object({ dev: text, checksums: z.array(family) });

const namespace = z.object({
  id: text,
  host: text,
  inode: z.number(),
  names: z.array(
    z.discriminatedUnion('type', [
      z.object({ type: z.literal('host') }),
      z.object({ type: z.literal('netns'), name: text }),
      z.object({ type: z.literal('container'), name: text, engine: maybe(text) }),
      z.object({ type: z.literal('pid'), pid: z.number(), process: text }),
      z.object({ type: z.literal('fd'), pid: z.number(), descriptor: z.number(), process: text }),
    ]),
  ),
  facts: z.object({
    links: fact(z.array(link)),
    routes: fact(z.array(route)),
    rules: fact(z.array(rule)),
    neighbours: fact(z.array(neighbour)),
    fdb: fact(z.array(fdbEntry)),
    sysctls: fact(z.record(text, text)),
    ruleset: fact(rulesetSchema),
    sockets: fact(z.array(socket)),
    conntrack: fact(z.array(connection)),
    // Files of older versions have none.
    datagramPorts: fact(z.array(z.number())).default({ state: 'unread' }),
    trafficControl: fact(z.array(trafficControlSchema)).default({ state: 'absent' }),
    virtualServices: fact(z.array(virtualService)).default({ state: 'absent' }),
    socketPrograms: fact(z.array(socketProgram)).default({ state: 'absent' }),
    offloads: fact(z.array(offload)).default({ state: 'unread' }),
    ipsec: fact(ipsecSchema).default({ state: 'absent' }),
    resolver: fact(resolver),
  }),
});

const proxyPlace = z.object({ host: text, port: z.number() });

const container = z.object({
  id: text,
  name: text,
  image: text,
  state: z.enum(['running', 'paused', 'restarting', 'exited', 'created', 'dead', 'removing']),
  restartCount: z.number(),
  pid: z.number(),
  namespace: text.nullable(),
  networkMode: text,
  networks: z.array(
    z.object({
      network: text,
      networkId: text,
      address: maybe(text),
      address6: maybe(text),
      mac: maybe(text),
      gateway: maybe(text),
      aliases: texts,
    }),
  ),
  publishedPorts: z.array(
    z.object({
      protocol: z.enum(['tcp', 'udp', 'sctp']),
      containerPort: z.number(),
      hostPort: z.number(),
      hostAddress: text,
    }),
  ),
  exposedPorts: texts,
  resolver: fact(resolver),
  files: maybe(z.object({ hosts: maybe(text), resolvConf: maybe(text) })),
  nameServers: maybe(texts),
  proxies: maybe(
    z.object({ http: maybe(proxyPlace), https: maybe(proxyPlace), all: maybe(proxyPlace), noProxy: texts }),
  ),
  service: maybe(text),
  pod: maybe(text),
});

const engine = z.object({
  kind: z.enum(['docker', 'podman', 'containerd']),
  tag: maybe(text),
  version: text,
  endpoint: text,
  client: maybe(texts),
  foreign: z.boolean(),
  rootless: maybe(z.boolean()),
  containers: z.array(container),
  networks: z.array(
    z.object({
      id: text,
      name: text,
      driver: text,
      internal: z.boolean(),
      subnets: z.array(z.object({ subnet: text, gateway: maybe(text) })),
      options: z.record(text, text),
      bridge: maybe(text),
      named: maybe(z.boolean()),
    }),
  ),
});

export const snapshotSchema: z.ZodType<Snapshot> = z.object({
  schema: z.literal(1),
  machine: z.object({
    kernel: text,
    bootId: text,
    takenAt: text,
    privileged: z.boolean(),
    user: maybe(z.object({ uid: z.number(), gid: z.number() })),
  }),
  hosts: z.array(
    z.object({ id: text, rootNamespace: text, engine: fact(engine), others: maybe(z.array(fact(engine))) }),
  ),
  namespaces: z.array(namespace),
});
