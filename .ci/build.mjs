/**
 * Builds dist/: the command line tool and the extension (ES modules, split so that a command or view loads only what it
 * needs), and the browser code of the webviews. `--watch` rebuilds on change, `--only cli|extension|webview` builds one.
 */
import { cp, readdir, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build, context } from 'esbuild';

const watch = process.argv.includes('--watch');
const only = process.argv.includes('--only') ? process.argv[process.argv.indexOf('--only') + 1] : null;
const leftOut = fileURLToPath(new URL('left-out.cjs', import.meta.url));
const common = {
  bundle: true,
  sourcemap: 'linked',
  logLevel: 'warning',
  minify: !watch,
  alias: { ssh2: leftOut, '@grpc/grpc-js': leftOut, '@grpc/proto-loader': leftOut, protobufjs: leftOut },
};

/** Some dependencies are CommonJS and call require() for Node's own modules. */
const requireInModules = {
  js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
};

const targets = [
  {
    ...common,
    entryPoints: { hoplab: 'cli/main.ts' },
    outdir: 'dist/cli',
    platform: 'node',
    target: 'node20',
    format: 'esm',
    splitting: true,
    outExtension: { '.js': '.mjs' },
    chunkNames: 'chunks/[name]-[hash]',
    banner: requireInModules,
  },
  {
    ...common,
    entryPoints: { extension: 'extension/main.ts' },
    outdir: 'dist/extension',
    platform: 'node',
    target: 'node20',
    format: 'esm',
    splitting: true,
    outExtension: { '.js': '.mjs' },
    chunkNames: 'chunks/[name]-[hash]',
    banner: requireInModules,
    external: ['vscode'],
  },
  {
    ...common,
    entryPoints: {
      map: 'webview/map/main.ts',
      guide: 'webview/guide/main.ts',
      diagnosis: 'webview/diagnosis/main.ts',
    },
    outdir: 'dist/webview',
    platform: 'browser',
    target: 'chrome120',
    format: 'esm',
    tsconfig: 'webview/tsconfig.json',
    loader: { '.ttf': 'file' },
    assetNames: '[name]',
  },
];

await rm(only ? `dist/${only}` : 'dist', { recursive: true, force: true });
const present = [];
for (const target of targets.filter(({ outdir }) => !only || outdir === `dist/${only}`)) {
  const entries = Object.values(target.entryPoints);
  const files = await Promise.all(
    entries.map((entry) => readdir(entry.slice(0, entry.lastIndexOf('/'))).catch(() => [])),
  );
  if (files.every((list) => list.includes('main.ts'))) present.push(target);
}
for (const target of present) {
  if (watch) await (await context(target)).watch();
  else await build(target);
}
if (!only || only === 'cli') {
  for (const labs of ['catalog', 'demo']) await cp(`labs/${labs}`, `dist/${labs}`, { recursive: true });
  await copyNativeLibraries();
}

/** Beside the chunks, where koffi looks: its binary for each C library of this processor, as far as npm has installed it. */
async function copyNativeLibraries() {
  const installed = `node_modules/@koromix/koffi-linux-${process.arch}`;
  for (const { name } of await readdir(installed, { withFileTypes: true }).then(
    (entries) => entries.filter((entry) => entry.isDirectory()),
    () => [],
  ))
    await cp(`${installed}/${name}/koffi.node`, `dist/build/koffi/${name}/koffi.node`);
}
