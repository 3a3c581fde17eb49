import type { Diagnosis, Fix, FixStep } from '../model/diagnosis.ts';
import { displayText } from '../model/display-text.ts';
import type { Language } from '../model/language.ts';
import { renderCause } from '../causes/text.ts';
import { commandLine } from './command.ts';
import { said } from '../sayings/sayings.ts';
import { lostWays } from './way-words.ts';
import { wayLines } from './way.ts';
import { verdictText, WORDS, type Words } from './words.ts';

/** A diagnosis for a ticket or a pull request. Nothing from the machine is obeyed as Markdown. */
export function diagnosisMarkdown(diagnosis: Diagnosis, language: Language): string {
  const words = WORDS[language];
  const ways = diagnosis.legs.flatMap((leg) => {
    const { forward, back } = leg;
    const title = (way: string): string => escape(words.ofLeg(way, leg, diagnosis));
    const showBack = forward.disposition === 'delivered' && back !== null && back.disposition !== 'delivered';
    return [
      ...(forward.hops.length === 0
        ? []
        : [{ title: title(words.wayThere), trace: forward, queries: leg.queries ?? [] }]),
      ...(showBack ? [{ title: title(words.wayBack), trace: back, queries: [] }] : []),
      ...lostWays(leg).map((way) => ({ title: title(words.large(way)), trace: way.trace, queries: [] })),
    ];
  });
  const blocks = [
    `## ${escape(verdictText(diagnosis, language))}`,
    ...ways.flatMap(({ title, trace, queries }) => [
      `### ${title}`,
      wayLines(trace, diagnosis, language)
        .map(({ place, devices, events, stops, unseen }, index) =>
          [
            `${index + 1}. **${escape(place)}** ${escape(devices)}${stops ? ` ◀ **${unseen ? words.seenUpToHere : words.stopsHere}**` : ''}`,
            ...events.map((event) => `   - ${escape(event)}`),
          ].join('\n'),
        )
        .join('\n'),
      ...(queries.length === 0 ? [] : [queries.map((query) => `- ${escape(words.asked(query))}`).join('\n')]),
    ]),
    ...diagnosis.causes.flatMap((cause) => {
      const { summary, explanation } = renderCause(cause, language);
      return [
        `### ${words.why}${words.colon}${escape(summary)}${words.inBrackets(words.certainty[cause.certainty])}`,
        escape(explanation),
        ...cause.evidence.map(
          ({ source, text }) =>
            `${words.evidence}${words.colon}\n\n${codeBlock(`${source}\n${said(text, language)}`)}`,
        ),
        ...cause.fixes.flatMap((fix, index) => fixBlocks(fix, index, words)),
      ];
    }),
    ...(diagnosis.notes.length === 0
      ? []
      : [`### ${words.notes}`, diagnosis.notes.map((note) => `- ${escape(note)}`).join('\n')]),
    `*${escape(words.verified(diagnosis))}*`,
  ];
  return `${blocks.join('\n\n')}\n`;
}

function fixBlocks(fix: Fix, index: number, words: Words): readonly string[] {
  const label = index === 0 ? words.fix(fix.proven) : words.orFix(fix.proven);
  const commands = (steps: readonly FixStep[]): string => codeBlock(steps.map(commandLine).join('\n'));
  return [
    `**${label}**${words.colon}${escape(fix.title)}${fix.steps.length === 0 ? words.byHand : ''}`,
    ...(fix.steps.length === 0 ? [] : [commands(fix.steps)]),
    ...(fix.undo.length === 0 ? [] : [`${words.undo}${words.colon}`, commands(fix.undo)]),
    ...(fix.permanent === null ? [] : [`${words.lasting}${words.colon}${escape(fix.permanent)}`]),
    ...(fix.sideEffects.length === 0
      ? []
      : [fix.sideEffects.map((effect) => `- ${escape(effect)}`).join('\n')]),
    ...(fix.otherFlows === undefined || fix.otherFlows.text.length === 0
      ? []
      : [
          `${words.otherFlows}${words.colon}\n\n${fix.otherFlows.text.map((line) => `- ${escape(line)}`).join('\n')}`,
        ]),
  ];
}

/** Full stops and the like are harmless inside a line; escaping them all only hurts the reader of the source. */
const escape = (text: string): string =>
  displayText(text, 'markdown').replace(/\\([.,:/\-(){}!+])/g, (whole, sign: string) =>
    isHarmless(sign) ? sign : whole,
  );

/** Signs that mean something only beside others, all of which stay escaped. */
const isHarmless = (sign: string): boolean => '-(){}+'.includes(sign);

/** A fence longer than any run of backquotes inside. */
function codeBlock(text: string): string {
  const shown = text
    .split('\n')
    .map((line) => displayText(line))
    .join('\n');
  const longest = Math.max(2, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${shown}\n${fence}`;
}
