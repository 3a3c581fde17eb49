import * as z from 'zod';
import type { FromDiagnosis, FromGuide, FromMap } from '../../webview/messages.ts';

/** The border to the webviews: what they may say. Anything else is dropped. */
const text = z.string().max(4096);
const question = z.object({
  from: text,
  to: text,
  protocol: z.enum(['tcp', 'udp', 'icmp']),
  port: z.int().min(1).max(65535).nullable(),
});

export const fromMap: z.ZodType<FromMap> = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('refresh') }),
  z.object({ type: z.literal('ask-why'), from: text, to: text.nullable() }),
  z.object({ type: z.literal('open-terminal'), endpoint: text }),
  z.object({ type: z.literal('show-diagnosis') }),
  z.object({ type: z.literal('save-image'), base64: z.base64().max(64 * 1024 * 1024) }),
]);

export const fromGuide: z.ZodType<FromGuide> = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('check') }),
  z.object({ type: z.literal('hint'), step: text }),
  z.object({ type: z.literal('solution'), step: text }),
  z.object({ type: z.literal('insert'), node: text.nullable(), text }),
  z.object({ type: z.literal('copy'), text: z.string() }),
  z.object({ type: z.literal('open-terminal'), node: text }),
  z.object({ type: z.literal('break'), fault: text }),
  z.object({ type: z.literal('reset'), step: text.nullable() }),
  z.object({ type: z.literal('ask-why'), question }),
]);

export const fromDiagnosis: z.ZodType<FromDiagnosis> = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('recheck') }),
  z.object({ type: z.literal('apply'), cause: z.int().nonnegative(), fix: z.int().nonnegative() }),
  z.object({ type: z.literal('undo') }),
  z.object({ type: z.literal('copy'), text: z.string() }),
  z.object({ type: z.literal('show-on-map') }),
]);
