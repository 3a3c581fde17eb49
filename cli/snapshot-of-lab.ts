import type { Snapshot } from '../diagnostics/model/snapshot.ts';
import { connectSession } from '../labs/session/client.ts';
import { findLab } from '../labs/session/find-lab.ts';
import { asLabProblem } from './lab/problem.ts';
import { languageOf } from './language.ts';
import type { Terminal } from './terminal.ts';

/** All facts of a running lab's hosts and nodes, as its session reads them now. Throws `CommandError`. */
export async function snapshotOfLab(name: string | undefined, { env, signal }: Terminal): Promise<Snapshot> {
  try {
    const { socket } = await findLab(name, env);
    const client = await connectSession(socket, signal);
    try {
      return await client.request('snapshot', { language: languageOf(env) }, signal);
    } finally {
      client.close();
    }
  } catch (error) {
    throw asLabProblem(error, languageOf(env));
  }
}
