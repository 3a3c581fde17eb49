import * as z from 'zod';
import {
  address,
  deviceName,
  identifier,
  localised,
  portNumber,
  protocol,
  sysctlKey,
  words,
} from './common-schema.ts';

function isExpression(text: string): boolean {
  try {
    return Boolean(new RegExp(text, 'm'));
  } catch {
    return false;
  }
}

/** What can be demanded of a network; one kind a check. Each is a question about state: any way to it counts. */
const kinds = {
  reach: z
    .strictObject({
      from: identifier,
      to: z.string().min(1).describe('A node, an address or a name that FROM resolves'),
      protocol: protocol.optional(),
      port: portNumber.optional(),
      expect: z.enum(['reachable', 'unreachable']).default('reachable'),
    })
    .refine(
      (reach) => reach.protocol === undefined || (reach.protocol === 'icmp') === (reach.port === undefined),
      { message: 'tcp and udp need a port, icmp has none' },
    )
    .describe('FROM gets an answer from TO'),
  link: z
    .strictObject({
      node: identifier,
      dev: deviceName,
      up: z.boolean().optional(),
      type: z.string().optional().describe('veth, bridge, vxlan …'),
      mtu: z.int().optional(),
    })
    .describe('An interface exists, and is like this'),
  address: z
    .strictObject({
      node: identifier,
      dev: deviceName.optional(),
      address,
      length: z.int().min(0).max(128).optional(),
    })
    .describe('A node has an address'),
  route: z
    .strictObject({
      node: identifier,
      to: address.describe(
        'An address; the route that a packet to it takes is looked at, however it is written',
      ),
      via: address.optional(),
      dev: deviceName.optional(),
    })
    .describe('A node has a way towards an address'),
  sysctl: z
    .strictObject({ node: identifier, key: sysctlKey, value: z.coerce.string() })
    .describe('A kernel setting has a value'),
  neighbour: z
    .strictObject({
      node: identifier,
      address,
      dev: deviceName.optional(),
      resolved: z.boolean().default(true),
    })
    .describe('A node knows the hardware address of a neighbour'),
  'bridge-port': z
    .strictObject({
      node: identifier,
      bridge: deviceName,
      dev: deviceName,
      state: z.string().default('forwarding'),
    })
    .describe('An interface is a port of a bridge'),
  rule: z
    .strictObject({
      from: identifier,
      to: z.string().min(1),
      protocol: protocol.optional(),
      port: portNumber.optional(),
      at: identifier.describe('The node whose firewall is meant'),
      does: z.enum(['accept', 'drop', 'reject', 'translate-source', 'translate-destination']),
    })
    .describe('What the firewall of a node does with such a packet, whatever its rules look like'),
  listens: z
    .strictObject({
      node: identifier,
      protocol: z.enum(['tcp', 'udp']),
      port: portNumber,
      address: address.optional(),
    })
    .describe('A server waits on a port'),
  resolves: z
    .strictObject({ node: identifier, name: z.string().min(1), to: address.optional() })
    .describe('A node finds the address of a name'),
  container: z
    .strictObject({
      host: identifier,
      name: z.string().min(1),
      state: z.string().default('running'),
      network: z.string().optional(),
    })
    .describe('A container is in a state, or on a network'),
  mtu: z
    .strictObject({
      from: identifier,
      to: z.string().min(1),
      bytes: z.int().min(68).max(65535).describe('The whole IP packet'),
    })
    .describe('Packets of this size get from FROM to TO and back without being cut up'),
  capture: z
    .strictObject({
      node: identifier,
      dev: deviceName.default('any'),
      filter: z.string().min(1).max(500).describe('In the words of pcap-filter(7)'),
      count: z.int().min(1).max(100).default(1),
    })
    .describe('Such packets were seen since the learner is at the step; needs tool:tcpdump'),
  command: z
    .strictObject({
      node: identifier,
      run: words,
      exit: z.int().default(0),
      stdout: z
        .string()
        .max(500)
        .refine(isExpression, 'this is no regular expression')
        .optional()
        .describe('A regular expression'),
    })
    .describe('The way out where no other kind fits: a command that changes nothing'),
};

export type CheckKind = keyof typeof kinds;
const CHECK_KINDS = Object.keys(kinds) as CheckKind[];

/** What lab.yaml says of a check of this kind. */
export type CheckOf<K extends CheckKind> = z.output<(typeof kinds)[K]>;

/** A check after loading: exactly one kind. */
export type Check = {
  [K in CheckKind]: {
    readonly kind: K;
    readonly what: Readonly<CheckOf<K>>;
    readonly title: { readonly en: string; readonly 'zh-cn': string };
    readonly not: boolean;
    readonly within: number;
  };
}[CheckKind];

export const checkSchema = z
  .strictObject({
    title: localised.describe('What must be so, in words'),
    not: z.boolean().default(false).describe('Demands the opposite'),
    within: z
      .number()
      .min(0)
      .max(60)
      .default(0)
      .describe('Seconds in which it has to become so, once the step is done'),
    ...(Object.fromEntries(CHECK_KINDS.map((kind) => [kind, kinds[kind].optional()])) as {
      [K in CheckKind]: z.ZodOptional<(typeof kinds)[K]>;
    }),
  })
  .transform((raw, context): Check => {
    const given = CHECK_KINDS.filter((kind) => raw[kind] !== undefined);
    const [kind] = given;
    if (given.length === 1 && kind !== undefined)
      return { kind, what: raw[kind], title: raw.title, not: raw.not, within: raw.within } as Check;
    context.addIssue({
      code: 'custom',
      message: `a check has exactly one of: ${CHECK_KINDS.join(', ')}; this one has ${given.length === 0 ? 'none' : given.join(' and ')}`,
    });
    return z.NEVER;
  });
