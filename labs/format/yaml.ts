import { LineCounter, parseDocument, type Document } from 'yaml';
import { displayText } from '../../diagnostics/model/display-text.ts';
import { LabFileError } from './lab-file.ts';

/** An alias that stands for a list of aliases multiplies: ten times ten of them are a lot of work already. */
const MOST_ALIASES = 100;
const DEEPEST = 20;

/** Also true of what contains itself. */
function isDeeper(value: unknown, levels: number): boolean {
  if (value === null || typeof value !== 'object') return false;
  return levels === 0 || Object.values(value).some((part) => isDeeper(part, levels - 1));
}

interface Parsed {
  readonly document: Document;
  readonly lines: LineCounter;
  readonly raw: unknown;
}

/** @throws LabFileError, whatever the text is: nested without end, full of references to references */
export function parseYaml(file: string, text: string): Parsed {
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, { lineCounter: lines });
    // What follows the first is mostly its consequence.
    const [broken] = document.errors;
    if (broken) {
      const { line, col } = broken.linePos?.[0] ?? { line: 1, col: 1 };
      const what = (broken.message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');
      throw new LabFileError([`${file}:${line}:${col}: ${displayText(what)}`]);
    }
    const raw: unknown = document.toJS({ maxAliasCount: MOST_ALIASES });
    if (isDeeper(raw, DEEPEST)) throw new RangeError('too deep');
    return { document, lines, raw };
  } catch (error) {
    if (error instanceof LabFileError) throw error;
    const what =
      error instanceof RangeError
        ? 'is nested too deeply'
        : 'uses too many aliases; write out what they stand for';
    throw new LabFileError([`${file}: ${what}`]);
  }
}

/** Tells line and column of the nearest part of a path that the file has. @throws LabFileError */
export function positionsIn(file: string, text: string): (path: readonly (string | number)[]) => string {
  const { document, lines } = parseYaml(file, text);
  return (path) => {
    for (let length = path.length; length >= 0; length--) {
      const node = document.getIn(path.slice(0, length), true) as
        { range?: [number, number, number] } | undefined;
      if (!node?.range) continue;
      const { line, col } = lines.linePos(node.range[0]);
      return `${line}:${col}`;
    }
    return '1:1';
  };
}
