/**
 * Makes a fresh clone ready: npm packages, and the Debian packages of the named groups. As root it installs what is
 * missing; otherwise it prints the one line that does and stops. Plain JavaScript without dependencies: it is what runs
 * before there are any.
 *
 * usage: node .ci/prepare.mjs [GROUP…]      groups: base (always), editor, browser, tests, bench
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** A package counts as there if dpkg says so, or if `command` is found: docker-ce serves as well as docker.io. */
const GROUPS = {
  base: [
    { name: 'iproute2', command: 'ip' },
    { name: 'iptables', command: 'iptables' },
    { name: 'nftables', command: 'nft' },
    { name: 'docker.io', command: 'dockerd' },
    { name: 'conntrack', command: 'conntrack' },
    { name: 'tcpdump', command: 'tcpdump' },
    { name: 'uidmap', command: 'newuidmap' },
    { name: 'busybox-static' },
    { name: 'tini', command: 'tini-static' },
    { name: 'iputils-ping', command: 'ping' },
    { name: 'procps', command: 'sysctl' },
    { name: 'ethtool', command: 'ethtool' },
  ],
  editor: [
    { name: 'libkrb5-dev' },
    { name: 'pkg-config', command: 'pkg-config' },
    { name: 'build-essential', command: 'g++' },
    { name: 'python3', command: 'python3' },
  ],
  browser: [{ name: 'chromium', command: 'chromium' }, { name: 'fonts-noto-cjk' }],
  // Rules that look into ipset's sets; the tool itself does without, and says what it could not read. A router that advertises. Threads that go their own ways.
  tests: [
    { name: 'ipset', command: 'ipset' },
    { name: 'radvd', command: 'radvd' },
    { name: 'bpftool', command: 'bpftool' },
    { name: 'python3', command: 'python3' },
    { name: 'openvswitch-switch', command: 'ovs-vswitchd' },
    // WireGuard where the kernel has none.
    { name: 'wireguard-go', command: 'wireguard-go' },
    { name: 'wireguard-tools', command: 'wg' },
    // Podman with both makers of networks, and what gives an ordinary user's containers and engine one.
    { name: 'podman', command: 'podman' },
    { name: 'crun', command: 'crun' },
    { name: 'netavark' },
    { name: 'aardvark-dns' },
    { name: 'containernetworking-plugins' },
    { name: 'golang-github-containernetworking-plugin-dnsname' },
    { name: 'slirp4netns', command: 'slirp4netns' },
    { name: 'rootlesskit', command: 'rootlesskit' },
  ],
  bench: [
    { name: 'mininet', command: 'mn' },
    { name: 'plotnetcfg', command: 'plotnetcfg' },
  ],
};

export class NotPrepared extends Error {}

/** @param {readonly (keyof typeof GROUPS)[]} groups `base` is always among them. */
export function prepare(groups = []) {
  requireNode();
  installDebianPackages(['base', ...groups.filter((group) => group !== 'base')]);
  installNpmPackages();
}

/** Where a command is, looked for in PATH and the folders of the system administrator's tools; undefined if nowhere. */
export function findCommand(command) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin', '/usr/local/bin'];
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, command))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

function requireNode() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20) {
    throw new NotPrepared(
      `Hoplab needs Node 20 or later; this is ${process.versions.node}. Get one from https://nodejs.org.`,
    );
  }
}

function installDebianPackages(groups) {
  const wanted = groups.flatMap((group) => GROUPS[group]);
  const missing = wanted.filter((entry) => !isThere(entry)).map((entry) => entry.name);
  if (missing.length === 0) return;
  if (findCommand('apt-get') === undefined) {
    throw new NotPrepared(
      `Some tools are missing, and this is not Debian or Ubuntu. Install what these packages give there: ${missing.join(' ')}`,
    );
  }
  if (process.getuid?.() !== 0) {
    throw new NotPrepared(
      'Some Debian packages are missing. Install them with this line, then start again:\n' +
        `  sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing.join(' ')}`,
    );
  }
  console.log(`Installing Debian packages: ${missing.join(' ')}`);
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  withoutServices(() => {
    run('apt-get', ['update', '-q'], { env: environment, quiet: true });
    run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...missing], {
      env: environment,
      quiet: true,
    });
  });
}

function isThere({ name, command }) {
  const query = spawnSync('dpkg-query', ['-W', '-f', '${db:Status-Status}', name], { encoding: 'utf8' });
  if (query.status === 0 && query.stdout === 'installed') return true;
  return command !== undefined && findCommand(command) !== undefined;
}

/** Keeps packages from starting their services: a Docker engine on the machine itself is nothing we ask for. */
function withoutServices(action) {
  const guard = '/usr/sbin/policy-rc.d';
  if (existsSync(guard)) return action();
  const remove = () => rmSync(guard, { force: true });
  const interrupted = () => {
    remove();
    process.exit(130);
  };
  writeFileSync(guard, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  try {
    return action();
  } finally {
    remove();
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
  }
}

function installNpmPackages() {
  if (npmPackagesAreCurrent()) return;
  console.log('Installing npm packages …');
  run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: ROOT, quiet: true });
}

/** Compares what npm noted in node_modules with the lock, package by package; times of files say nothing in a clone. */
function npmPackagesAreCurrent() {
  const installed = readPackages(join(ROOT, 'node_modules/.package-lock.json'));
  const locked = readPackages(join(ROOT, 'package-lock.json'));
  if (installed === undefined || locked === undefined) return false;
  return Object.entries(locked).every(
    ([path, { version, optional, devOptional }]) =>
      path === '' || optional === true || devOptional === true || installed[path]?.version === version,
  );
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/** Runs to the end; `quiet` shows the output only if it fails. */
export function run(command, args, { quiet = false, ...options } = {}) {
  const result = spawnSync(command, args, {
    stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    ...options,
  });
  if (result.status === 0) return;
  if (quiet) process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`);
  throw new NotPrepared(
    `"${command} ${args[0] ?? ''}" failed${result.error ? `: ${result.error.message}` : ` with status ${result.status}`}.`,
  );
}

/** Runs a script's main function; says in one line what is missing. */
export async function main(action) {
  try {
    await action();
  } catch (error) {
    if (!(error instanceof NotPrepared)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const groups = process.argv.slice(2);
  const unknown = groups.find((group) => !Object.hasOwn(GROUPS, group));
  await main(() => {
    if (unknown !== undefined) {
      throw new NotPrepared(`No group "${unknown}"; there are ${Object.keys(GROUPS).join(', ')}.`);
    }
    prepare(groups);
  });
}
