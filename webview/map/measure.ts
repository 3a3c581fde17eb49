import type { Theme } from './theme.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

const pen = document.createElement('canvas').getContext('2d');

/** Measuring is slow and labels seldom change. */
const measured = new Map<string, Size>();
/** Keeps a long-lived view from growing. */
const MEASURED_LIMIT = 5000;

/** How large a box has to be for a label of several lines. */
export function boxFor(label: string, theme: Theme): Size {
  const key = `${theme.fontSize} ${theme.font} ${label}`;
  const known = measured.get(key);
  if (known) return known;
  const lines = label.split('\n');
  const size = theme.fontSize - 1;
  if (pen) pen.font = `${size}px ${theme.font}`;
  const widest = Math.max(...lines.map((line) => pen?.measureText(line).width ?? line.length * 7));
  const box = {
    width: Math.max(56, Math.ceil(widest) + 22),
    height: Math.ceil(lines.length * size * 1.25) + 14,
  };
  if (measured.size >= MEASURED_LIMIT) measured.clear();
  measured.set(key, box);
  return box;
}

/** Breaks a sentence into lines of about `width` characters; where there are no spaces (Chinese) anywhere. */
export function breakLines(text: string, width: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/(?<=\s)|(?<=[\u3000-\u9fff\uff00-\uffef])/u)) {
    const wide = [...(line + word)].reduce((sum, one) => sum + (one > '\u2e80' ? 2 : 1), 0);
    if (line !== '' && wide > width) {
      lines.push(line.trimEnd());
      line = '';
    }
    line += word;
  }
  return [...lines, line.trimEnd()].filter((one) => one !== '').join('\n');
}
