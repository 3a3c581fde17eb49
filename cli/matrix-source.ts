import { snapshotSource } from '../diagnostics/collect/snapshot-file.ts';
import type { FactSource } from '../diagnostics/source.ts';
import { openSource } from './engine-source.ts';
import type { Terminal } from './terminal.ts';

/** Where a matrix's facts come from: a file, a running lab, this machine. Throws `CommandError`. */
export async function loadMatrixSource(
  { fromSnapshot, lab }: { readonly fromSnapshot?: string; readonly lab?: string },
  terminal: Terminal,
): Promise<FactSource> {
  // In a node's own terminal the lab is meant: of the machine only that node is in sight.
  if (fromSnapshot === undefined && (lab ?? terminal.env['HOPLAB_LAB']) !== undefined) {
    const { snapshotOfLab } = await import('./snapshot-of-lab.ts');
    return snapshotSource(await snapshotOfLab(lab, terminal));
  }
  return (await openSource(fromSnapshot, terminal.signal)).source;
}
