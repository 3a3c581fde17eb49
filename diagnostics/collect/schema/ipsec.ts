import * as z from 'zod';
import type { Ipsec } from '../../model/ipsec.ts';
import { maybe, prefix, text } from './parts.ts';

const masked = z.object({ value: z.number(), mask: z.number() });
const verdict = z.enum(['accept', 'block']);

/** What a policy asks of an association, and what an association is. */
const transform = z.object({
  source: text,
  destination: text,
  protocol: text,
  mode: text,
  request: z.number(),
});

/** IPsec in a snapshot file, after diagnostics/model/ipsec.ts: a key of an association has no place in it. */
export const ipsecSchema: z.ZodType<Ipsec> = z.object({
  policies: z.array(
    z.object({
      direction: z.enum(['in', 'fwd', 'out']),
      family: z.union([z.literal(4), z.literal(6)]),
      source: prefix,
      destination: prefix,
      protocol: z.number().nullable(),
      sourcePort: maybe(masked),
      destinationPort: maybe(masked),
      device: maybe(text),
      mark: maybe(masked),
      interfaceId: maybe(z.number()),
      type: z.enum(['main', 'sub']),
      priority: z.number(),
      verdict,
      templates: z.array(transform.extend({ optional: z.boolean() })),
      unmodelled: z.array(text),
      selector: text,
      settings: text,
    }),
  ),
  states: z.array(transform).nullable(),
  defaults: z.object({ in: verdict, fwd: verdict, out: verdict }),
});
