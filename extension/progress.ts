import * as vscode from 'vscode';
import { Cancelled } from './problem.ts';

const QUIET_MILLISECONDS = 1000;

/**
 * Runs a task; from one second on a notification shows its title and lets the user cancel it.
 * @throws Cancelled where the user did
 */
export async function withProgress<T>(title: string, task: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const running = task(controller.signal);
  const finished = running.then(
    () => undefined,
    () => undefined,
  );
  const timer = setTimeout(() => {
    void vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title, cancellable: true },
      async (_progress, token) => {
        token.onCancellationRequested(() => controller.abort(new Cancelled('cancelled')));
        await finished;
      },
    );
  }, QUIET_MILLISECONDS);
  try {
    return await running;
  } catch (error) {
    throw controller.signal.aborted ? new Cancelled('cancelled') : error;
  } finally {
    clearTimeout(timer);
  }
}
