import * as z from 'zod';
import { entry } from '../../host/external-json.ts';
import { family, maybe, ports, prefix, prefixLength, text, texts } from './parts.ts';

/** 32 bits, however they are written. */
const number = z.number();
const flag = z.boolean();

const value = z.discriminatedUnion('type', [
  prefix.extend({ type: z.literal('prefix') }),
  z.object({
    type: z.literal('range'),
    from: z.union([text, number]),
    to: z.union([text, number]),
  }),
  z.object({ type: z.literal('number'), value: number }),
  z.object({ type: z.literal('text'), value: text }),
  z.object({ type: z.literal('bits'), mask: number, value: number }),
  z.object({ type: z.literal('address bits'), mask: text, value: text }),
  z.object({ type: z.literal('any') }),
]);

const tuple = z.array(value);
const tuples = z.array(tuple);

const values = z.discriminatedUnion('type', [
  z.object({ type: z.literal('inline'), tuples }),
  z.object({ type: z.literal('set'), name: text, exceptions: maybe(z.literal(true)) }),
]);

const verdict = z.discriminatedUnion('type', [
  z.object({ type: z.enum(['accept', 'drop', 'return', 'continue']) }),
  z.object({ type: z.literal('queue'), numbers: maybe(ports), bypass: maybe(flag) }),
  z.object({ type: z.enum(['jump', 'goto']), chain: text }),
]);

const translation = z.object({
  address: maybe(z.object({ from: text, to: text })),
  ports: maybe(ports),
  random: maybe(flag),
  persistent: maybe(flag),
  basePort: maybe(number),
  family: maybe(family),
});

const verdictEntries = z.array(z.object({ tuple, verdict }));
const translationEntries = z.array(z.object({ tuple, to: translation, netmap: maybe(prefixLength) }));
const numberEntries = z.array(z.object({ tuple, value: z.union([number, text]), mask: maybe(number) }));

const map = <T extends z.ZodType>(entries: T) =>
  z.discriminatedUnion('type', [
    z.object({ type: z.literal('inline'), entries, complete: maybe(flag) }),
    z.object({ type: z.literal('named'), name: text }),
  ]);

const computed = z.discriminatedUnion('type', [
  z.object({ type: z.literal('constant'), value: z.union([number, text]) }),
  z.object({
    type: z.literal('field'),
    field: text,
    steps: z.array(z.object({ operator: z.enum(['&', '|', '^', '<<', '>>']), constant: number })),
  }),
]);

const masked = z.object({ mask: number, value: number, shift: maybe(number) });
const marks = z.object({ packetMask: number, connectionMask: number, shift: maybe(number) });
const looked = z.object({ fields: texts });
const counted = z.object({ over: flag });
const nothing = z.object({});

/** What a part of each type is made of, after diagnostics/model/ruleset.ts. */
const PARTS: Readonly<Record<string, z.ZodType>> = {
  compare: looked.extend({ negate: flag, values, orNoConnection: maybe(z.literal(true)) }),
  u32: z.object({
    negate: flag,
    tests: z.array(
      z.object({
        start: number,
        operations: z.array(z.object({ operator: z.enum(['&', '<<', '>>', '@']), number })),
        ranges: z.array(z.tuple([number, number])),
      }),
    ),
  }),
  bytecode: z.object({
    program: z.array(z.object({ code: number, whenTrue: number, whenFalse: number, number })),
  }),
  text: z.object({ negate: flag, bytes: z.array(number), from: number, to: number, ignoreCase: flag }),
  time: z.object({
    from: number,
    to: number,
    weekdays: z.array(number),
    monthDays: z.array(number),
    since: number,
    until: maybe(number),
    contiguous: maybe(flag),
  }),
  'connection-count': counted.extend({ limit: number }),
  quota: counted.extend({ bytes: number, used: number }),
  noted: z.object({ field: text, set: text, atLeast: number, lately: flag }),
  unmodelled: z.object({ text, chance: maybe(z.literal(true)), decides: maybe(flag) }),
  verdict: z.object({ verdict }),
  'verdict-map': looked.extend({ map: map(verdictEntries) }),
  reject: z.object({ with: text }),
  dnat: translation,
  snat: translation,
  'translation-map': looked.extend({
    change: z.enum(['dnat', 'snat', 'redirect']),
    family: maybe(family),
    map: map(translationEntries),
  }),
  netmap: prefix,
  masquerade: z.object({ ports: maybe(ports) }),
  redirect: z.object({ ports: maybe(ports), random: maybe(flag) }),
  'set-mark': masked,
  'set-ct-mark': masked,
  'restore-mark': marks,
  'save-mark': marks,
  'translate-prefix': z.object({ end: z.enum(['source', 'destination']), from: prefix, to: prefix }),
  'mark-map': looked.extend({ target: text, map: map(numberEntries) }),
  fill: z.object({ set: text, change: maybe(z.enum(['add', 'delete'])), fields: maybe(texts) }),
  rewrite: z.object({ target: text, value: computed }),
  'assign-helper': z.object({ early: maybe(z.literal(true)) }),
  'set-label': z.object({ labels: z.array(number) }),
  'set-tos': masked,
  'set-ttl': z.object({ change: z.enum(['set', 'increase', 'decrease']), value: number }),
  'clamp-mss': z.object({ mss: z.union([number, z.literal('route')]) }),
  'remove-tcp-options': z.object({ kinds: z.array(number) }),
  'set-ether': z.object({
    end: z.enum(['source', 'destination']),
    address: text,
    judged: maybe(z.literal(true)),
    arp: maybe(z.literal(true)),
  }),
  'set-packet-type': z.object({ to: z.enum(['host', 'broadcast', 'multicast', 'otherhost']) }),
  'answer-arp': z.object({ address: text }),
  'restore-socket-mark': nothing,
  claim: z.object({
    family: maybe(family),
    address: maybe(text),
    port: maybe(number),
    mark: maybe(masked),
    otherwise: z.enum(['drop', 'next']),
  }),
  'answer-syn': nothing,
  notrack: nothing,
  'set-zone': z.object({
    id: z.union([number, z.literal('mark')]),
    directions: z.enum(['both', 'original', 'reply']),
  }),
  none: z.object({ text }),
};

/** A part of a rule. One of an unknown type is uncertain to the evaluation, which is what it ought to be. */
export const rulePart = z
  .looseObject({ type: text })
  .refine((part) => entry(PARTS, part.type)?.safeParse(part).success ?? true);

export const namedSet = z.looseObject({
  name: text,
  tuples,
  exceptions: maybe(tuples),
  verdicts: maybe(verdictEntries),
  translations: maybe(translationEntries),
  numbers: maybe(numberEntries),
  noted: maybe(z.array(number)),
  dynamic: flag,
  full: maybe(z.literal(true)),
  limited: maybe(z.literal(true)),
  members: maybe(texts),
  hiding: maybe(z.literal(true)),
  unreadable: maybe(z.literal(true)),
});
