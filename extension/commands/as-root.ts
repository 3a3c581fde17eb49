import type { CommandLine } from '../command-line.ts';
import { say } from '../language.ts';
import { whyArguments } from '../networks/machine.ts';
import type { Question } from '../networks/network.ts';
import { runVisibly } from '../terminals.ts';

/**
 * Asks (and with `apply` mends) with root's rights, in a terminal: sudo asks there for the password, the tool shows its
 * answer there, and before it changes anything it shows the commands and asks.
 */
export async function askAsRoot(commandLine: CommandLine, question: Question, apply: boolean): Promise<void> {
  const [verb = 'why', ...rest] = whyArguments(question);
  await runVisibly(say('Why, as root'), commandLine.asRoot([verb, ...(apply ? ['--apply'] : []), ...rest]));
}
