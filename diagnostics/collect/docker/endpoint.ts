import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { isObject, objectField, parseJson, stringField, type JsonObject } from '../../host/external-json.ts';

const DEFAULT_ENDPOINT = 'unix:///var/run/docker.sock';

/** Where the engine is, and whether somebody said so: then its silence is worth a word. */
export interface EngineEndpoint {
  readonly url: string;
  readonly named: boolean;
  /** Directory with ca.pem, cert.pem and key.pem, for TLS. */
  readonly certificates?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The engine that the docker client would use: DOCKER_HOST, else the context of DOCKER_CONTEXT or `docker context use`, else
 * the default socket. Where that is not there, the one that a rootless engine makes for this user.
 * See resolveContextName() in docker/cli's cli/command/cli.go.
 */
export function clientEndpoint(environment: Environment = process.env): EngineEndpoint {
  const directory = environment['DOCKER_CONFIG'] ?? join(environment['HOME'] ?? homedir(), '.docker');
  const host = environment['DOCKER_HOST'];
  if (host) {
    const verify = Boolean(environment['DOCKER_TLS_VERIFY']);
    return {
      url: host,
      named: true,
      ...(verify ? { certificates: environment['DOCKER_CERT_PATH'] ?? directory } : {}),
    };
  }
  const context =
    environment['DOCKER_CONTEXT'] ??
    stringField(readObject(join(directory, 'config.json')), 'currentContext');
  if (context && context !== 'default') {
    const id = createHash('sha256').update(context).digest('hex');
    const meta = readObject(join(directory, 'contexts/meta', id, 'meta.json'));
    const url = stringField(objectField(objectField(meta, 'Endpoints'), 'docker'), 'Host');
    const tls = join(directory, 'contexts/tls', id, 'docker');
    if (url) return { url, named: true, ...(existsSync(tls) ? { certificates: tls } : {}) };
  }
  const runtime = environment['XDG_RUNTIME_DIR'];
  const rootless = runtime === undefined ? null : join(runtime, 'docker.sock');
  if (!existsSync('/var/run/docker.sock') && rootless !== null && existsSync(rootless))
    return { url: `unix://${rootless}`, named: false };
  return { url: DEFAULT_ENDPOINT, named: false };
}

function readObject(file: string): JsonObject {
  try {
    const value = parseJson(readFileSync(file, 'utf8'));
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}
