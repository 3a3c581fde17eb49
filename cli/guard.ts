import type { CommandContext } from './command-context.ts';

/** Adds `hoplab guard`, which nobody types: it removes the demo's sandbox when the demo is gone. */
export function registerGuard({ program }: CommandContext): void {
  program
    .command('guard', { hidden: true })
    .argument('<sandbox>')
    .action(async (sandbox: string) => {
      const { guardSandbox } = await import('../labs/sandbox/guard.ts');
      await guardSandbox(sandbox);
    });
}
