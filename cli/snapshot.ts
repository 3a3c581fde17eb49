import { takeSnapshot } from '../diagnostics/collect/take-snapshot.ts';
import type { Redacted } from '../diagnostics/redact/redact-snapshot.ts';
import type { Snapshot } from '../diagnostics/model/snapshot.ts';
import { displayText } from '../diagnostics/model/display-text.ts';
import type { CommandContext } from './command-context.ts';
import { openSource } from './engine-source.ts';
import { fileName } from './file-option.ts';
import { writeOwnersFile } from './owners-file.ts';
import { languageOf } from './language.ts';
import { toolSaid } from './sayings.ts';
import { withProgress } from './progress.ts';
import { sayUnseen } from './unseen.ts';

/** Adds `hoplab snapshot -o FILE`. */
export function registerSnapshot({ program, terminal, exitWith }: CommandContext): void {
  program
    .command('snapshot')
    .summary('all facts of the network in one file, to be asked about elsewhere')
    .description(
      'Writes all facts of the network (no environment variables, no process arguments) into one JSON file. “hoplab why --from-snapshot FILE” answers from it anywhere, without root.',
    )
    .requiredOption(
      '-o, --output <file>',
      'the file to write; only its owner may read it; - is standard output',
      fileName,
    )
    .option(
      '--redact',
      'with other names and numbers for everything: the same answers, and nobody sees whose network it is',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  sudo hoplab snapshot -o net.json\n  hoplab why web db:5432 --from-snapshot net.json\n  sudo hoplab snapshot --redact -o public.json    says what is called how now; keep that to yourself\n\nExit status: 0 written, 64 wrong usage or a file that cannot be written, 130 stopped.',
    )
    .action(async ({ output, redact }: { readonly output: string; readonly redact?: true }) => {
      const language = languageOf(terminal.env);
      const { source } = await openSource(undefined);
      const taken = await withProgress(terminal, toolSaid('Reading all facts', language), () =>
        takeSnapshot(source, terminal.signal),
      );
      const { snapshot, renamed } = redact ? await redacted(taken) : { snapshot: taken, renamed: [] };
      const text = `${JSON.stringify(snapshot)}\n`;
      if (output === '-') terminal.stdout(text);
      else await writeOwnersFile(output, text);
      const count = snapshot.namespaces.length;
      terminal.stderr(
        `${toolSaid(`${displayText(output)}: ${count} network ${count === 1 ? 'namespace' : 'namespaces'}`, language)}\n`,
      );
      for (const { before, now } of renamed)
        terminal.stderr(`  ${displayText(before)} → ${displayText(now)}\n`);
      sayUnseen(taken, terminal);
      exitWith(0);
    });
}

/** Loaded only for this: it is much, and most snapshots are not for strangers. */
async function redacted(taken: Snapshot): Promise<Redacted> {
  const { redactSnapshot } = await import('../diagnostics/redact/redact-snapshot.ts');
  return redactSnapshot(taken);
}
