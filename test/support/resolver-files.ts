import { execa } from 'execa';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface ResolverTexts {
  readonly resolv?: string;
  readonly hosts?: string;
  readonly nsswitch?: string;
}

/** A copy of /etc lies over the sandbox's own until `close()`, with resolver files of a test's choice: what is written there is gone then. */
export async function layResolverFiles(): Promise<{
  readonly write: (texts: ResolverTexts) => Promise<void>;
  readonly close: () => Promise<void>;
}> {
  const directory = await mkdtemp(join(tmpdir(), 'etc-'));
  // What only the machine's administrator may read stays behind.
  await execa('cp', ['-r', '/etc/.', directory], { reject: false });
  for (const file of ['resolv.conf', 'hosts', 'nsswitch.conf'])
    await rm(join(directory, file), { force: true });
  await rm(join(directory, 'netns'), { recursive: true, force: true });
  await execa('mount', ['--bind', directory, '/etc']);
  const write = async ({
    resolv = '',
    hosts = '127.0.0.1 localhost\n',
    nsswitch = 'hosts: files dns\n',
  }: ResolverTexts): Promise<void> => {
    await writeFile('/etc/resolv.conf', resolv);
    await writeFile('/etc/hosts', hosts);
    await writeFile('/etc/nsswitch.conf', nsswitch);
  };
  await write({});
  return {
    write,
    close: async () => {
      await execa('umount', ['-l', '/etc']);
      await rm(directory, { recursive: true, force: true });
    },
  };
}
