import type { Cause, Diagnosis, Fix, Leg } from '../model/diagnosis.ts';
import { displayText } from '../model/display-text.ts';
import type { Language } from '../model/language.ts';
import type { Trace } from '../model/trace.ts';
import { renderCause } from '../causes/text.ts';
import { commandLine } from './command.ts';
import { paintFor, type Paint } from './paint.ts';
import { said } from '../sayings/sayings.ts';
import { lostWays } from './way-words.ts';
import { columnsOf, padTo, wrap } from './width.ts';
import { wayLines } from './way.ts';
import { verdictText, WORDS, type Words } from './words.ts';

/** For whom a report is written, and on what. */
export interface TextOptions {
  readonly language: Language;
  readonly colour: boolean;
  /** Columns to write in. */
  readonly columns: number;
}

const SIGN = { reachable: '✔', unreachable: '✘', partial: '◐', unknown: '?' } as const;
const STYLE = { reachable: 'good', unreachable: 'bad', partial: 'doubt', unknown: 'doubt' } as const;
const NARROWEST = 40;

/** A diagnosis for a terminal: the verdict first, then the way, the causes with their fixes, and what was verified. */
export function diagnosisText(diagnosis: Diagnosis, options: TextOptions): string {
  const words = WORDS[options.language];
  const columns = Math.max(NARROWEST, options.columns);
  const paint = paintFor(options.colour);
  const { verdict } = diagnosis;
  const headline = wrap(`${SIGN[verdict]} ${verdictText(diagnosis, options.language)}`, columns);
  const blocks = [
    headline.map((line) => paint(STYLE[verdict], paint('strong', line))),
    ...diagnosis.legs.flatMap((leg) => legBlocks(leg, diagnosis, options, { words, paint, columns })),
    ...diagnosis.causes.map((cause, index) =>
      causeBlock(cause, index, diagnosis, options.language, { words, paint, columns }),
    ),
    ...(diagnosis.notes.length === 0
      ? []
      : [
          [
            paint('strong', words.notes),
            ...diagnosis.notes.flatMap((note) => indented(displayText(note), '  - ', columns)),
          ],
        ]),
    wrap(words.verified(diagnosis), columns).map((line) => paint('faint', line)),
  ];
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

interface Style3 {
  readonly words: Words;
  readonly paint: Paint;
  readonly columns: number;
}

function legBlocks(
  leg: Leg,
  diagnosis: Diagnosis,
  { language }: TextOptions,
  style: Style3,
): readonly (readonly string[])[] {
  const { words, paint } = style;
  const title = (text: string): string => paint('strong', displayText(words.ofLeg(text, leg, diagnosis)));
  const block = (name: string, trace: Trace): readonly string[] => [
    title(name),
    ...hopLines(trace, diagnosis, language, style),
  ];
  const queries = (leg.queries ?? []).flatMap((query) =>
    indented(displayText(words.asked(query)), '     · ', style.columns),
  );
  // The way back is worth its lines only where something is wrong on it.
  const { back } = leg;
  const showBack =
    leg.forward.disposition === 'delivered' && back !== null && back.disposition !== 'delivered';
  return [
    ...(leg.forward.hops.length === 0 ? [] : [[...block(words.wayThere, leg.forward), ...queries]]),
    ...(showBack ? [block(words.wayBack, back)] : []),
    ...lostWays(leg).map((way) => block(words.large(way), way.trace)),
  ];
}

function hopLines(
  trace: Trace,
  diagnosis: Diagnosis,
  language: Language,
  { words, paint, columns }: Style3,
): readonly string[] {
  const lines = wayLines(trace, diagnosis, language);
  const places = Math.max(...lines.map(({ place }) => columnsOf(place)));
  const devices = Math.max(...lines.map(({ devices: it }) => columnsOf(it)));
  return lines.flatMap((line, index) => {
    const head = ` ${String(index + 1).padStart(2)}  ${padTo(line.place, places)}  ${padTo(line.devices, devices)}`;
    const rest = '     ';
    const sign = line.unseen ? '?' : '✘';
    const events = line.events.flatMap((event, at) =>
      indented(event, `${rest}${line.stops && at === line.events.length - 1 ? `${sign} ` : '· '}`, columns),
    );
    const mark = line.stops ? `  ◀ ${line.unseen ? words.seenUpToHere : words.stopsHere}` : '';
    const style = line.unseen ? 'doubt' : 'bad';
    const painted = line.stops ? paint(style, head.trimEnd() + mark) : head.trimEnd();
    return [
      painted,
      ...events.map((event) =>
        line.stops && event.trimStart().startsWith(sign) ? paint(style, event) : paint('faint', event),
      ),
    ];
  });
}

function causeBlock(
  cause: Cause,
  index: number,
  { causes }: Diagnosis,
  language: Language,
  style: Style3,
): readonly string[] {
  const { words, paint, columns } = style;
  const { summary, explanation } = renderCause(cause, language);
  const number = causes.length > 1 ? `${index + 1}. ` : '';
  return [
    ...wrap(
      `${words.why}${words.colon}${number}${summary} [${words.certainty[cause.certainty]}]`,
      columns,
    ).map((line) => paint('strong', line)),
    ...indented(explanation, '  ', columns),
    ...cause.evidence.flatMap(({ source, text }) => [
      ...indented(`${words.evidence}${words.colon}${displayText(source)}`, '  ', columns),
      ...indented(displayText(said(text, language)), '    ', columns),
    ]),
    ...cause.fixes.flatMap((fix, at) => fixLines(fix, at, style)),
  ];
}

function fixLines(fix: Fix, index: number, { words, paint, columns }: Style3): readonly string[] {
  const label = index === 0 ? words.fix(fix.proven) : words.orFix(fix.proven);
  const byHand = fix.steps.length === 0 ? words.byHand : '';
  const more = (name: string, text: string): readonly string[] =>
    indented(`${name}${words.colon}${displayText(text)}`, '    ', columns).map((line) =>
      paint('faint', line),
    );
  return [
    ...indented(`${label}${words.colon}${displayText(fix.title)}${byHand}`, '  ', columns).map((line, at) =>
      at === 0 ? paint('good', line) : line,
    ),
    // Not wrapped: a command is copied whole.
    ...fix.steps.map((step) => `    $ ${commandLine(step)}`),
    ...(index === 0
      ? fix.undo.map((step) => paint('faint', `    ${words.undo}${words.colon}${commandLine(step)}`))
      : []),
    ...(index === 0 && fix.permanent !== null ? more(words.lasting, fix.permanent) : []),
    ...(index === 0 ? fix.sideEffects.flatMap((effect) => more(words.also, effect)) : []),
    ...(index === 0 ? (fix.otherFlows?.text ?? []).flatMap((line) => more(words.otherFlows, line)) : []),
  ];
}

/** Wrapped, the first line begun by `first`, the others by as many blanks. */
function indented(text: string, first: string, columns: number): readonly string[] {
  const width = columnsOf(first);
  return wrap(text, columns - width).map(
    (line, index) => `${index === 0 ? first : ' '.repeat(width)}${line}`,
  );
}
