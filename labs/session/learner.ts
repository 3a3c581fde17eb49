import { mkdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The learner's events.jsonl: it outlives every lab. */
export async function eventsFile(): Promise<string> {
  const state = process.env['XDG_STATE_HOME'] || join(homedir(), '.local/state');
  const directory = join(state, 'hoplab');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  return join(directory, 'events.jsonl');
}

/** The learner's progress so far, a line of JSON an event; empty where there is none. */
export const readEvents = async (): Promise<string> => readFile(await eventsFile(), 'utf8').catch(() => '');
