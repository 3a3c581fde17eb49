import { execa } from 'execa';
import { joinWords } from '../../labs/format/words.ts';
import { Refusal } from '../../labs/session/refusal.ts';
import { EXIT } from '../exit.ts';
import { guideText } from './guide-text.ts';
import { fromOutside } from './outside.ts';
import type { Action, LabContext, LabOptions } from './context.ts';

/** What a learner does in a running lab. */
export function runningActions(context: LabContext): {
  readonly status: Action<[LabOptions]>;
  readonly check: Action<[LabOptions]>;
  readonly guide: Action<[string | undefined, LabOptions]>;
  readonly hint: Action<[string | undefined, LabOptions]>;
  readonly solve: Action<[string | undefined, LabOptions]>;
  readonly break: Action<[string, LabOptions]>;
  readonly reset: Action<[string | undefined, LabOptions]>;
  readonly shell: Action<[string, LabOptions]>;
} {
  const { language, print, json, progress, show, guarded, withSession, exitWith, statusText } = context;
  return {
    status: guarded((options) =>
      withSession(options, async (client) => show(await client.request('status', { language }), options)),
    ),

    check: guarded((options) =>
      withSession(options, async (client) => {
        const status = await client.request('check', { language });
        show(status, options);
        if (status.currentStep !== null) exitWith(EXIT.unreachable);
      }),
    ),

    guide: guarded((part, options) =>
      withSession(options, async (client) => {
        const guide = await client.request('guide', { language });
        if (options.json) return json({ schema: 1, ...guide });
        const text = guideText(guide, await client.request('status', { language }), part);
        if (text !== null) return print(text);
        const known = guide.sections.map(({ id }) => id);
        throw new Refusal(
          'unknown',
          `The guide has no part ${part ?? ''}; there are ${known.join(', ')}.`,
          `说明里没有 ${part ?? ''} 这一节，只有 ${known.join('、')}。`,
        );
      }),
    ),

    hint: guarded((step, options) =>
      withSession(options, async (client) => {
        const hint = await client.request('hint', { language, ...(step === undefined ? {} : { step }) });
        if (options.json) json(hint);
        else
          print(
            `${hint.step} ${hint.shown}/${hint.total}${language === 'en' ? ': ' : '：'}${hint.hint ?? ''}`,
          );
      }),
    ),

    solve: guarded((step, options) =>
      withSession(options, async (client) => {
        const run = options.run === true;
        const solved = await client.request('solve', {
          language,
          run,
          ...(step === undefined ? {} : { step }),
        });
        if (options.json) return json(solved);
        for (const { node, argv } of solved.commands) print(`${node}# ${joinWords(argv)}`);
        if (run) print(`\n${statusText(solved.status)}`);
      }),
    ),

    break: guarded((fault, options) =>
      withSession(options, async (client) => {
        const status = await client.request('break', { language, fault });
        if (options.json) return json(status);
        const active = status.faults.find((one) => one.id === fault);
        const question = active?.question;
        print(`${language === 'en' ? 'Not so any more: ' : '不再成立：'}${active?.symptom ?? ''}`);
        if (question)
          print(
            `hoplab why --lab ${status.sandbox} ${question.from} ${question.to}${question.port === null ? '' : `:${question.port}`}`,
          );
      }),
    ),

    reset: guarded((step, options) =>
      withSession(options, async (client) => {
        progress('…');
        show(await client.request('reset', { language, ...(step === undefined ? {} : { step }) }), options);
      }),
    ),

    shell: guarded((node, options) =>
      withSession(options, async (client, sandbox) => {
        fromOutside({ sandbox });
        const { argv, env } = await client.request('shell', { node, language });
        client.close();
        const [file = '', ...rest] = argv;
        const { exitCode } = await execa(file, rest, { env, stdio: 'inherit', reject: false });
        exitWith(exitCode ?? EXIT.internal);
      }),
    ),
  };
}
