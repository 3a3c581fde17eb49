import { displayText } from '../diagnostics/model/display-text.ts';
import { QuestionError } from '../diagnostics/question/question-error.ts';
import { CommandError, EXIT } from './exit.ts';

/** A question that cannot be asked, as the command's end: only a TO that nothing is called is an answer (unreachable). */
export function asCommandError(error: unknown): unknown {
  if (!QuestionError.is(error)) return error;
  const near = error.near.map((name) => displayText(name)).join(', ');
  return new CommandError(
    near === '' ? error.message : `${error.message}; near: ${near}`,
    error.reason === 'to-not-found' ? EXIT.unreachable : EXIT.usage,
  );
}
