import type { Container, Engine, PublishedPort } from '../model/container.ts';
import { keyOf, type OwnContainer } from '../model/engines.ts';
import type { HostId } from '../model/ids.ts';
import { findHost, findNamespace } from '../model/snapshot.ts';
import { enginesOf } from './containers.ts';
import { listensOn, refusalAt, socketsIn, type Refusal } from './listeners.ts';
import { overlap } from './published-address.ts';
import type { Situation, WaySituation } from './situation.ts';

export interface StoppedContainer extends OwnContainer {
  readonly host: HostId;
}

/** The container that is meant and does not run. */
export function stoppedIn(situation: Situation): StoppedContainer | null {
  const { snapshot, flow } = situation;
  const named = (wanted: (container: Container, engine: Engine) => boolean): StoppedContainer | null => {
    for (const { host, engine } of enginesOf(snapshot)) {
      const container = engine.containers.find(
        (it) => it.state !== 'running' && it.state !== 'paused' && wanted(it, engine),
      );
      if (container) return { host, engine, container };
    }
    return null;
  };
  switch (situation.type) {
    case 'end': {
      const end = flow[situation.side];
      return end.type === 'stopped-container'
        ? named((it, engine) => it.name === end.container && keyOf(engine).engine === end.engine)
        : null;
    }
    case 'name': {
      const name = situation.name.replace(/\.$/, '');
      return named((it) => it.name === name || it.networks.some(({ aliases }) => aliases.includes(name)));
    }
    case 'way': {
      const refusal = refusalAt(situation);
      return refusal && isUnserved(situation, refusal)
        ? named((it) => it.publishedPorts.some((published) => wouldTake(published, refusal)))
        : null;
    }
    case 'relay':
    case 'proxy':
    case 'sender':
      return null;
  }
}

/** A port of the host itself that nobody has opened. */
const isUnserved = ({ snapshot }: WaySituation, refusal: Refusal): boolean =>
  findHost(snapshot, findNamespace(snapshot, refusal.namespace)?.host ?? '')?.rootNamespace ===
    refusal.namespace && listensOn(socketsIn(snapshot, refusal.namespace), refusal).length === 0;

/** Whether the port of the host would be this container's, if it ran. */
const wouldTake = (
  { protocol, hostPort, hostAddress }: PublishedPort,
  { address, port, ...asked }: Refusal,
): boolean => protocol === asked.protocol && hostPort === port && overlap(hostAddress, address);
