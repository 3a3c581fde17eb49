import { open } from 'node:fs/promises';
import { denied } from '../model/fact.ts';
import { withFacts, type Snapshot } from '../model/snapshot.ts';
import type { FactSource } from '../source.ts';
import { isObject, parseJson } from './external-json.ts';

/** The schema that this version writes and reads. */
const SCHEMA = 1;

/** A whole machine with thousands of rules and connections takes some tens of megabytes. */
const MAXIMUM_BYTES = 512 * 1024 * 1024;

export type SnapshotProblem = 'unreadable' | 'too-large' | 'damaged' | 'newer';

/** A snapshot file that cannot be used; the message is a sentence for the user. */
export class SnapshotError extends Error {
  readonly problem: SnapshotProblem;
  constructor(problem: SnapshotProblem, message: string) {
    super(message);
    this.name = 'SnapshotError';
    this.problem = problem;
  }
}

/** Reads a file that `hoplab snapshot` wrote. Throws `SnapshotError`. */
export async function loadSnapshot(file: string): Promise<Snapshot> {
  const value = parseJson(await readText(file));
  if (!isObject(value))
    throw new SnapshotError('damaged', `${file} is not a snapshot: it holds no JSON object.`);
  const { schema } = value;
  if (typeof schema === 'number' && schema > SCHEMA)
    throw new SnapshotError(
      'newer',
      `${file} was written by a newer Hoplab (schema ${schema}): update Hoplab to read it.`,
    );
  // The schema's library is loaded only where a file is read.
  const { snapshotSchema } = await import('./snapshot-schema.ts');
  const result = snapshotSchema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue && issue.path.length > 0 ? ` at ${issue.path.join('.')}` : '';
  throw new SnapshotError('damaged', `${file} is not a complete snapshot: something is wrong${where}.`);
}

async function readText(file: string): Promise<string> {
  try {
    const handle = await open(file, 'r');
    try {
      const status = await handle.stat();
      if (!status.isFile()) throw new SnapshotError('unreadable', `${file} is not a file.`);
      if (status.size > MAXIMUM_BYTES)
        throw new SnapshotError('too-large', `${file} is too large to be a snapshot.`);
      return await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof SnapshotError) throw error;
    throw new SnapshotError('unreadable', `${file} could not be read: ${reason(error)}.`);
  }
}

function reason(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EACCES':
    case 'EPERM':
      return 'this user may not read it';
    case 'EISDIR':
      return 'it is a directory';
    default:
      return 'the system could not give its contents';
  }
}

/** Answers from a snapshot alone. What it does not hold cannot be had any more; nothing can be probed. */
export function snapshotSource(snapshot: Snapshot): FactSource {
  return {
    discover: () => Promise.resolve(snapshot),
    read(current, missing) {
      let result = current;
      for (const { namespace, fact } of missing)
        result = withFacts(result, namespace, (facts) =>
          facts[fact].state === 'unread'
            ? { ...facts, [fact]: denied('This is not in the snapshot.') }
            : facts,
        );
      return Promise.resolve(result);
    },
    probe: null,
  };
}
