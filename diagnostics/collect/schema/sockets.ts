import * as z from 'zod';
import { family, maybe, prefixLength, text } from './parts.ts';

/** What programs have open in a snapshot file, and what the kernel remembers of their connections. */
export const socketProgram = z.object({
  at: z.enum(['call', 'egress', 'ingress', 'lookup']),
  family: maybe(family),
  protocol: maybe(z.literal('udp')),
  id: z.number(),
  name: text,
  type: text,
  cgroup: maybe(text),
});

export const socket = z.object({
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
  signed: maybe(z.array(z.object({ address: text, length: prefixLength }))),
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

export const connection = z.object({
  protocol: z.enum(['tcp', 'udp', 'icmp']),
  original: tuple,
  reply: tuple,
  mark: z.number(),
  text,
});

export const virtualService = z.object({
  protocol: z.enum(['tcp', 'udp', 'sctp', 'mark']),
  address: maybe(text),
  port: maybe(z.number()),
  mark: maybe(z.number()),
  servers: z.array(z.object({ address: text, port: z.number(), forward: text, weight: z.number() })),
});

export const offload = z.object({ dev: text, checksums: z.array(family) });
