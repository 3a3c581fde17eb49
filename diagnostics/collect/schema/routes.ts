import * as z from 'zod';
import { family, maybe, ports, prefix, text, texts } from './parts.ts';

/** Routes, policy rules, neighbours and forwarding entries of a snapshot file, after diagnostics/model/route.ts. */
const realms = z.union([z.number(), z.literal('unknown')]);

export const route = z.object({
  family,
  table: z.number(),
  type: z.enum([
    ...(['unicast', 'local', 'broadcast', 'anycast', 'multicast'] as const),
    ...(['blackhole', 'unreachable', 'prohibit', 'throw'] as const),
  ]),
  destination: prefix,
  from: maybe(prefix),
  nextHops: z.array(
    z.object({
      via: maybe(text),
      dev: maybe(text),
      encapsulation: maybe(text),
      weight: z.number(),
      flags: texts,
      realms: maybe(realms),
    }),
  ),
  metric: z.number(),
  preferredSource: maybe(text),
  scope: text,
  protocol: text,
  tos: z.number(),
  mtu: maybe(z.number()),
  advertisedMss: maybe(z.number()),
  expired: maybe(z.literal(true)),
  hopLimit: maybe(z.number()),
  exceptions: maybe(z.array(z.object({ destination: text, via: maybe(text), mtu: maybe(z.number()) }))),
  text,
});

export const rule = z.object({
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
  realms: maybe(realms),
  unmodelled: texts,
  action: z.discriminatedUnion('type', [
    z.object({ type: z.literal('lookup'), table: z.number() }),
    z.object({ type: z.enum(['blackhole', 'unreachable', 'prohibit', 'nop', 'vrf']) }),
    z.object({ type: z.literal('goto'), priority: z.number() }),
  ]),
  text,
});

export const neighbour = z.object({
  address: text,
  dev: text,
  mac: maybe(text),
  state: z.enum([
    ...(['permanent', 'noarp', 'reachable', 'stale', 'delay'] as const),
    ...(['probe', 'incomplete', 'failed', 'none'] as const),
  ]),
  proxy: z.boolean(),
});

export const fdbEntry = z.object({
  mac: text,
  dev: text,
  master: maybe(text),
  vlan: maybe(z.number()),
  remote: maybe(text),
  remotePort: maybe(z.number()),
  remoteId: maybe(z.number()),
  remoteDev: maybe(text),
  remoteIndex: maybe(z.number()),
  state: z.enum(['permanent', 'static', 'learned']),
});
