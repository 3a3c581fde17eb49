/** A part of a rule that reads single bits, among which an address may be: new numbers do not fit them. Null: it is none. */
export function withoutBits(part: object): object | null {
  const { type, mask, value } = part as Readonly<Record<string, unknown>>;
  switch (type) {
    case 'u32':
    case 'bytecode':
      return { type: 'unmodelled', text: type };
    case 'bytes':
      return mayBeAddress(Number(mask)) ? { type: 'unmodelled', text: 'u32' } : null;
    case 'compare':
      return comparesAddressBits(part) ? { type: 'unmodelled', text: 'address bits' } : null;
    // The sum over the address would come out as another one.
    case 'translate-prefix':
      return { type: 'unmodelled', text: type, decides: false };
    case 'rewrite':
      return isOfAddressBits(value) ? { type: 'unmodelled', text: 'rewrite', decides: false } : null;
    default:
      return null;
  }
}

/** More than a port or two bytes of the header: part of an address, perhaps. */
const mayBeAddress = (mask: number): boolean => mask.toString(2).replaceAll('0', '').length > 16;

/** A part of an address under a mask, or bytes where addresses lie (from the ninth of the header on). */
const comparesAddressBits = ({
  fields,
  values,
}: {
  readonly fields?: unknown;
  readonly values?: unknown;
}): boolean =>
  JSON.stringify(values ?? null).includes('"address bits"') ||
  (Array.isArray(fields) &&
    fields.some((field) => {
      const [, from = 0, size = 0] = /^nh (\d+) (\d+)$/.exec(String(field))?.map(Number) ?? [];
      return from + size > ADDRESSES_FROM;
    }));

const ADDRESSES_FROM = 8;

/** Of the network header, changed step by step. */
function isOfAddressBits(value: unknown): boolean {
  const { field, steps } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return (
    Array.isArray(steps) &&
    steps.length > 0 &&
    typeof field === 'string' &&
    (/^nh /.test(field) || /addr$/.test(field))
  );
}

/** A hash of addresses comes out as another one for new numbers: which one is not known then. */
export const withoutAddressHash = (field: string): string =>
  /^jhash .*addr|^cluster /.test(field) ? 'hash' : field;
