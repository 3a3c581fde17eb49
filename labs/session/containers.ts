import { execa } from 'execa';
import type { LabTopology } from '../format/topology-schema.ts';
import type { LabHost } from '../sandbox/lab-host.ts';

type HostPlan = LabTopology['hosts'][string];

/** The image of a lab's containers: the installed static busybox and nothing else, made in a moment, without a registry. */
const IMAGE = 'hoplab/busybox';
const BUSYBOX = '/bin/busybox';
const APPLETS = [
  'sh',
  'ip',
  'ping',
  'wget',
  'nc',
  'cat',
  'ls',
  'sleep',
  'hostname',
  'httpd',
  'route',
  'nslookup',
];

/** Makes the networks and starts the containers of a host; their PIDs as the host numbers them. */
export async function startContainers(
  host: LabHost,
  plan: HostPlan,
): Promise<ReadonlyMap<string, { readonly pid: number }>> {
  const containers = Object.entries(plan.containers);
  if (plan.docker === false) return new Map();
  const docker = async (...argv: string[]): Promise<string> => {
    const [file = '', ...enter] = host.enter;
    return (await execa(file, [...enter, 'docker', ...argv])).stdout.trim();
  };
  for (const [name, network] of Object.entries(plan.networks))
    await docker(
      ...['network', 'create', '--driver', network.driver],
      ...(network.subnet === undefined ? [] : ['--subnet', network.subnet]),
      ...(network.gateway === undefined ? [] : ['--gateway', network.gateway]),
      ...(network.internal ? ['--internal'] : []),
      ...Object.entries(network.options).flatMap(([key, value]) => ['--opt', `${key}=${value}`]),
      name,
    );
  if (containers.length > 0) await importImage(host);
  const started = containers.map(async ([name, container]) => {
    const command =
      container.run ??
      (container.serve
        ? [
            'sh',
            '-c',
            `echo "$1" >/index.html; exec httpd -f -p "$2" -h /`,
            'sh',
            container.serve.text,
            String(container.serve.port),
          ]
        : ['sleep', '2147483647']);
    await docker(
      ...['run', '--detach', '--name', name, '--hostname', name, '--network', container.network],
      ...container.publish.flatMap((port) => ['--publish', port]),
      ...container.options,
      IMAGE,
      ...command,
    );
    const pid = Number(await docker('inspect', '--format', '{{.State.Pid}}', name));
    return [name, { pid }] as const;
  });
  return new Map(await Promise.all(started));
}

async function importImage(host: LabHost): Promise<void> {
  const [file = '', ...enter] = host.enter;
  const links = APPLETS.flatMap((name) => [`ln -s busybox bin/${name}`]).join('; ');
  const script = `set -e; cd "$(mktemp -d)"; mkdir -p bin tmp proc sys dev etc; cp "$1" bin/busybox; ${links}; tar -c . | docker import - "$2"`;
  await execa(file, [...enter, 'sh', '-c', script, 'sh', BUSYBOX, IMAGE]);
}
