import { build } from 'esbuild';
import { execa } from 'execa';
import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandLineResult } from './command-line.ts';

/** Who runs it: the sandbox's root, an ordinary user of it, or whom these words before a command make. */
export type As = 'root' | 'user' | readonly string[];

export interface BuiltCommand {
  run(as: As, argv: readonly string[], env?: Readonly<Record<string, string>>): Promise<CommandLineResult>;
}

/** As .ci/build.mjs builds it (in parts, minified), in a directory that every user of the sandbox can read. */
export async function buildCommand(): Promise<BuiltCommand> {
  const outdir = await mkdtemp(join(tmpdir(), 'hoplab-cli-'));
  await chmod(outdir, 0o755);
  const leftOut = join(process.cwd(), '.ci/left-out.cjs');
  await build({
    entryPoints: { hoplab: 'cli/main.ts' },
    outdir,
    bundle: true,
    splitting: true,
    minify: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    logLevel: 'error',
    outExtension: { '.js': '.mjs' },
    chunkNames: 'chunks/[name]-[hash]',
    alias: {
      ssh2: leftOut,
      '@grpc/grpc-js': leftOut,
      '@grpc/proto-loader': leftOut,
      protobufjs: leftOut,
    },
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  });
  const file = join(outdir, 'hoplab.mjs');
  const become = ['setpriv', '--reuid', '1000', '--regid', '1000', '--clear-groups', '--inh-caps=-all'];
  return {
    async run(as, argv, env = {}) {
      const words = [...(as === 'user' ? become : as === 'root' ? [] : as), process.execPath, file, ...argv];
      const [tool = '', ...rest] = words;
      const { exitCode, stdout, stderr } = await execa(tool, rest, {
        reject: false,
        stdin: 'ignore',
        cwd: '/',
        env: { HOME: '/', LC_ALL: 'C.UTF-8', ...env },
      });
      return { status: exitCode ?? -1, stdout, stderr };
    },
  };
}
