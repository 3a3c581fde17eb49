import { constants, openSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { Socket } from 'node:net';
import { denied } from '../model/fact.ts';
import { withFacts, type Snapshot } from '../model/snapshot.ts';
import type { FactSource } from '../source.ts';
import { isObject, parseJson } from '../host/external-json.ts';

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

/** Reads a file (or a pipe, as of `<(zcat FILE)`) that `hoplab snapshot` wrote. Throws `SnapshotError`. */
export async function loadSnapshot(file: string, signal?: AbortSignal): Promise<Snapshot> {
  const value = parseJson(await readText(file, signal));
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

async function readText(file: string, signal: AbortSignal | undefined): Promise<string> {
  try {
    // Opening a pipe that nobody writes into would wait in the kernel, where no Ctrl-C is heard.
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const status = await handle.stat();
      if (status.isFIFO()) return await readPipe(handle, file, signal);
      if (!status.isFile()) throw new SnapshotError('unreadable', `${file} is not a file.`);
      if (status.size > MAXIMUM_BYTES) throw tooLarge(file);
      return await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof SnapshotError || signal?.aborted) throw error;
    throw new SnapshotError('unreadable', `${file} could not be read: ${reason(error)}.`);
  }
}

/** What comes out of a pipe until its last writer leaves it. */
async function readPipe(handle: FileHandle, file: string, signal: AbortSignal | undefined): Promise<string> {
  // It closes the descriptor that it is given: it gets one of its own.
  const own = openSync(`/proc/self/fd/${handle.fd}`, constants.O_RDONLY | constants.O_NONBLOCK);
  const pipe = new Socket({ fd: own, readable: true, writable: false, ...(signal && { signal }) });
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of pipe as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAXIMUM_BYTES) throw tooLarge(file);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const tooLarge = (file: string): SnapshotError =>
  new SnapshotError('too-large', `${file} is too large to be a snapshot.`);

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
