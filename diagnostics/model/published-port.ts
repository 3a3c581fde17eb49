import type { PublishedPort } from './container.ts';
import type { OwnContainer } from './engines.ts';
import { familyOf, sameAddress } from './ip.ts';

/** Of each family alone: Docker says both where it takes both. */
const ALL_OF: Readonly<Record<string, 4 | 6>> = { '0.0.0.0': 4, '::': 6 };

/** The family of which every address takes a published port; null where that is one address, or every one there is. */
export const publishedFamily = ({ hostAddress }: PublishedPort): 4 | 6 | null => ALL_OF[hostAddress] ?? null;

/**
 * Whether what is published there takes what comes to the address. Podman says one word for both families, and means IPv6 where
 * the container has it.
 */
export function takesAddress(
  { engine, container }: OwnContainer,
  port: PublishedPort,
  asked: string,
): boolean {
  const family = publishedFamily(port);
  if (family === null) return port.hostAddress === '' || sameAddress(port.hostAddress, asked);
  if (family === familyOf(asked)) return true;
  return engine.kind !== 'docker' && container.networks.some(({ address6 }) => address6 !== undefined);
}
