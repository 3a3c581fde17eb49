/** A JSON object of unknown shape, from a tool. Its fields are read one by one: a missing or odd one is `undefined`. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The text as JSON; `undefined` where it is damaged or cut off. */
export function parseJson(text: string): unknown {
  return parse(text) ?? parse(mendEscapes(text));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * iproute2 writes control characters of a name as they are, and `'` as `\'`: neither is JSON, so that one oddly named interface
 * would hide all others. (jsonw_puts() in its lib/json_writer.c)
 */
const mendEscapes = (text: string): string =>
  text
    .replace(/\\(.)/gs, (escape, character: string) => (character === "'" ? "'" : escape))
    .replace(
      /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g,
      (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );

/** Neither a list nor null. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The objects of a JSON list (iproute2 pads its lists with empty ones); null where the text is no list of objects. */
export function parseObjects(text: string): readonly JsonObject[] | null {
  const value = parseJson(text);
  return Array.isArray(value) && value.every(isObject) ? objects(value) : null;
}

/** The objects of a list, without iproute2's empty ones; none where it is no list. */
export const objects = (value: unknown): readonly JsonObject[] =>
  Array.isArray(value) ? value.filter(isObject).filter((object) => Object.keys(object).length > 0) : [];

/** undefined where it is missing, or no text. */
export function stringField(object: JsonObject, key: string): string | undefined {
  const value = object[key];
  return typeof value === 'string' ? value : undefined;
}

/** A number, also where a tool wrote it as text (`"0x10"`, `"42"`). */
export function numberField(object: JsonObject, key: string): number | undefined {
  const value = object[key];
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (typeof value !== 'string' || !/^(?:0x[0-9a-f]+|\d+)$/i.test(value)) return undefined;
  return Number(value);
}

/** An empty one where it is missing, or no object. */
export function objectField(object: JsonObject, key: string): JsonObject {
  const value = object[key];
  return isObject(value) ? value : {};
}

/** The texts of a list; none where it is no list. */
export const stringsField = (object: JsonObject, key: string): readonly string[] => {
  const value = object[key];
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
};

/** The member as an object's optional property: nothing where it is undefined. */
export const optional = <K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> =>
  value === undefined ? {} : ({ [key]: value } as Record<K, V>);

/** What a table has by a name that came from outside: `constructor` is no entry of it. */
export const entry = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;
