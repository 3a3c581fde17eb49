import { displayText } from '../../diagnostics/model/display-text.ts';
import { findInstallation } from '../../labs/session/installation.ts';
import { testLab, type Proof } from '../../labs/session/tester.ts';
import { CommandError, EXIT } from '../exit.ts';
import { toolSaid } from '../sayings.ts';
import { catalogue, directoryOf } from './catalogue.ts';
import type { Action, LabContext, LabOptions } from './context.ts';

/** `hoplab lab test`: for authors. */
export function proveActions(context: LabContext): {
  readonly test: Action<[string | undefined, LabOptions]>;
} {
  const { terminal, print, json, exitWith, guarded, language } = context;
  return {
    test: guarded(async (wanted, options) => {
      if (wanted === undefined && !options.all)
        throw new CommandError('Say which lab to test, or --all.', EXIT.usage);
      const directories = options.all
        ? (await catalogue()).map((entry) => entry.directory)
        : [await directoryOf(wanted ?? '')];
      const results: { directory: string; proofs: readonly Proof[] }[] = [];
      const report = (proof: Proof): void => {
        if (!options.json)
          print(
            `${proof.problem === null ? '✔' : '✘'} ${displayText(toolSaid(proof.what, language))}${proof.problem === null ? '' : `: ${displayText(toolSaid(proof.problem, language))}`}`,
          );
      };
      for (const directory of directories)
        results.push({
          directory,
          proofs: await testLab(directory, findInstallation(import.meta.url), report, terminal.signal),
        });
      if (options.json) json({ schema: 1, results });
      if (results.some(({ proofs }) => proofs.some((proof) => proof.problem !== null)))
        exitWith(EXIT.unreachable);
    }),
  };
}
