import * as z from 'zod';
import { maybe, text, texts } from './parts.ts';

/** A resolver’s files in a snapshot file, after diagnostics/model/resolver.ts. */
export const resolver = z.object({
  hosts: z.array(z.object({ address: text, names: texts, line: maybe(z.number()) })),
  nameservers: texts,
  misspelt: maybe(texts),
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
