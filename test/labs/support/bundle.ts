import { build } from 'esbuild';
import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Bundles a program for a sandbox into a directory of its own that everybody can read; the directory. */
export async function bundle(entries: Record<string, string>): Promise<string> {
  const outdir = await mkdtemp(join(tmpdir(), 'hoplab-app-'));
  await chmod(outdir, 0o755);
  await build({
    entryPoints: entries,
    outdir,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    logLevel: 'warning',
    outExtension: { '.js': '.mjs' },
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  });
  return outdir;
}
