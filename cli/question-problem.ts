import type { Language } from '../diagnostics/model/language.ts';
import { said } from '../diagnostics/sayings/sayings.ts';
import { displayText } from '../diagnostics/model/display-text.ts';
import { QuestionError, type QuestionErrorReason } from '../diagnostics/question/question-error.ts';
import { CommandError, EXIT } from './exit.ts';

/**
 * A question that cannot be asked, as the command's end: a TO that nothing is called is an answer (unreachable), one that may
 * not be looked for is none (unknown).
 */
export function asCommandError(error: unknown, language: Language): unknown {
  if (!QuestionError.is(error)) return error;
  const message = said(error.message, language);
  const near = error.near.map((name) => displayText(name));
  return new CommandError(
    near.length === 0
      ? message
      : language === 'en'
        ? `${message}; near: ${near.join(', ')}`
        : `${message}；相近的名字：${near.join('、')}`,
    statusOf(error.reason),
  );
}

function statusOf(reason: QuestionErrorReason): number {
  switch (reason) {
    case 'to-not-found':
      return EXIT.unreachable;
    case 'cannot-look':
      return EXIT.unknown;
    case 'malformed-endpoint':
    case 'malformed-address':
    case 'malformed-port':
    case 'contradiction':
    case 'from-not-found':
    case 'prefixed-to-not-found':
    case 'host-not-found':
    case 'ambiguous-end':
    case 'not-usable-here':
      return EXIT.usage;
  }
}
