import type { Match } from '../../../model/rule-match.ts';
import type { Extension } from '../options.ts';
import { readNumber, unmodelledMatch } from '../values.ts';

const KNOWN: ReadonlySet<string> = new Set([
  '--string',
  '--hex-string',
  '--algo',
  '--from',
  '--to',
  '--icase',
]);
const HIGHEST_OFFSET = 65535;

/** `-m string --string foo --algo bm --from 40 --to 1000`; hexadecimal parts stand between bars: `GET |0d0a|`. */
export function packetText({ options, text }: Extension): readonly Match[] {
  const wanted = options.find(({ name }) => name === '--string' || name === '--hex-string');
  const valueOf = (name: string): string | undefined =>
    options.find((option) => option.name === name)?.values[0];
  const from = readNumber(valueOf('--from') ?? '0');
  const to = readNumber(valueOf('--to') ?? String(HIGHEST_OFFSET));
  const [value] = wanted?.values ?? [];
  const bytes = value === undefined ? null : wanted?.name === '--string' ? plain(value) : hexadecimal(value);
  if (!wanted || !bytes || bytes.length === 0 || from === null || to === null) return [unmodelledMatch(text)];
  if (options.some(({ name }) => !KNOWN.has(name))) return [unmodelledMatch(text)];
  const ignoreCase = options.some(({ name }) => name === '--icase');
  return [{ type: 'text', negate: wanted.negate, bytes, from, to, ignoreCase }];
}

const plain = (text: string): readonly number[] => [...new TextEncoder().encode(text)];

/** Null where a part between bars is no hexadecimal number. */
function hexadecimal(text: string): readonly number[] | null {
  const bytes: number[] = [];
  for (const [index, part] of text.split('|').entries()) {
    if (index % 2 === 0) {
      bytes.push(...plain(part));
      continue;
    }
    const digits = part.replaceAll(' ', '');
    if (!/^(?:[\da-f]{2})*$/i.test(digits)) return null;
    bytes.push(...(digits.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16)));
  }
  return bytes;
}
