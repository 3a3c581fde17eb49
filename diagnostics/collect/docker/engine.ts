import { statSync } from 'node:fs';
import { release } from 'node:os';
import { atMost } from '../../host/limit.ts';
import { absent, denied, known, type Fact } from '../../model/fact.ts';
import type { Container, Engine } from '../../model/container.ts';
import { isObject, numberField, objects, stringField } from '../../host/external-json.ts';
import { connectEngine, UnsupportedEndpoint, type EngineClient } from './client.ts';
import type { EngineEndpoint } from './endpoint.ts';
import { parseContainer, parseNetworks } from './parse.ts';

/** An engine's own words, before its containers are looked for among our processes. */
export interface EngineAnswer {
  readonly engine: Omit<Engine, 'foreign' | 'containers' | 'namespace'>;
  readonly containers: readonly Omit<Container, 'namespace'>[];
  /** Its socket is a file here and it says to run our kernel: what there is to go by while it runs no container. */
  readonly seemsLocal: boolean;
  /** The network that it has for itself (rootlesskit), by its inode. */
  readonly network?: number;
}

const PARALLEL_REQUESTS = 16;

/** Asks an engine for what it runs. Absent: no engine; denied: one that we may not ask, or that does not answer. */
export async function askEngine(endpoint: EngineEndpoint): Promise<Fact<EngineAnswer>> {
  try {
    assertSocket(endpoint);
    const client = await connectEngine(endpoint);
    const [version, list, networks] = await Promise.all([
      client.version(),
      client.containers(),
      client.networks(),
    ]);
    const about = isObject(version) ? version : {};
    if (stringField(about, 'ApiVersion') === undefined || !Array.isArray(list)) return notAnEngine(endpoint);
    return known({
      engine: {
        kind: 'docker',
        version: stringField(about, 'Version') ?? '',
        endpoint: endpoint.url,
        networks: parseNetworks(networks),
      },
      containers: await inspectAll(client, list),
      seemsLocal: endpoint.url.startsWith('unix://') && stringField(about, 'KernelVersion') === release(),
    });
  } catch (error) {
    return failure(error, endpoint);
  }
}

/** Throws what connecting would throw, without loading what connects: most machines without Docker have no socket. */
function assertSocket({ url }: EngineEndpoint): void {
  if (url.startsWith('unix://')) statSync(url.slice('unix://'.length));
}

async function inspectAll(
  client: EngineClient,
  list: unknown,
): Promise<readonly Omit<Container, 'namespace'>[]> {
  const limited = atMost(PARALLEL_REQUESTS);
  const ids = objects(list).flatMap((item) => stringField(item, 'Id') ?? []);
  const answers = await Promise.all(
    ids.map((id) =>
      // One that was removed since the list was made is no error.
      limited(() => client.container(id).catch(() => null)),
    ),
  );
  return answers.flatMap((answer) => parseContainer(answer) ?? []);
}

const notAnEngine = ({ url }: EngineEndpoint): Fact<never> =>
  denied(`What answers at ${url} is not a Docker engine: correct DOCKER_HOST or the docker context.`);

function failure(error: unknown, endpoint: EngineEndpoint): Fact<never> {
  const { url, named } = endpoint;
  if (error instanceof UnsupportedEndpoint) return denied(error.message);
  const status = isObject(error) ? numberField(error, 'statusCode') : undefined;
  if (status !== undefined)
    return denied(
      `The Docker engine at ${url} answered with an error (HTTP status ${status}): see what "docker version" says.`,
    );
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return denied(
        `The Docker engine at ${url} may not be asked by this user: run the same with sudo to see its containers.`,
      );
    case 'ENOENT':
    case 'ECONNREFUSED':
      return named
        ? denied(
            `There is no Docker engine at ${url}: start it, or correct DOCKER_HOST or the docker context.`,
          )
        : absent;
    case 'ENOTSOCK':
    case 'EISDIR':
      return notAnEngine(endpoint);
    default:
      if (code?.startsWith('HPE_') === true) return notAnEngine(endpoint);
      return denied(`The Docker engine at ${url} did not answer: see whether "docker version" does.`);
  }
}
