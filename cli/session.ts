import type { CommandContext } from './command-context.ts';

/** Adds `hoplab session`, which nobody types: what runs in the sandbox of a lab. It ends with the lab. */
export function registerSession({ program }: CommandContext): void {
  program.command('session', { hidden: true }).action(async () => {
    const { runSession } = await import('../labs/session/main.ts');
    await runSession(process.env['HOPLAB_SANDBOX'] ?? '');
    await new Promise(() => undefined);
  });
}
