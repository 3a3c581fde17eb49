import type { PublishedPort } from '../../model/container.ts';
import { absent, unread } from '../../model/fact.ts';
import type { NamelessContainer } from '../docker/parse.ts';
import {
  numberField,
  objectField,
  objects,
  optional,
  parseJson,
  stringField,
  type JsonObject,
} from '../../host/external-json.ts';

/** Who keeps a pod's network open; nothing of anybody's runs in it. */
const SANDBOX = 'sandbox';

/** A container by its bundle's config.json (the OCI runtime's specification, with its makers' annotations). */
export function parseBundle(id: string, pid: number, config: JsonObject): NamelessContainer {
  const annotations = objectField(config, 'annotations');
  const said = (...keys: readonly string[]): string | undefined =>
    keys.map((key) => stringField(annotations, key)).find((value) => value !== undefined && value !== '');
  const pod = said('io.kubernetes.cri.sandbox-name', 'io.kubernetes.pod.name');
  const sandbox = said('io.kubernetes.cri.sandbox-id');
  const isSandbox = said('io.kubernetes.cri.container-type') === SANDBOX;
  const name = said('nerdctl/name', 'io.kubernetes.cri.container-name', 'io.kubernetes.container.name');
  return {
    id,
    name: name ?? (isSandbox ? pod : undefined) ?? id,
    image: said('io.kubernetes.cri.image-name', 'nerdctl/image') ?? '',
    state: 'running',
    restartCount: 0,
    pid,
    networkMode: sandbox !== undefined && !isSandbox ? `container:${sandbox}` : '',
    networks: [],
    publishedPorts: portsOf(said('nerdctl/ports')),
    exposedPorts: [],
    resolver: pid > 0 ? unread : absent,
    ...optional('pod', pod),
  };
}

/** `[{"HostPort":8080,"ContainerPort":80,"Protocol":"tcp","HostIP":"0.0.0.0"}]` */
function portsOf(text: string | undefined): readonly PublishedPort[] {
  return objects(parseJson(text ?? '[]')).flatMap((port): PublishedPort[] => {
    const [hostPort, containerPort] = [numberField(port, 'HostPort'), numberField(port, 'ContainerPort')];
    const protocol = stringField(port, 'Protocol');
    return hostPort === undefined || containerPort === undefined
      ? []
      : [
          {
            protocol: protocol === 'udp' ? 'udp' : protocol === 'sctp' ? 'sctp' : 'tcp',
            hostPort,
            containerPort,
            hostAddress: stringField(port, 'HostIP') || '0.0.0.0',
          },
        ];
  });
}
