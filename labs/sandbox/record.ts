import { link, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';

const identity = z.object({ pid: z.int().positive(), startTime: z.number(), bootId: z.string() });

/**
 * What is known of a sandbox outside of it. It lies beside the directory that was handed in, never in it: whoever is root in
 * the sandbox must not be able to name another process as the one to kill.
 */
const recordSchema = z.object({
  schema: z.literal(1),
  name: z.string(),
  lab: z.string(),
  /** `starting`: the process is the launcher; `running`: the one process of the sandbox. */
  state: z.enum(['starting', 'running']),
  process: identity,
  map: z.enum(['kernel', 'helpers', 'single']),
});

export type SandboxRecord = Readonly<z.infer<typeof recordSchema>>;

/** `router`, `router-2`: it becomes a file name and a word on a command line. */
const SANDBOX_NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;

const recordFile = (runtime: string, name: string): string => join(runtime, `${name}.json`);
export const handedIn = (runtime: string, name: string): string => join(runtime, name);

/** False: the name is taken. Whoever looks at the same time sees the whole record or none. */
export async function claim(runtime: string, record: SandboxRecord): Promise<boolean> {
  const draft = join(runtime, `.${record.process.pid}-${record.name}`);
  try {
    await writeFile(draft, JSON.stringify(record), { mode: 0o600 });
    await link(draft, recordFile(runtime, record.name));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

export async function update(runtime: string, record: SandboxRecord): Promise<void> {
  const file = recordFile(runtime, record.name);
  await writeFile(`${file}.new`, JSON.stringify(record), { mode: 0o600 });
  await rename(`${file}.new`, file);
}

/** Frees the name. */
export const forget = (runtime: string, name: string): Promise<void> =>
  rm(recordFile(runtime, name), { force: true });

/** Whether the name still belongs to this process, or to none: else somebody has swept it and started anew. */
export async function stillOf(
  runtime: string,
  name: string,
  owner: SandboxRecord['process'] | null,
): Promise<boolean> {
  const record = await readRecord(runtime, name);
  return (
    record === null || (record.process.pid === owner?.pid && record.process.startTime === owner.startTime)
  );
}

/** Names with a record or a directory; the record is null where it is missing or damaged. */
export async function listRecords(
  runtime: string,
): Promise<readonly { readonly name: string; readonly record: SandboxRecord | null }[]> {
  const names = new Set(
    (await readdir(runtime))
      .map((file) => file.replace(/\.json$/, ''))
      .filter((name) => SANDBOX_NAME.test(name)),
  );
  return Promise.all(
    [...names].sort().map(async (name) => ({ name, record: await readRecord(runtime, name) })),
  );
}

async function readRecord(runtime: string, name: string): Promise<SandboxRecord | null> {
  try {
    const record = recordSchema.parse(JSON.parse(await readFile(recordFile(runtime, name), 'utf8')));
    return record.name === name ? record : null;
  } catch {
    return null;
  }
}
