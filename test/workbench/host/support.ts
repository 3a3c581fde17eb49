import * as vscode from 'vscode';
import type { Hoplab } from '../../../extension/hoplab.ts';

/** The extension under test, as VS Code sees it. */
export function hoplabExtension(): vscode.Extension<Hoplab> {
  const extension = vscode.extensions.getExtension<Hoplab>('hoplab.hoplab');
  if (!extension) throw new Error('VS Code has not loaded Hoplab');
  return extension;
}

export const activate = async (): Promise<Hoplab> => hoplabExtension().activate();

/** Waits for a fact; `what` says which, where it does not come. */
export async function until<T>(
  what: string,
  look: () => T | undefined | null | false | Promise<T | undefined | null | false>,
  milliseconds = 60_000,
): Promise<T> {
  const end = Date.now() + milliseconds;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== null && found !== false) return found;
    if (Date.now() > end) throw new Error(`still waiting for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
