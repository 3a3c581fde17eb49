import { displayText } from '../../diagnostics/model/display-text.ts';
import type { Language } from '../../diagnostics/model/language.ts';
import { LabFileError } from '../../labs/format/lab-file.ts';
import { SandboxError } from '../../labs/sandbox/problem.ts';
import { SessionError } from '../../labs/session/client.ts';
import { Refusal } from '../../labs/session/refusal.ts';
import { CommandError, EXIT } from '../exit.ts';

/** Whatever a lab, its files or its sandbox refuse, as the command's end: one clear line. Other errors stay as they are. */
export function asLabProblem(error: unknown, language: Language): unknown {
  if (error instanceof SandboxError)
    return new CommandError(displayText(error.message), EXIT.unreachable, error.remedy);
  if (error instanceof Refusal)
    return new CommandError(displayText(error.text[language]), statusOf(error.code));
  if (error instanceof SessionError)
    return new CommandError(displayText(error.message), statusOf(error.code));
  if (error instanceof LabFileError)
    return new CommandError(error.lines.map((line) => displayText(line)).join('\n'), EXIT.usage);
  return error;
}

const statusOf = (code: SessionError['code']): number =>
  code === 'unknown' || code === 'bad-request' ? EXIT.usage : EXIT.unreachable;
