import * as z from 'zod';

export const text = z.string();

export const texts = z.array(text);

export const family = z.union([z.literal(4), z.literal(6)]);

export const prefixLength = z.int().min(0).max(128);

export const prefix = z.object({ address: text, length: prefixLength });

export const ports = z.tuple([z.number(), z.number()]);

/** `exactOptionalPropertyTypes`: a field is there or not, but never undefined. */
export const maybe = <T extends z.ZodType>(schema: T): z.ZodExactOptional<T> => schema.exactOptional();

export const fact = <T extends z.ZodType>(value: T) =>
  z.discriminatedUnion('state', [
    z.object({ state: z.literal('known'), value }),
    z.object({ state: z.literal('absent') }),
    z.object({ state: z.literal('unread') }),
    z.object({ state: z.literal('denied'), reason: text }),
  ]);
