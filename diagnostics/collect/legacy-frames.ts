import type { Output } from '../host/machine.ts';
import type { Table } from '../model/ruleset.ts';
import { parseArptables } from './arptables.ts';
import { parseEbtablesTables } from './ebtables-save.ts';
import type { KernelModules } from './kernel-modules.ts';

type Run = (argv: readonly string[]) => Promise<Output>;

export interface LegacyFrames {
  readonly tables: readonly Table[];
  /** What could not be read, each as a sentence. */
  readonly unknowns: readonly string[];
}

const NOTHING: LegacyFrames = { tables: [], unknowns: [] };

const worked = ({ problem, exitCode }: Output): boolean => problem === undefined && exitCode === 0;

/** Its tables are modules, and nft lists their functions by such names. */
const EBTABLES_MODULE = /^ebtable_/;
const EBTABLES_HOOK = /\bebt(?:ables?)?_/;

/**
 * Rules of legacy ebtables. To ask for a table makes it, so that it is asked only where its hooks show that it is there already;
 * where hooks are not listed (before Linux 5.14), it may be there or not, and matters where there is a bridge. A kernel that has it
 * built in has no way to tell.
 */
export async function readLegacyEbtables(run: Run, modules: KernelModules): Promise<LegacyFrames> {
  if (!modules?.some((name) => EBTABLES_MODULE.test(name))) return NOTHING;
  const hooks = await run(['nft', 'list', 'hooks', 'bridge']);
  const listed = worked(hooks) && /\bhook\b/.test(hooks.stdout);
  if (listed && !EBTABLES_HOOK.test(hooks.stdout)) return NOTHING;
  if (!listed) {
    const bridges = await run(['ip', '-o', 'link', 'show', 'type', 'bridge']);
    return worked(bridges) && bridges.stdout.trim() === ''
      ? NOTHING
      : {
          tables: [],
          unknowns: ['Legacy ebtables may have rules here, which cannot be read without making its tables.'],
        };
  }
  const saved = await run(['ebtables-legacy-save']);
  return worked(saved)
    ? parseEbtablesTables(saved.stdout)
    : {
        tables: [],
        unknowns: ['The rules of legacy ebtables could not be read: its save command does not work here.'],
      };
}

/** Rules of legacy arptables, which the kernel says it has. */
export async function readLegacyArptables(run: Run): Promise<LegacyFrames> {
  // Its own save command asks whatever `arptables` is (seen in 0.0.5).
  const listed = await run(['arptables-legacy', '-t', 'filter', '-L', '-n']);
  return worked(listed)
    ? { tables: [parseArptables(listed.stdout)], unknowns: [] }
    : {
        tables: [],
        unknowns: ['The rules of legacy arptables could not be read: its command does not work here.'],
      };
}
