import { execa } from 'execa';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { LabHost } from './lab-host.ts';
import { INSIDE } from './scripts.ts';

/** A Docker engine of a lab host. In the host it listens where every client looks: /var/run/docker.sock. */
export interface LabEngine {
  /** Where the session process, outside of the host, reaches it: `unix:///…`. */
  readonly endpoint: string;
  /** How long it took until its API answered. */
  readonly milliseconds: number;
}

/** dockerd --rootless does not start without this name on its PATH; here, where the engine's network is its own, it is the plain proxy. */
const PROXY = '#!/bin/sh\nexec docker-proxy "$@"\n';

/**
 * Starts a Docker engine in a lab host and returns when its API answers. It dies with the host.
 * @param options more of dockerd's own options
 * @throws Error with the engine's last words
 */
export async function startEngine(host: LabHost, options: readonly string[] = []): Promise<LabEngine> {
  const directory = `${INSIDE}/engine-${host.name}`;
  const socket = `${directory}/s`;
  // Of a host of this name that is gone: a new host has a new engine.
  await rm(directory, { recursive: true, force: true });
  await mkdir(`${directory}/home`, { recursive: true });
  await mkdir(`${directory}/bin`, { recursive: true });
  await writeFile(`${directory}/bin/rootlesskit-docker-proxy`, PROXY, { mode: 0o755 });
  const [file = '', ...enter] = host.enter;
  const began = Date.now();
  const engine = execa(
    file,
    [
      ...enter,
      ...['dockerd', '--rootless', '--userland-proxy=false', '--shutdown-timeout', '1'],
      ...['-H', `unix://${socket}`, '-H', 'unix:///run/docker.sock'],
      ...['--data-root', `${directory}/data`, '--exec-root', '/run/dx', '--pidfile', '/run/docker.pid'],
      ...options,
    ],
    {
      reject: false,
      cleanup: false,
      stdin: 'ignore',
      stdout: 'ignore',
      stderr: { file: `${directory}/log` },
      env: {
        HOME: `${directory}/home`,
        PATH: `${directory}/bin:${process.env['PATH']}`,
        XDG_RUNTIME_DIR: '/run',
        // dockerd --rootless looks for these and then does without rootlesskit; all three name this namespace's root.
        ROOTLESSKIT_STATE_DIR: '/run',
        ROOTLESSKIT_PARENT_EUID: '0',
        ROOTLESSKIT_PARENT_EGID: '0',
      },
    },
  );
  let ended = false;
  void engine.then(() => {
    ended = true;
  });
  while (!(await ping(socket))) {
    if (ended) {
      const log = await readFile(`${directory}/log`, 'utf8');
      throw new Error(`the Docker engine of ${host.name} did not start: ${log.trim().split('\n').at(-1)}`);
    }
    await delay(20);
  }
  return { endpoint: `unix://${socket}`, milliseconds: Date.now() - began };
}

const ping = (socketPath: string): Promise<boolean> =>
  new Promise((resolve) => {
    const asked = request({ socketPath, path: '/_ping', timeout: 2000 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    asked.once('timeout', () => asked.destroy());
    asked.once('error', () => resolve(false));
    asked.end();
  });
