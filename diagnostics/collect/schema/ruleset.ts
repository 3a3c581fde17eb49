import * as z from 'zod';
import type { Ruleset } from '../../model/ruleset.ts';
import { maybe, text } from './parts.ts';
import { namedSet, rulePart } from './rule-parts.ts';

const rule = z.looseObject({
  text,
  number: z.number(),
  handle: maybe(z.number()),
  comment: maybe(text),
  packets: maybe(z.number()),
  parts: z.array(rulePart),
});

const chain = z.looseObject({
  name: text,
  base: maybe(
    z.looseObject({
      type: z.enum(['filter', 'nat', 'route']),
      hook: z.enum(['ingress', 'prerouting', 'input', 'forward', 'output', 'postrouting', 'egress']),
      priority: z.number(),
      policy: z.enum(['accept', 'drop']),
      devices: maybe(z.array(text)),
    }),
  ),
  rules: z.array(rule),
});

const table = z.looseObject({
  backend: z.enum(['legacy', 'iptables-nft', 'nft']),
  family: z.enum(['ip', 'ip6', 'inet', 'bridge', 'netdev', 'arp']),
  name: text,
  chains: z.array(chain),
  sets: z.array(namedSet),
});

/** A ruleset in a snapshot file, after diagnostics/model/ruleset.ts. */
export const rulesetSchema = z.looseObject({
  tables: z.array(table),
  unknowns: z.array(text),
  boundQueues: maybe(z.array(z.number())),
  ipsecPolicies: maybe(z.boolean()),
  clock: maybe(z.number()),
  clockAhead: maybe(z.number()),
}) as unknown as z.ZodType<Ruleset>;
