import * as z from 'zod';
import type { Method, Request } from './protocol.ts';

const language = z.enum(['en', 'zh-cn']);
/** An empty one is no mistake of the protocol: the lab says that it has none of that name. */
const name = z.string().max(64, 'this name is longer than any here');
const end = z.string().max(300, 'this is longer than any name or address');

const why = {
  language,
  from: end,
  to: end,
  protocol: z.enum(['tcp', 'udp', 'icmp']).optional(),
  port: z.int().min(1).max(65535).optional(),
  size: z.int().min(1).max(65535).optional(),
  device: z.string().max(15).optional(),
  probe: z.boolean(),
};

const params: { readonly [M in Method]: z.ZodType } = {
  status: z.strictObject({ language }),
  guide: z.strictObject({ language }),
  check: z.strictObject({ language }),
  hint: z.strictObject({ language, step: name.optional() }),
  solve: z.strictObject({
    language,
    step: name.optional(),
    run: z.boolean(),
    alternative: z.boolean().optional(),
  }),
  break: z.strictObject({ language, fault: name }),
  reset: z.strictObject({ language, step: name.optional() }),
  why: z.strictObject(why),
  apply: z.strictObject({ ...why, causes: z.array(name).max(100), fix: z.int().min(0).max(100).optional() }),
  undo: z.strictObject(why),
  map: z.strictObject({ language: language.optional() }),
  snapshot: z.strictObject({ language: language.optional() }),
  shell: z.strictObject({ node: name, language: language.optional() }),
  subscribe: z.strictObject({ language }),
  stop: z.strictObject({}),
};

const envelope = z.object({ id: z.int().min(0), method: z.string(), params: z.unknown() });

/** A line that is no request of ours; `id` is 0 where it has none. */
export interface BadRequest {
  readonly id: number;
  readonly code: 'bad-request' | 'unknown';
  readonly problem: string;
}

const isMethod = (method: string): method is Method => Object.hasOwn(params, method);

/** Understands one line of a client, which may be anything. */
export function parseRequest(line: string): Request | BadRequest {
  let raw: unknown;
  try {
    raw = JSON.parse(line);
  } catch {
    return { id: 0, code: 'bad-request', problem: 'A request is one line of JSON; this is none.' };
  }
  const parsed = envelope.safeParse(raw);
  if (!parsed.success)
    return { id: 0, code: 'bad-request', problem: 'A request has an id (a number), a method and params.' };
  const { id, method } = parsed.data;
  if (!isMethod(method))
    return {
      id,
      code: 'unknown',
      problem: `There is no such method; there are ${Object.keys(params).join(', ')}.`,
    };
  const checked = params[method].safeParse(parsed.data.params);
  if (checked.success) return { id, method, params: checked.data } as Request;
  const [issue] = checked.error.issues;
  const where = issue && issue.path.length > 0 ? `params.${issue.path.join('.')}` : 'params';
  return { id, code: 'bad-request', problem: `${method}: ${where}: ${issue?.message ?? 'not as expected'}.` };
}
