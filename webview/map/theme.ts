/** VS Code's colours as the canvas can use them: opaque, because cytoscape ignores transparency in a colour. */
export interface Theme {
  readonly background: string;
  readonly foreground: string;
  readonly muted: string;
  readonly box: string;
  readonly group: string;
  readonly host: string;
  readonly border: string;
  readonly line: string;
  readonly focus: string;
  readonly bad: string;
  readonly there: string;
  readonly back: string;
  readonly good: string;
  readonly font: string;
  readonly fontSize: number;
}

type Rgba = readonly [number, number, number, number];

const pen = document.createElement('canvas').getContext('2d');

/** Any CSS colour as numbers; null for what is none. The canvas does the parsing: it gives `#rrggbb` or `rgba(…)`. */
function parse(text: string): Rgba | null {
  if (!pen || text === '') return null;
  pen.fillStyle = '#010203';
  pen.fillStyle = text;
  const parsed = pen.fillStyle;
  if (parsed === '#010203') return null;
  if (parsed.startsWith('#')) {
    const value = Number.parseInt(parsed.slice(1), 16);
    return [(value >> 16) & 255, (value >> 8) & 255, value & 255, 1];
  }
  const [red = 0, green = 0, blue = 0, alpha = 1] = (parsed.match(/[\d.]+/g) ?? []).map(Number);
  return [red, green, blue, alpha];
}

const over = (top: Rgba, below: Rgba): Rgba => {
  const mix = (a: number, b: number): number => Math.round(a * top[3] + b * (1 - top[3]));
  return [mix(top[0], below[0]), mix(top[1], below[1]), mix(top[2], below[2]), 1];
};

const write = ([red, green, blue]: Rgba): string => `rgb(${red}, ${green}, ${blue})`;

const WHITE: Rgba = [255, 255, 255, 1];
const GREY: Rgba = [128, 128, 128, 1];

/** Reads the theme that the page has now. */
export function readTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const value = (name: string): string => style.getPropertyValue(`--vscode-${name}`).trim();
  const background = parse(value('editor-background')) ?? WHITE;
  const foreground = parse(value('foreground')) ?? parse(value('editor-foreground')) ?? GREY;
  const first = (names: readonly string[], fallback: Rgba): string => {
    const found = names.map((name) => parse(value(name))).find((colour) => colour !== null);
    return write(over(found ?? fallback, background));
  };
  const tint = (share: number): Rgba => [foreground[0], foreground[1], foreground[2], share];
  const contrast = parse(value('contrastBorder'));
  return {
    background: write(background),
    foreground: write(over(foreground, background)),
    muted: first(['descriptionForeground'], foreground),
    box: contrast ? write(background) : first(['editorWidget-background'], tint(0.08)),
    group: contrast ? write(background) : write(over(tint(0.045), background)),
    host: write(background),
    border: contrast ? write(contrast) : write(over(tint(0.45), background)),
    line: contrast ? write(contrast) : write(over(tint(0.6), background)),
    focus: first(['focusBorder'], foreground),
    bad: first(['editorError-foreground', 'errorForeground'], foreground),
    there: first(['charts-blue', 'focusBorder'], foreground),
    back: first(['charts-purple', 'focusBorder'], foreground),
    good: first(['charts-green'], foreground),
    font: style.getPropertyValue('--vscode-font-family').trim() || 'sans-serif',
    fontSize: Number.parseFloat(value('font-size')) || 13,
  };
}

/** Calls `changed` when VS Code changes the theme of the page. */
export function watchTheme(changed: () => void): void {
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style', 'class'] });
  observer.observe(document.body, { attributes: true, attributeFilter: ['class'] });
}
