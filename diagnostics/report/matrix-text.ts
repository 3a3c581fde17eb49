import type { WhyVerdict } from '../model/diagnosis.ts';
import { displayText } from '../model/display-text.ts';
import type { MatrixPair, MatrixQuestion, ReachMatrix } from '../model/reach-matrix.ts';
import { paintFor, type Paint } from './paint.ts';
import { MATRIX_WORDS, type MatrixWords } from './matrix-words.ts';
import { whoToWhom } from './matrix-groups.ts';
import type { TextOptions } from './text.ts';
import { columnsOf, padTo, wrap } from './width.ts';

const SIGN = { reachable: '✔', unreachable: '✘', partial: '◐', unknown: '?' } as const;
const STYLE = { reachable: 'good', unreachable: 'bad', partial: 'doubt', unknown: 'doubt' } as const;
const VERDICTS: readonly WhyVerdict[] = ['reachable', 'partial', 'unreachable', 'unknown'];

/** Wider names are cut in a grid; everywhere else they stand in full. */
const LONGEST_LABEL = 28;
/** Of one reason for failing, no more lines of pairs than this: the JSON has them all. */
const MOST_LINES = 6;

/** A matrix for a terminal: a grid a question, or lists by sender where a grid would be too wide; then what stops the others. */
export function matrixText(matrix: ReachMatrix, options: TextOptions): string {
  const words = MATRIX_WORDS[options.language];
  const paint = paintFor(options.colour);
  const names = matrix.ends.map(({ name }) => name);
  const blocks = matrix.questions.map((question) => {
    const pairs = matrix.pairs.filter(
      ({ protocol, port, family }) =>
        protocol === question.protocol && port === question.port && family === question.family,
    );
    const shown: Shown = { names, pairs, columns: options.columns, words, paint };
    return [
      ...wrap(words.title(questionText(question, words), question.family ?? null), options.columns).map(
        (line) => paint('strong', line),
      ),
      ...(gridFits(shown) ? grid(shown) : lists(shown)),
    ];
  });
  const stops = stopLines({ names, pairs: matrix.pairs, columns: options.columns, words, paint }, matrix);
  const notes = matrix.notes.flatMap((note) => indented(displayText(note), '- ', options.columns));
  return `${[...blocks, stops, notes]
    .filter(({ length }) => length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

interface Shown {
  readonly names: readonly string[];
  readonly pairs: readonly MatrixPair[];
  readonly columns: number;
  readonly words: MatrixWords;
  readonly paint: Paint;
}

const questionText = ({ protocol, port }: MatrixQuestion, words: MatrixWords): string =>
  port === null ? words.echo : `${protocol} ${port}`;

const labelColumns = (names: readonly string[]): number =>
  Math.min(LONGEST_LABEL, Math.max(...names.map((name) => columnsOf(displayText(name)))));

const numberColumns = (names: readonly string[]): number => String(names.length).length + 1;

const gridFits = ({ names, columns }: Shown): boolean =>
  names.length > 0 && (numberColumns(names) + 1) * (names.length + 1) + labelColumns(names) <= columns;

/** Columns are numbered as the rows are. */
function grid({ names, pairs, columns, words, paint }: Shown): readonly string[] {
  const digits = numberColumns(names);
  const width = labelColumns(names);
  const number = (at: number): string => String(at + 1).padStart(digits);
  const bySender = groupBy(pairs, ({ from }) => from);
  return [
    `${' '.repeat(digits + 1 + width)}${names.map((_, at) => ` ${number(at)}`).join('')}`,
    ...names.map((name, at) => {
      const verdicts = new Map(bySender.get(name)?.map(({ to, verdict }) => [to, verdict]));
      const cells = names.map((to) => {
        const verdict = verdicts.get(to);
        const blank = ' '.repeat(digits);
        return verdict === undefined ? `${blank}·` : `${blank}${paint(STYLE[verdict], SIGN[verdict])}`;
      });
      return `${number(at)} ${padTo(cut(displayText(name), width), width)}${cells.join('')}`;
    }),
    ...wrap(`${legend(pairs, words)}  ${words.rowsAndColumns}`, columns).map((line) => paint('faint', line)),
  ];
}

const legend = (pairs: readonly MatrixPair[], words: MatrixWords): string =>
  VERDICTS.filter((one) => pairs.some(({ verdict }) => verdict === one))
    .map((one) => `${SIGN[one]} ${words.verdicts[one]}`)
    .join('  ');

/** By sender; whom most answers are alike for is not named one by one. */
function lists({ names, pairs, columns, words, paint }: Shown): readonly string[] {
  const bySender = groupBy(pairs, ({ from }) => from);
  const lines = names.flatMap((name) => {
    const own = bySender.get(name) ?? [];
    const byVerdict = groupBy(own, ({ verdict }) => verdict);
    const commonest = [...byVerdict].sort(([, a], [, b]) => b.length - a.length)[0]?.[0];
    return [
      ...indented(displayText(name), '', columns),
      ...VERDICTS.flatMap((verdict) => {
        const those = byVerdict.get(verdict);
        if (!those) return [];
        const whom =
          those.length === own.length
            ? words.everybody
            : verdict === commonest
              ? words.theOthers(those.length)
              : those.map(({ to }) => displayText(to)).join(words.comma);
        return indented(whom, `  ${SIGN[verdict]} `, columns).map((line) => paint(STYLE[verdict], line));
      }),
    ];
  });
  return [...lines, ...indented(legend(pairs, words), '', columns).map((line) => paint('faint', line))];
}

/** One short line a reason, and under it whom it concerns. */
function stopLines(shown: Shown, { questions, ends }: ReachMatrix): readonly string[] {
  const { pairs, columns, words, paint } = shown;
  const failing = pairs.filter(({ stop }) => stop !== null);
  if (failing.length === 0) return [];
  const label = new Map(ends.map(({ name, namespace }) => [name, namespace]));
  const groups = groupBy(
    failing,
    (pair) => `${SIGN[pair.verdict]} ${asked(pair, questions, words)}${reason(pair, label, words)}`,
  );
  const names = shown.names;
  const lines = [...groups].flatMap(([headline, members]) => {
    const verdict = members[0]?.verdict ?? 'unknown';
    const who = whoToWhom(members, names, words);
    const rest = who.slice(MOST_LINES).reduce((sum, { count }) => sum + count, 0);
    return [
      ...indented(displayText(headline.slice(2)), `  ${headline.slice(0, 2)}`, columns).map((line) =>
        paint(STYLE[verdict], line),
      ),
      ...who.slice(0, MOST_LINES).flatMap(({ text }) => indented(displayText(text), '      ', columns)),
      ...(rest > 0 ? indented(words.more(rest), '      ', columns) : []),
    ];
  });
  return [
    paint('strong', words.whatStops),
    ...lines,
    ...indented(words.ask(questions[0]?.family ?? null), '  ', columns),
  ];
}

const asked = (
  { protocol, port }: MatrixPair,
  questions: readonly MatrixQuestion[],
  words: MatrixWords,
): string => (questions.length > 1 ? `${questionText({ protocol, port }, words)}, ` : '');

/** Where it is at one of the ends, that is said instead of its name: then one line does for many pairs. */
function reason(pair: MatrixPair, labels: ReadonlyMap<string, string>, words: MatrixWords): string {
  const { stop, from, to } = pair;
  if (stop === null) return '';
  const isEnd = (name: string): boolean =>
    labels.has(name) && (name === stop.namespace || name.endsWith(`/${stop.namespace ?? ''}`));
  const place =
    stop.namespace === null ? null : isEnd(to) ? words.receiver : isEnd(from) ? words.sender : stop.namespace;
  const text = place === null ? stop.text : words.at(place, stop.text);
  return stop.direction === 'back' ? words.answerLost(text) : text;
}

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}

function cut(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  let short = '';
  for (const character of text) {
    if (columnsOf(short + character) > columns - 1) break;
    short += character;
  }
  return `${short}…`;
}

/** Wrapped, the first line begun by `first`, the others by as many blanks; a word longer than a line is broken. */
function indented(text: string, first: string, columns: number): readonly string[] {
  const width = columnsOf(first);
  return wrap(breakable(text, Math.max(1, columns - width)), columns - width).map(
    (line, index) => `${index === 0 ? first : ' '.repeat(width)}${line}`,
  );
}

/** Wide characters are broken between anyway. */
const breakable = (text: string, columns: number): string =>
  text.replace(new RegExp(`[!-~]{${columns + 1},}`, 'g'), (word) =>
    (word.match(new RegExp(`.{1,${columns}}`, 'g')) ?? []).join(' '),
  );
