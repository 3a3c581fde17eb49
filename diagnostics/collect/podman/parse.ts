import type { Container, EngineNetwork } from '../../model/container.ts';
import { absent } from '../../model/fact.ts';
import { parseContainer, type NamelessContainer } from '../docker/parse.ts';
import {
  entry,
  isObject,
  objects,
  optional,
  stringField,
  stringsField,
  objectField,
} from '../../host/external-json.ts';
import type { StoredContainer } from './stores.ts';

/** States of podman that Docker calls otherwise (libpod/define/containerstate.go). */
const STATES: Readonly<Record<string, Container['state']>> = {
  configured: 'created',
  initialized: 'created',
  stopped: 'exited',
  stopping: 'running',
};

/** An element of `podman container inspect`: in Docker's shape, but for a few words. */
export function parsePodmanContainer(
  answer: unknown,
  podNames: ReadonlyMap<string, string>,
): NamelessContainer | null {
  const container = parseContainer(answer);
  if (!container || !isObject(answer)) return null;
  const status = stringField(objectField(answer, 'State'), 'Status') ?? '';
  const pod = stringField(answer, 'Pod') || undefined;
  return {
    ...container,
    image: stringField(answer, 'ImageName') ?? container.image,
    state: entry(STATES, status) ?? container.state,
    networks: container.networks.map((network) => ({ ...network, networkId: network.network })),
    ...optional('pod', pod === undefined ? undefined : (podNames.get(pod) ?? pod.slice(0, 12))),
  };
}

/** A container of a podman that was not asked: it has not run since the machine started. */
export const storedContainer = ({ id, name, image }: StoredContainer): NamelessContainer => ({
  id,
  name,
  image,
  state: 'exited',
  restartCount: 0,
  pid: 0,
  networkMode: '',
  networks: [],
  publishedPorts: [],
  exposedPorts: [],
  resolver: absent,
});

/** `podman network ls --format json`. A network is known by its name: containers name it so, too. */
export const parsePodmanNetworks = (answer: unknown): readonly EngineNetwork[] =>
  objects(answer).flatMap((network) => {
    const name = stringField(network, 'name');
    if (name === undefined) return [];
    return [
      {
        id: name,
        name,
        driver: stringField(network, 'driver') ?? '',
        internal: network['internal'] === true,
        subnets: objects(network['subnets']).flatMap((part) => {
          const subnet = stringField(part, 'subnet');
          return subnet === undefined
            ? []
            : [{ subnet, ...optional('gateway', stringField(part, 'gateway')) }];
        }),
        options: Object.fromEntries(
          Object.entries(objectField(network, 'options')).filter(
            (entry): entry is [string, string] => typeof entry[1] === 'string',
          ),
        ),
        ...optional('bridge', stringField(network, 'network_interface')),
        named: network['dns_enabled'] === true,
      },
    ];
  });

/** `podman pod ps --format json`: id → name. */
export const parsePodNames = (answer: unknown): ReadonlyMap<string, string> =>
  new Map(
    objects(answer).flatMap((pod) => {
      const [id, name] = [stringField(pod, 'Id'), stringField(pod, 'Name')];
      return id === undefined || name === undefined ? [] : [[id, name] as const];
    }),
  );

/** Ids of what belongs to a pod: whether there is one to ask for. */
export const podsOf = (answer: unknown): readonly string[] =>
  objects(answer).flatMap((container) => stringField(container, 'Pod') || stringsField(container, 'Pods'));
