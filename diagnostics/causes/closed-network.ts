import type { EngineNetwork } from '../model/container.ts';
import type { OwnContainer } from '../model/engines.ts';
import { sameAddress } from '../model/ip.ts';
import type { RuleReference } from '../model/trace.ts';
import { containerWith, type PlacedContainer } from './containers.ts';
import type { WaySituation } from './situation.ts';
import { decidingFilter } from './verdict-rule.ts';

/** The networks of a container that were made with `--internal`. */
export const internalOf = ({ engine, container }: OwnContainer): readonly EngineNetwork[] =>
  engine.networks.filter(
    ({ id, internal }) => internal && container.networks.some(({ networkId }) => networkId === id),
  );

/** Whether it is by an internal network that a container has this address. */
export const isInternal = (own: OwnContainer, address: string): boolean =>
  own.container.networks.some(
    (network) =>
      [network.address, network.address6].some((it) => it !== undefined && sameAddress(it, address)) &&
      internalOf(own).some(({ id }) => id === network.networkId),
  );

/** A rule that Docker itself keeps for what is forwarded; DOCKER-USER is its user's. */
export const isEngineRule = ({ chain, table, hook }: RuleReference): boolean =>
  hook === 'forward' && chain !== 'DOCKER-USER' && (/^docker/i.test(chain) || /^docker/i.test(table));

/** The container whose packet left by an internal network of its, and was dropped by Docker for that; null: none's was. */
export function keptInside(situation: WaySituation): PlacedContainer | null {
  const decided = decidingFilter(situation);
  if (!decided || !isEngineRule(decided.decidedBy)) return null;
  const { source } = situation.packet;
  const own = containerWith(situation.snapshot, source);
  return own && isInternal(own, source) ? own : null;
}
