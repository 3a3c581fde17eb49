import type { NodeCommand } from '../format/lab-schema.ts';
import { joinWords } from '../format/words.ts';
import type { LabNetwork } from './network.ts';

/** Runs all, and says of the first command that failed what it said; null where all went well. */
export async function runCommands(
  network: LabNetwork,
  commands: readonly NodeCommand[],
): Promise<string | null> {
  let failed: string | null = null;
  for (const { node, run } of commands) {
    const { exitCode, stdout, stderr } = await network.run(node, run);
    if (exitCode !== 0)
      failed ??= `${joinWords(run)} (${node}): ${(stderr || stdout).trim().split('\n')[0] ?? ''}`;
  }
  return failed;
}
