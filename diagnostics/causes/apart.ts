import type { Container } from '../model/container.ts';
import { keyOf, networkOwner } from '../model/engines.ts';
import type { Shown } from './cause.ts';
import type { Params, Remedy } from './finding.ts';
import { networkNames, networksOfName } from './containers.ts';
import type { Situation } from './situation.ts';
import type { StoppedContainer } from './stopped-container.ts';

/** That a container which does not run would not be reached from the asking one if it ran: they are on different networks. */
export interface Apart {
  /** Those whose networks they have, where they share another's. */
  readonly asker: Container;
  readonly meant: Container;
  readonly ours: readonly string[];
  /** Where the stopped one would be reached, by the name that was asked for; none: it is on no network. */
  readonly theirs: readonly string[];
}

/** Not a network that two containers could meet on. */
const ALONE: ReadonlySet<string> = new Set(['none', 'host']);

export function apartFrom(situation: Situation, { engine, container }: StoppedContainer): Apart | null {
  const { from } = situation.flow;
  if (from.type !== 'namespace' || situation.type === 'way') return null;
  // Between networks of podman's only names do not lead.
  if (engine.kind !== 'docker' && situation.type !== 'name') return null;
  const asking = engine.containers.find(
    ({ namespace, name }) =>
      namespace === from.namespace && (from.container === undefined || name === from.container),
  );
  if (!asking) return null;
  const [asker, meant] = [networkOwner(engine, asking), networkOwner(engine, container)];
  const hosts = [asker, meant].some(({ networkMode }) => networkMode === 'host');
  if (hosts || asker === meant) return null;
  const ours = networkNames(asker).filter((name) => !ALONE.has(name));
  const theirs =
    situation.type === 'name'
      ? networksOfName(engine, meant, situation.name)
      : networkNames(meant).filter((name) => !ALONE.has(name));
  return ours.length === 0 || theirs.some((name) => ours.includes(name))
    ? null
    : { asker, meant, ours, theirs };
}

export const apartParams = ({ asker, meant, ours, theirs }: Apart): Params => ({
  asker: asker.name,
  meant: meant.name,
  askerNetworks: ours.join(', '),
  networks: theirs.join(', '),
});

/** What has to be done besides, so that the two meet: the asking one joins the other's network, or the other its. */
export function joining({ host, engine }: StoppedContainer, apart: Apart | null): readonly Remedy[] {
  if (apart === null) return [{ actions: [] }];
  const join = (container: string, network: string, leaving: { readonly leaving?: 'none' } = {}): Remedy => ({
    actions: [{ kind: 'connect-network', host, ...keyOf(engine), container, network, ...leaving }],
  });
  return apart.theirs.length > 0
    ? apart.theirs.map((network) => join(apart.asker.name, network))
    : apart.ours.map((network) => join(apart.meant.name, network, { leaving: 'none' }));
}

/** Said where starting it is not enough. */
export const apartEn = (p: Shown): string =>
  p('asker') === ''
    ? ''
    : p('networks') === ''
      ? `, and ${p('meant')} is on no network`
      : `, and even running it would share no network with ${p('asker')}`;

export const apartZh = (p: Shown): string =>
  p('asker') === ''
    ? ''
    : p('networks') === ''
      ? `，而且 ${p('meant')} 没有接入任何网络`
      : `；即使运行起来，它与 ${p('asker')} 也没有共同的网络`;

export const meetingEn = (p: Shown): string =>
  p('asker') === ''
    ? ''
    : p('networks') === ''
      ? ` That is not all: ${p('meant')} was made without a network; connect it to one of ${p('asker')}’s (${p('askerNetworks')}).`
      : ` That is not all: it is on ${p('networks')}, ${p('asker')} on ${p('askerNetworks')}. Containers find each other only on a network that both are on, so ${p('asker')} has to join ${p('networks')} too.`;

export const meetingZh = (p: Shown): string =>
  p('asker') === ''
    ? ''
    : p('networks') === ''
      ? `此外，${p('meant')} 创建时没有接入网络：请把它接入 ${p('asker')} 所在的网络（${p('askerNetworks')}）。`
      : `此外，它在 ${p('networks')} 上，而 ${p('asker')} 在 ${p('askerNetworks')} 上；容器只有在共同的网络上才能找到对方，所以还要把 ${p('asker')} 接入 ${p('networks')}。`;
