/** How a piece of text stands out; a terminal without colour shows the same words and signs. */
export type Style = 'good' | 'bad' | 'doubt' | 'strong' | 'faint';
export type Paint = (style: Style, text: string) => string;

/** SGR sequences of ECMA-48. */
const SGR: Readonly<Record<Style, readonly [number, number]>> = {
  good: [32, 39],
  bad: [31, 39],
  doubt: [33, 39],
  strong: [1, 22],
  faint: [2, 22],
};

export const paintFor =
  (colour: boolean): Paint =>
  (style, text) =>
    colour ? `\u001b[${SGR[style][0]}m${text}\u001b[${SGR[style][1]}m` : text;
