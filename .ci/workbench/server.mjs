/** Starts the browser workbench (code-server) on loopback, with data of its own; gone with the process that started it. */
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { findCommand, NotPrepared } from '../prepare.mjs';
import { workbench } from './install.mjs';

/** Hoplab needs none of the services that VS Code would call on. */
const SETTINGS = {
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'telemetry.telemetryLevel': 'off',
  'extensions.autoCheckUpdates': false,
  'chat.disableAIFeatures': true,
  // Without a graphics card the terminal's text would be pixels only.
  'terminal.integrated.gpuAcceleration': 'off',
};

export async function startServer({
  directory = mkdtempSync(join(tmpdir(), 'hoplab-workbench-')),
  folder,
  vsix = [],
  settings = {},
  environment = {},
  args = [],
  password,
  port,
  trustEverything = true,
} = {}) {
  const { node, entry } = workbench();
  const data = join(directory, 'data');
  const config = join(directory, 'config.yaml');
  mkdirSync(join(data, 'User'), { recursive: true });
  mkdirSync(join(directory, 'extensions'), { recursive: true });
  writeFileSync(config, '');
  writeSettings(join(data, 'User/settings.json'), settings);
  const env = { ...process.env, EXTENSIONS_GALLERY: '{"serviceUrl":""}', ...environment };
  delete env.VSCODE_IPC_HOOK_CLI;
  if (password !== undefined) env.PASSWORD = password;
  const common = [
    '--config',
    config,
    '--user-data-dir',
    data,
    '--extensions-dir',
    join(directory, 'extensions'),
  ];
  const logFile = join(directory, 'server.log');

  for (const file of vsix) {
    const status = await launch(
      node,
      [entry, ...common, '--install-extension', file, '--force'],
      env,
      logFile,
    ).ended;
    if (status !== 0) throw new NotPrepared(`${file} could not be installed; ${logFile} says why.`);
  }

  const chosenPort = port ?? (await freePort());
  const server = launch(
    node,
    [
      ...[entry, ...common, '--auth', password === undefined ? 'none' : 'password'],
      ...['--bind-addr', `127.0.0.1:${chosenPort}`, '--disable-telemetry', '--disable-update-check'],
      ...['--disable-getting-started-override', '-e'],
      ...(trustEverything ? ['--disable-workspace-trust'] : []),
      ...args,
      ...(folder === undefined ? [] : [folder]),
    ],
    env,
    logFile,
  );
  const url = `http://127.0.0.1:${chosenPort}`;
  await answering(url, server, logFile);
  return {
    url,
    port: chosenPort,
    directory,
    ended: server.ended,
    stop: async () => {
      await server.stop();
      rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
    },
    /** Stops it and keeps its data. */
    pause: server.stop,
  };
}

export const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

function writeSettings(file, settings) {
  let kept = {};
  try {
    kept = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // There are none yet, or a person wrote comments into them: ours are enough to start.
  }
  writeFileSync(file, JSON.stringify({ ...SETTINGS, ...kept, ...settings }, null, 2));
}

/** A process (and its children) that ends when we end, however that happens. */
function launch(command, args, env, logFile) {
  const guard = findCommand('setpriv');
  const [file, ...rest] =
    guard === undefined ? [command, ...args] : [guard, '--pdeathsig', 'TERM', command, ...args];
  const child = spawn(file, rest, { stdio: ['ignore', 'pipe', 'pipe'], env, detached: true });
  const log = createWriteStream(logFile, { flags: 'a' });
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const ended = new Promise((resolve) => child.once('exit', (status) => resolve(status ?? 1)));
  const signalGroup = (signal) => {
    try {
      process.kill(-child.pid, signal);
    } catch {
      // It is gone already.
    }
  };
  const stop = async () => {
    signalGroup('SIGTERM');
    const stubborn = setTimeout(() => signalGroup('SIGKILL'), 4000);
    await ended;
    clearTimeout(stubborn);
    log.end();
  };
  return { ended, stop, hasEnded: () => child.exitCode !== null || child.signalCode !== null };
}

async function answering(url, server, logFile) {
  const end = Date.now() + 60_000;
  for (;;) {
    const healthy = await fetch(`${url}/healthz`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (healthy) return;
    if (server.hasEnded() || Date.now() > end) {
      await server.stop();
      throw new NotPrepared(`The browser workbench did not start; ${logFile} says why.`);
    }
    await wait(50);
  }
}
