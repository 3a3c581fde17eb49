import type { Machine, HostRoot, Output } from '../../host/machine.ts';
import { denied, known, type Fact } from '../../model/fact.ts';
import type { EngineAnswer } from '../docker/engine.ts';
import { objects, parseJson } from '../../host/external-json.ts';
import {
  parsePodNames,
  parsePodmanContainer,
  parsePodmanNetworks,
  podsOf,
  storedContainer,
} from './parse.ts';
import type { User } from '../users.ts';
import type { PodmanStore } from './stores.ts';

/** It answers in a tenth of a second, unless something holds its locks. */
const TIMEOUT_MILLISECONDS = 4000;

/**
 * Asks somebody's podman for its containers and networks, by commands that only read. One that has not been at work since the
 * machine started is not woken for this: then what its storage lists is all that is told, and nothing of it runs.
 */
export async function askPodman(
  machine: Machine,
  host: HostRoot,
  store: PodmanStore,
): Promise<Fact<EngineAnswer>> {
  const client = clientOf(store.user);
  const engine = {
    kind: 'podman' as const,
    ...(store.user === null ? {} : { tag: store.user.name, client }),
    ...(store.user === null && process.getuid?.() === 0 ? {} : { rootless: true }),
    version: '',
    endpoint: client.join(' '),
    networks: [],
  };
  if (!store.awake)
    return known({ engine, containers: store.containers.map(storedContainer), seemsLocal: true });
  const ask = (...words: readonly string[]): Promise<Output> =>
    machine.run(
      { host: host.id, namespace: null },
      {
        argv: [...readingAs(store.user), 'podman', ...words],
        enter: 'host',
        timeoutMilliseconds: TIMEOUT_MILLISECONDS,
      },
    );
  const [version, inspected, networks] = await Promise.all([
    ask('--version'),
    store.containers.length === 0
      ? null
      : ask('container', 'inspect', '--', ...store.containers.map(({ id }) => id)),
    ask('network', 'ls', '--format', 'json'),
  ]);
  const failed = inspected === null ? null : failure(inspected, engine.endpoint);
  if (failed !== null) return failed;
  // A container that was removed meanwhile makes the command fail, and the others are told all the same.
  const answers = objects(parseJson(inspected?.stdout ?? '[]'));
  const pods =
    podsOf(answers).length === 0 ? null : parseJson((await ask('pod', 'ps', '--format', 'json')).stdout);
  const podNames = parsePodNames(pods);
  return known({
    engine: {
      ...engine,
      version: /version (\S+)/.exec(version.stdout)?.[1] ?? '',
      networks: parsePodmanNetworks(parseJson(networks.stdout)),
    },
    containers: answers.flatMap((answer) => parsePodmanContainer(answer, podNames) ?? []),
    seemsLocal: true,
  });
}

/** How a person, as root, asks a user's podman. */
const clientOf = (user: User | null): readonly string[] =>
  user === null ? ['podman'] : ['runuser', '-u', user.name, '--', 'podman'];

/** As that user, with nothing of ours: neither our rights nor our environment. */
const readingAs = (user: User | null): readonly string[] =>
  user === null
    ? []
    : [
        ...['setpriv', `--reuid=${user.uid}`, `--regid=${user.gid}`, '--init-groups', '--'],
        ...['env', '--ignore-environment', '--chdir=/', 'PATH=/usr/local/bin:/usr/bin:/bin', 'LC_ALL=C'],
        ...[`HOME=${user.home}`, `USER=${user.name}`, `XDG_RUNTIME_DIR=/run/user/${user.uid}`],
      ];

function failure(output: Output, client: string): Fact<never> | null {
  if (output.stdout.trim().startsWith('[')) return null;
  if (output.problem === 'missing-tool') return { state: 'absent' };
  return denied(
    output.problem === 'timeout'
      ? `Podman did not answer in time: see whether "${client} ps" does.`
      : `Podman did not tell of its containers: see what "${client} ps" says.`,
  );
}
