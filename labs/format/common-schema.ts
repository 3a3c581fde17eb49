import { isIP } from 'node:net';
import * as z from 'zod';
import { splitWords } from './words.ts';

/** A short name that becomes a file name, a namespace, a word on a command line. */
export const identifier = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,30}$/,
    'a name is made of small letters, digits and hyphens, and starts with a letter',
  );

/** Interface names have 15 bytes at most (IFNAMSIZ). */
export const deviceName = z
  .string()
  .regex(
    /^[a-z][a-z0-9.-]{0,14}$/,
    'an interface name has 15 small letters, digits, dots or hyphens at most',
  );

/** A text in every language; one string stands for a text that is the same in all of them. */
export const localised = z
  .union([z.string().min(1), z.strictObject({ en: z.string().min(1), 'zh-cn': z.string().min(1) })])
  .transform((text) => (typeof text === 'string' ? { en: text, 'zh-cn': text } : text));

export const words = z
  .string()
  .min(1)
  .transform((line, context) => {
    const split = splitWords(line);
    if (split !== null && split.length > 0) return split;
    context.addIssue({ code: 'custom', message: 'a quote in this command is not closed' });
    return z.NEVER;
  })
  .describe('A command as you would type it; no shell reads it');

export const nodeCommand = z.strictObject({
  node: identifier.describe('Where it runs: a namespace, or a host'),
  run: words,
});

export const portNumber = z.int().min(1).max(65535);
export const protocol = z.enum(['tcp', 'udp', 'icmp']);

/** A setting by its name, which becomes a path below /proc/sys. */
export const sysctlKey = z
  .string()
  .regex(/^[\w-]+([./][\w.-]+)*$/, 'a setting is named like net.ipv4.ip_forward')
  .refine(
    (key) => !/(^|[./])\.{1,2}([./]|$)|\.\.|\/\//.test(key),
    'a setting is named like net.ipv4.ip_forward',
  );

export const address = z
  .string()
  .refine((text) => isIP(text) !== 0, 'this is no address; one looks like 10.0.1.2');
export const addressWithLength = z.string().refine((text) => {
  const [base = '', length = '', ...more] = text.split('/');
  const family = isIP(base);
  return (
    family !== 0 &&
    more.length === 0 &&
    /^\d{1,3}$/.test(length) &&
    Number(length) <= (family === 4 ? 32 : 128)
  );
}, 'an address here needs its prefix length, like 10.0.1.2/24');
