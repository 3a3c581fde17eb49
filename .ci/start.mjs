/**
 * `npm start`: the editor with Hoplab. Desktop VS Code where it is installed and can show a window, else the same workbench
 * in a browser, on this machine only, behind a password made for this run. Ctrl-C ends everything that was started.
 *
 * usage: npm start [-- --browser] [-- --port N]
 */
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { packageExtension } from './package.mjs';
import { findCommand, main, NotPrepared, prepare, run } from './prepare.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const VSIX = join(ROOT, 'hoplab.vsix');

await main(async () => {
  const { port, browser } = options();
  const code = browser ? undefined : desktopCode();
  prepare(code === undefined ? ['editor'] : []);
  if (code !== undefined) run('npm', ['run', '--silent', 'build'], { cwd: ROOT });
  else packageExtension(VSIX);
  const before = runningLabs();
  try {
    if (code === undefined) await startBrowserWorkbench(port);
    else await startDesktop(code);
  } finally {
    for (const lab of runningLabs()) if (!before.includes(lab)) hoplab('lab', 'stop', lab);
  }
});

function options() {
  try {
    const { values } = parseArgs({ options: { port: { type: 'string' }, browser: { type: 'boolean' } } });
    const port = values.port === undefined ? undefined : Number(values.port);
    if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65536))
      throw new NotPrepared(`"${values.port}" is no port: give a number from 1 to 65535.`);
    return { port, browser: values.browser ?? false };
  } catch (error) {
    if (error instanceof NotPrepared) throw error;
    throw new NotPrepared(`${error.message}\nusage: npm start [-- --browser] [-- --port N]`);
  }
}

function hoplab(...args) {
  const script = join(ROOT, 'dist/cli/hoplab.mjs');
  return spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
}

/** What runs already was started elsewhere, and stays. */
function runningLabs() {
  const { status, stdout } = hoplab('lab', 'list', '--json');
  return status === 0 ? JSON.parse(stdout).labs.flatMap(({ running }) => running) : [];
}

/** VS Code refuses to run as root, and needs a screen. */
function desktopCode() {
  const screen = process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  return screen && process.getuid?.() !== 0 ? findCommand('code') : undefined;
}

async function startDesktop(code) {
  console.log('Opening VS Code with Hoplab. Look for the Hoplab icon in the activity bar; Ctrl-C ends it.');
  const child = spawn(code, ['--new-window', '--wait', `--extensionDevelopmentPath=${ROOT}`], {
    stdio: 'inherit',
  });
  await new Promise((resolve) => child.once('exit', resolve));
}

async function startBrowserWorkbench(port) {
  const { startServer } = await import('./workbench/server.mjs');
  const password = randomBytes(12).toString('base64url');
  const server = await startServer({
    directory: join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'hoplab/editor'),
    vsix: [VSIX],
    trustEverything: false,
    password,
    port,
  });
  console.log(`
  Hoplab      ${server.url}
  Password    ${password}
${process.env.SSH_CONNECTION ? `  From afar   ssh -L ${server.port}:127.0.0.1:${server.port} <this machine>\n` : ''}
  Open the address in a browser and look for the Hoplab icon in the activity bar. Ctrl-C ends everything.
`);
  const interrupted = new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => resolve(true));
  });
  if (await Promise.race([interrupted, server.ended.then(() => false)])) await server.pause();
  else throw new NotPrepared(`The editor ended by itself; ${join(server.directory, 'server.log')} says why.`);
}
