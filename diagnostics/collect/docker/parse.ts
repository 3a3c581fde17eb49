import { absent, unread } from '../../model/fact.ts';
import type { Container, ContainerNetwork, EngineNetwork, PublishedPort } from '../../model/container.ts';
import { proxySettings } from './proxy-settings.ts';
import {
  isObject,
  numberField,
  objectField,
  objects,
  optional,
  stringField,
  stringsField,
  type JsonObject,
} from '../../host/external-json.ts';

const STATES: readonly Container['state'][] = [
  'running',
  'paused',
  'restarting',
  'exited',
  'created',
  'dead',
  'removing',
];

/** What an engine says of a container, before its namespace is known. */
export type NamelessContainer = Omit<Container, 'namespace'>;

/** The answer of `GET /containers/ID/json`; null where it is none. */
export function parseContainer(answer: unknown): NamelessContainer | null {
  if (!isObject(answer)) return null;
  const id = stringField(answer, 'Id');
  if (id === undefined) return null;
  const state = objectField(answer, 'State');
  const config = objectField(answer, 'Config');
  const hostConfig = objectField(answer, 'HostConfig');
  const settings = objectField(answer, 'NetworkSettings');
  const name = (stringField(answer, 'Name') ?? id.slice(0, 12)).replace(/^\//, '');
  const pid = numberField(state, 'Pid') ?? 0;
  const mode = stringField(hostConfig, 'NetworkMode') ?? 'bridge';
  const wanted = publishedPorts(objectField(hostConfig, 'PortBindings'));
  // While it runs, the ports it has; else those it would have.
  const ports = pid > 0 ? publishedPorts(objectField(settings, 'Ports')) : wanted;
  // Port 0 is one that the engine chooses.
  const lacking = wanted.filter(
    ({ protocol, containerPort, hostPort }) =>
      hostPort !== 0 &&
      !ports.some((port) => port.protocol === protocol && port.containerPort === containerPort),
  );
  return {
    id,
    name,
    image: stringField(config, 'Image') ?? stringField(answer, 'Image') ?? '',
    state: STATES.find((known) => known === stringField(state, 'Status')) ?? (pid > 0 ? 'running' : 'exited'),
    restartCount: numberField(answer, 'RestartCount') ?? 0,
    ...optional('ended', pid > 0 ? undefined : endOf(state, wordsOf(answer))),
    pid,
    networkMode: mode === 'default' ? 'bridge' : mode,
    networks: Object.entries(objectField(settings, 'Networks')).flatMap(([network, value]) =>
      isObject(value) ? [membership(network, value, id, name)] : [],
    ),
    publishedPorts: ports,
    ...optional('unpublishedPorts', lacking.length > 0 ? lacking : undefined),
    exposedPorts: Object.keys(objectField(config, 'ExposedPorts')),
    resolver: pid > 0 ? unread : absent,
    ...optional('files', resolverFiles(answer)),
    ...optional('nameServers', someOf(stringsField(hostConfig, 'Dns'))),
    ...optional('proxies', proxySettings(stringsField(config, 'Env'))),
    ...optional('service', serviceOf(objectField(config, 'Labels'))),
  };
}

/** A container that was only created has status 0, and did not end. */
function endOf(state: JsonObject, words: readonly string[]): Container['ended'] | undefined {
  const status = numberField(state, 'ExitCode');
  const error = withoutWords(stringField(state, 'Error') ?? '', words) || undefined;
  if (status === undefined || (stringField(state, 'Status') === 'created' && error === undefined))
    return undefined;
  return {
    status,
    ...optional('error', error),
    ...(state['OOMKilled'] === true ? { outOfMemory: true as const } : {}),
  };
}

/** Of the command that it runs, all that may be an argument: a name of a program alone is none. */
function wordsOf(answer: JsonObject): readonly string[] {
  const program = stringField(answer, 'Path') ?? '';
  const named = /^[\w.+/][\w.+/-]*$/.test(program);
  return [...(named ? [] : [program]), ...stringsField(answer, 'Args')].filter((word) => word !== '');
}

/** An error of runc's quotes the command, whose arguments may hold secrets: `exec: "--password=x": executable file not found`. */
const withoutWords = (error: string, words: readonly string[]): string =>
  words.reduce(
    (text, word) => text.replaceAll(`"${word}"`, '"…"').replaceAll(`stat ${word}:`, 'stat …:'),
    error,
  );

/** Where the files that the container sees are written: the engine's own, or what its user laid over them. */
function resolverFiles(answer: JsonObject): Container['files'] | undefined {
  const mounts = objects(answer['Mounts']);
  const place = (path: string, own: string): string | undefined =>
    stringField(mounts.find((mount) => stringField(mount, 'Destination') === path) ?? {}, 'Source') ??
    (stringField(answer, own) || undefined);
  const files = {
    ...optional('hosts', place('/etc/hosts', 'HostsPath')),
    ...optional('resolvConf', place('/etc/resolv.conf', 'ResolvConfPath')),
  };
  return Object.keys(files).length > 0 ? files : undefined;
}

const someOf = (values: readonly string[]): readonly string[] | undefined =>
  values.length > 0 ? values : undefined;

/** Labels of compose and of swarm. */
function serviceOf(labels: JsonObject): string | undefined {
  const project = stringField(labels, 'com.docker.compose.project');
  const service = stringField(labels, 'com.docker.compose.service');
  if (project !== undefined && service !== undefined) return `${project}/${service}`;
  return stringField(labels, 'com.docker.swarm.service.name');
}

function membership(network: string, value: JsonObject, id: string, name: string): ContainerNetwork {
  const text = (key: string): string | undefined => stringField(value, key) || undefined;
  const aliases = new Set([
    name,
    id.slice(0, 12),
    ...stringsField(value, 'Aliases'),
    ...stringsField(value, 'DNSNames'),
  ]);
  return {
    network,
    networkId: text('NetworkID') ?? '',
    ...optional('address', text('IPAddress')),
    ...optional('address6', text('GlobalIPv6Address')),
    ...optional('mac', text('MacAddress')),
    ...optional('gateway', text('Gateway')),
    aliases: [...aliases],
  };
}

const publishedPorts = (ports: JsonObject): readonly PublishedPort[] =>
  Object.entries(ports).flatMap(([port, value]) => published(port, value));

/** `"80/tcp": [{ "HostIp": "0.0.0.0", "HostPort": "8080" }]`; null for a port that is only exposed. */
function published(port: string, value: unknown): PublishedPort[] {
  const match = /^(\d+)\/(tcp|udp|sctp)$/.exec(port);
  if (!match) return [];
  const protocol = match[2] === 'udp' ? 'udp' : match[2] === 'sctp' ? 'sctp' : 'tcp';
  return objects(value).map((binding) => ({
    protocol,
    containerPort: Number(match[1]),
    hostPort: numberField(binding, 'HostPort') ?? 0,
    hostAddress: stringField(binding, 'HostIp') || '0.0.0.0',
  }));
}

/** The answer of `GET /networks`. */
export function parseNetworks(answer: unknown): EngineNetwork[] {
  return objects(answer).flatMap((network) => {
    const [id, name] = [stringField(network, 'Id'), stringField(network, 'Name')];
    if (id === undefined || name === undefined) return [];
    const driver = stringField(network, 'Driver') ?? '';
    const options = Object.fromEntries(
      Object.entries(objectField(network, 'Options')).filter(
        (entry): entry is [string, string] => typeof entry[1] === 'string',
      ),
    );
    const bridge =
      options['com.docker.network.bridge.name'] ??
      (driver === 'bridge' ? `br-${id.slice(0, 12)}` : undefined);
    return [
      {
        id,
        name,
        driver,
        internal: network['Internal'] === true,
        subnets: objects(objectField(network, 'IPAM')['Config']).flatMap((part) => {
          const subnet = stringField(part, 'Subnet');
          return subnet === undefined
            ? []
            : [{ subnet, ...optional('gateway', stringField(part, 'Gateway')) }];
        }),
        options,
        ...optional('bridge', bridge),
      },
    ];
  });
}
