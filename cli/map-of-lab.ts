import type { Topology } from '../diagnostics/model/topology.ts';
import { connectSession } from '../labs/session/client.ts';
import { findLab } from '../labs/session/find-lab.ts';
import { asLabProblem } from './lab/problem.ts';
import { languageOf } from './language.ts';
import type { Terminal } from './terminal.ts';

/** The topology as a running lab's session sees it: all its hosts and nodes. Throws `CommandError`. */
export async function mapOfLab(name: string | undefined, { env, signal }: Terminal): Promise<Topology> {
  try {
    const { socket } = await findLab(name, env);
    const client = await connectSession(socket, signal);
    try {
      return await client.request('map', { language: languageOf(env) });
    } finally {
      client.close();
    }
  } catch (error) {
    throw asLabProblem(error, languageOf(env));
  }
}
