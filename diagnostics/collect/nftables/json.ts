/** The JSON that nft prints is not described by a schema that holds across its versions: every access asks first. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

export const isObject = (json: Json | undefined): json is JsonObject =>
  typeof json === 'object' && json !== null && !Array.isArray(json);

export const isList = (json: Json | undefined): json is readonly Json[] => Array.isArray(json);

/** The value of a key, where the JSON is an object. */
export const at = (json: Json | undefined, key: string): Json | undefined =>
  isObject(json) && Object.hasOwn(json, key) ? json[key] : undefined;

/** Null where it is missing, or no text. */
export const textAt = (json: Json | undefined, key: string): string | null => {
  const value = at(json, key);
  return typeof value === 'string' ? value : null;
};

/** Null where it is missing, or no number. */
export const numberAt = (json: Json | undefined, key: string): number | null => {
  const value = at(json, key);
  return typeof value === 'number' ? value : null;
};

/** A list, or the one thing that nft prints instead of a list of one. */
export const listOf = (json: Json | undefined): readonly Json[] =>
  json === undefined || json === null ? [] : isList(json) ? json : [json];

/** nft wraps elements with a timeout, counter or comment; the bare value. */
export const bareElement = (json: Json): Json => at(at(json, 'elem'), 'val') ?? json;
