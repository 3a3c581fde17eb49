import type { CommandContext } from './command-context.ts';
import { CommandError, EXIT } from './exit.ts';

/** Adds `hoplab session`, which nobody types: what runs in the sandbox of a lab. It ends with the lab. */
export function registerSession({ program }: CommandContext): void {
  program.command('session', { hidden: true }).action(async () => {
    const sandbox = process.env['HOPLAB_SANDBOX'];
    if (sandbox === undefined)
      throw new CommandError(
        'this runs in the sandbox of a lab; start one: hoplab lab start router',
        EXIT.usage,
      );
    const { runSession } = await import('../labs/session/main.ts');
    await runSession(sandbox);
    await new Promise(() => undefined);
  });
}
