import * as z from 'zod';
import type { TrafficControl } from '../../model/traffic-control.ts';
import { maybe, prefixLength, text } from './parts.ts';

const end = z.enum(['source', 'destination']);

const test = z.discriminatedUnion('type', [
  z.object({ type: z.literal('field'), field: end, address: text, length: prefixLength }),
  z.object({ type: z.literal('protocol'), value: z.number() }),
  z.object({
    type: z.literal('port'),
    field: z.enum(['sourcePort', 'destinationPort']),
    from: z.number(),
    to: z.number(),
  }),
  z.object({ type: z.literal('mac'), field: end, value: text }),
  z.object({ type: z.literal('bytes'), offset: z.number(), value: z.number(), mask: z.number() }),
  z.object({ type: z.literal('mark'), value: z.number(), mask: z.number() }),
  z.object({ type: z.literal('unmodelled'), text }),
]);

/** Traffic control in a snapshot file, after diagnostics/model/traffic-control.ts. */
export const trafficControlSchema: z.ZodType<TrafficControl> = z.object({
  dev: text,
  queues: z.array(
    z.object({
      kind: text,
      handle: text,
      parent: text.nullable(),
      limit: maybe(z.number()),
      burst: maybe(z.number()),
      loss: maybe(z.number().nullable()),
      default: maybe(text),
      words: text.nullable(),
    }),
  ),
  filters: z
    .array(
      z.object({
        at: text,
        protocol: text,
        preference: z.number(),
        kind: text,
        tests: z.array(test),
        action: z.enum(['drop', 'pass', 'next', 'class', 'redirect', 'unknown']),
        classId: maybe(text),
        to: maybe(z.object({ dev: text, side: z.enum(['ingress', 'egress']) })),
        words: text.nullable(),
      }),
    )
    .nullable(),
});
