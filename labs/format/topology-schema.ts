import * as z from 'zod';
import {
  address,
  addressWithLength,
  deviceName,
  identifier,
  nodeCommand,
  portNumber,
  sysctlKey,
  words,
} from './common-schema.ts';

/** More than any lesson needs, and less than what stops a laptop. */
const MOST = { hosts: 8, namespaces: 100, links: 200, processes: 100, commands: 200 } as const;

/** A server that a lab needs: ours, so that nothing has to be installed; TCP answers as HTTP, UDP echoes. */
const serve = z.strictObject({
  protocol: z.enum(['tcp', 'udp']),
  port: portNumber,
  address: address.default('0.0.0.0'),
  text: z.string().default('hello'),
});

const labProcess = z
  .strictObject({ node: identifier, serve: serve.optional(), run: words.optional() })
  .refine((process) => (process.serve === undefined) !== (process.run === undefined), {
    message: 'a process is either `serve` or `run`',
  });

const namespace = z.strictObject({
  sysctls: z.record(sysctlKey, z.coerce.string()).default({}),
});

const bridge = z.strictObject({
  node: identifier.describe('The namespace (or host) it is in'),
  ports: z.array(deviceName).default([]),
  addresses: z.array(addressWithLength).default([]),
});

const network = z.strictObject({
  driver: z.string().default('bridge'),
  subnet: z.string().optional(),
  gateway: address.optional(),
  internal: z.boolean().default(false),
  options: z.record(z.string(), z.string()).default({}),
});

const container = z.strictObject({
  network: z.string().default('bridge'),
  publish: z.array(z.string()).default([]),
  options: z.array(z.string()).default([]).describe('More options of docker run'),
  serve: serve.optional(),
  run: words.optional(),
});

const host = z.strictObject({
  docker: z
    .union([z.boolean(), z.array(z.string()).describe('Options of dockerd')])
    .default(false)
    .describe('Whether a Docker engine runs on it'),
  namespaces: z
    .record(identifier, z.union([namespace, z.null().transform(() => ({ sysctls: {} }))]))
    .refine((all) => Object.keys(all).length <= MOST.namespaces, {
      message: `a host has ${MOST.namespaces} namespaces at most`,
    })
    .default({}),
  bridges: z.record(deviceName, bridge).default({}),
  networks: z.record(identifier, network).default({}),
  containers: z.record(identifier, container).default({}),
});

const linkEnd = z.strictObject({
  node: identifier,
  dev: deviceName,
  addresses: z.array(addressWithLength).default([]),
  mac: z
    .string()
    .regex(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/)
    .optional(),
  mtu: z.int().min(68).max(65535).optional(),
  up: z.boolean().default(true),
});

/** What exists when a lab starts. Nodes are namespaces, containers, and the hosts themselves. */
export const topologySchema = z.strictObject({
  hosts: z
    .record(identifier, host)
    .refine((hosts) => Object.keys(hosts).length > 0, { message: 'a lab has at least one host' })
    .refine((hosts) => Object.keys(hosts).length <= MOST.hosts, {
      message: `a lab has ${MOST.hosts} hosts at most`,
    }),
  links: z
    .array(z.strictObject({ a: linkEnd, b: linkEnd }))
    .max(MOST.links)
    .default([])
    .describe('veth pairs between any two nodes'),
  processes: z.array(labProcess).max(MOST.processes).default([]),
  commands: z
    .array(nodeCommand)
    .max(MOST.commands)
    .default([])
    .describe('Run last, for what has no words above'),
});

/** The hosts, namespaces, containers and wires of a lab, with defaults filled in. */
export type LabTopology = z.output<typeof topologySchema>;
/** A server that a lab starts in a node. */
export type LabServer = z.output<typeof serve>;
