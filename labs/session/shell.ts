import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { enterSandbox } from '../sandbox/enter.ts';
import type { IdMap } from '../sandbox/id-map.ts';
import { INSIDE } from '../sandbox/scripts.ts';
import { findTool } from '../sandbox/tools.ts';
import type { LabNetwork } from './network.ts';
import type { LabNode } from './node.ts';
import type { ShellResult } from './protocol.ts';

const HOSTS = `${INSIDE}/hosts`;

/**
 * Runs in the sandbox, outside of its hosts: goes into the node, and after a reset, which removes the host with all that ran
 * in it, into the new one. `$1`: host, then the words that enter the node once in the host.
 */
const LOOP = `
host=$1; shift
while :; do
  if ! pid=$(cat "${HOSTS}/$host" 2>/dev/null); then sleep 0.05; continue; fi
  nsenter -t "$pid" --mount --net --uts --ipc --pid --wd=/ "$@"
  status=$?
  [ "$status" -eq 137 ] || exit "$status"
  stty sane 2>/dev/null
  printf '\\n(the lab was reset)\\n'
done
`;

const RC = `
[ -r /etc/bash.bashrc ] && . /etc/bash.bashrc
PS1='\\[\\e[1m\\]\${HOPLAB_NODE}\\[\\e[0m\\]# '
`;

/** Writes what every node shell needs: the `hoplab` command, a prompt. */
export async function prepareShells(): Promise<void> {
  await mkdir(`${INSIDE}/bin`, { recursive: true });
  await mkdir(HOSTS, { recursive: true });
  const [node, program] = [process.execPath, process.argv[1] ?? ''].map((word) =>
    word.replaceAll("'", `'\\''`),
  );
  const electron = 'electron' in process.versions ? 'ELECTRON_RUN_AS_NODE=1 ' : '';
  await writeFile(`${INSIDE}/bin/hoplab`, `#!/bin/sh\n${electron}exec '${node}' '${program}' "$@"\n`);
  await chmod(`${INSIDE}/bin/hoplab`, 0o755);
  await writeFile(`${INSIDE}/shellrc`, RC);
}

/** From now on shells find their hosts (again). */
export async function openShells(network: LabNetwork): Promise<void> {
  for (const { id, pid } of network.hosts) await writeFile(`${HOSTS}/${id}`, String(pid));
}

/** Shells that end because their host is gone wait for the next one. */
export async function holdShells(): Promise<void> {
  await rm(HOSTS, { recursive: true, force: true });
  await mkdir(HOSTS);
}

/** What a terminal on the machine has to run to be in a node. */
export async function shellInto(node: LabNode): Promise<ShellResult> {
  const pid = Number(process.env['HOPLAB_OUTER_PID']);
  const map = process.env['HOPLAB_ID_MAP'] as IdMap['by'];
  const home = '/run/home';
  const [bash, script] = await Promise.all([findTool('bash'), findTool('script')]);
  const plain = bash === null ? ['sh', '-i'] : ['bash', '--rcfile', `${INSIDE}/shellrc`, '-i'];
  // A terminal from outside belongs to a session of another PID namespace: with one of its own the shell has job control.
  const shell = script === null ? plain : ['script', '-qec', `exec ${plain.join(' ')}`, '/dev/null'];
  const variables = [
    `HOME=${home}`,
    `PATH=${INSIDE}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
    `HOPLAB_LAB=${INSIDE}/s`,
    `HOPLAB_NODE=${node.name}`,
    `HOPLAB_FROM=${node.endpoint}`,
    `PS1=${node.name}# `,
    'SHELL=/bin/sh',
    'USER=root',
    'LOGNAME=root',
  ];
  const inNode = ((): readonly string[] => {
    switch (node.kind) {
      case 'host':
        return ['env', '-C', home, ...variables, ...shell];
      case 'namespace':
        return ['nsenter', `--net=/run/netns/${node.name}`, 'env', '-C', home, ...variables, ...shell];
      case 'container':
        return ['docker', 'exec', '-it', node.name, 'sh'];
    }
  })();
  return {
    argv: [...enterSandbox(pid, map), 'sh', '-c', LOOP, 'hoplab-shell', node.host, ...inNode],
    env: {},
  };
}
