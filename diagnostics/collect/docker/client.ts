import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineEndpoint } from './endpoint.ts';

/** Access to an engine's socket equals root: these reading calls are all that this program makes. */
export interface EngineClient {
  version(): Promise<unknown>;
  containers(): Promise<unknown>;
  container(id: string): Promise<unknown>;
  networks(): Promise<unknown>;
}

/** An engine that is busy answers in milliseconds; one that does not answer at all must not hold up a diagnosis. */
const TIMEOUT_MILLISECONDS = 3000;

/** An engine that cannot be asked in this way; the message is a sentence for the user. */
export class UnsupportedEndpoint extends Error {}

/** dockerode is loaded only when there is an engine to ask. */
export async function connectEngine(endpoint: EngineEndpoint): Promise<EngineClient> {
  const options = connectionOptions(endpoint);
  const { default: Docker } = await import('dockerode');
  const docker = new Docker({ ...options, timeout: TIMEOUT_MILLISECONDS });
  return {
    version: () => inTime(docker.version()),
    containers: () => inTime(docker.listContainers({ all: true })),
    container: (id) => inTime(docker.getContainer(id).inspect()),
    networks: () => inTime(docker.listNetworks()),
  };
}

/** Of an answer as a whole; docker-modem's time limit ends the wait for its next part. */
const LONGEST_MILLISECONDS = 6000;

/** docker-modem says nothing ever of an answer that is shorter than was announced. */
async function inTime<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error('the answer did not end'));
    }, LONGEST_MILLISECONDS);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

type ConnectionOptions =
  | { readonly socketPath: string }
  | {
      readonly protocol: 'http' | 'https';
      readonly host: string;
      readonly port: number;
      readonly ca?: string;
      readonly cert?: string;
      readonly key?: string;
    };

export function connectionOptions({ url, certificates }: EngineEndpoint): ConnectionOptions {
  if (url.startsWith('unix://')) return { socketPath: url.slice('unix://'.length) };
  const match = /^(tcp|http|https):\/\/(\[[^\]]+\]|[^:/]+)(?::(\d+))?/.exec(url);
  if (!match?.[2])
    throw new UnsupportedEndpoint(
      `The Docker engine at ${url} was not asked: only unix and tcp endpoints are, set DOCKER_HOST to one.`,
    );
  const secure = certificates !== undefined || match[1] === 'https';
  const file = (name: string): string => {
    const path = join(certificates ?? '', name);
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      const reason = (error as NodeJS.ErrnoException).code ?? 'the system refused';
      throw new UnsupportedEndpoint(
        `The Docker engine at ${url} was not asked: its certificate ${path} could not be read (${reason}), correct DOCKER_CERT_PATH or the docker context.`,
      );
    }
  };
  return {
    protocol: secure ? 'https' : 'http',
    host: match[2].replace(/^\[|\]$/g, ''),
    port: Number(match[3] ?? (secure ? 2376 : 2375)),
    ...(certificates === undefined
      ? {}
      : { ca: file('ca.pem'), cert: file('cert.pem'), key: file('key.pem') }),
  };
}
