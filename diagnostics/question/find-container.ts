import type { Engine } from '../model/container.ts';
import { displayText } from '../model/display-text.ts';
import { engineKey, enginesOn, ownContainers, type OwnContainer } from '../model/engines.ts';
import type { Endpoint } from '../model/flow.ts';
import type { HostId } from '../model/ids.ts';
import type { Host } from '../model/snapshot.ts';
import { QuestionError } from './question-error.ts';

/** A container that a user means, and where it is. */
export interface FoundContainer extends OwnContainer {
  readonly host: HostId;
}

/**
 * By name, by id, by the name of its pod, or by the beginning of an id that fits only one, as the docker client does. `engine`
 * says of which engine; of several, that of `beside` is meant before others: who asks by a name asks the own engine. Throws
 * `QuestionError` where several are called so.
 */
export function findContainer(
  hosts: readonly Host[],
  wanted: { readonly name: string; readonly engine?: string },
  beside: Endpoint | null = null,
): FoundContainer | null {
  const { name, engine } = wanted;
  const all = hosts.flatMap((host) =>
    ownContainers(host)
      .filter((own) => engine === undefined || isOf(own.engine, engine, host))
      .map((own): FoundContainer => ({ host: host.id, ...own })),
  );
  const named = all.filter(({ container }) => container.name === name || container.id === name);
  if (named.length > 0) return theOne(named, name, beside);
  const ofPod = all.filter(({ container }) => container.pod === name);
  // Containers of a pod share its network: any of them stands for it.
  const pods = [...new Map(ofPod.map((one) => [`${one.host} ${one.container.namespace}`, one])).values()];
  if (pods.length > 0) return theOne(pods, name, beside);
  const begun = /^[0-9a-f]{4,64}$/.test(name)
    ? all.filter(({ container }) => container.id.startsWith(name))
    : [];
  return begun.length === 1 ? (begun[0] ?? null) : null;
}

/** A kind alone means the one that is called just so, else any of that kind. */
const isOf = (engine: Engine, wanted: string, host: Host): boolean =>
  enginesOn(host).some((it) => engineKey(it) === wanted)
    ? engineKey(engine) === wanted
    : engine.kind === wanted;

function theOne(
  found: readonly FoundContainer[],
  name: string,
  beside: Endpoint | null,
): FoundContainer | null {
  const [first] = found;
  const here = found.filter(({ host }) => host === first?.host);
  if (here.length < 2 || first === undefined) return first ?? null;
  const own = here.filter(
    ({ engine }) =>
      beside?.type === 'namespace' &&
      engine.containers.some(
        (it) => it.namespace === beside.namespace && (it.name === beside.container || !beside.container),
      ),
  );
  if (own.length === 1) return own[0] ?? null;
  throw new QuestionError(
    'ambiguous-end',
    `Several containers are called “${displayText(name)}”: say which`,
    here.map((one) => distinctName(one, here)),
  );
}

/** By engine where that tells them apart, else by id. */
function distinctName(one: FoundContainer, all: readonly FoundContainer[]): string {
  const alike = all.filter(
    (it) => engineKey(it.engine) === engineKey(one.engine) && it.container.name === one.container.name,
  );
  return alike.length === 1
    ? `${engineKey(one.engine)}:${one.container.name}`
    : `container:${one.container.id.slice(0, 12)}`;
}
