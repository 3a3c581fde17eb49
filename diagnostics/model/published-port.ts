import type { Engine, PublishedPort } from './container.ts';
import { familyOf, sameAddress } from './ip.ts';

/** Of each family alone: Docker says both where it takes both. */
const ALL_OF: Readonly<Record<string, 4 | 6>> = { '0.0.0.0': 4, '::': 6 };

/** The family of which every address takes a published port; null where that is one address, or every one there is. */
export const publishedFamily = ({ hostAddress }: PublishedPort): 4 | 6 | null => ALL_OF[hostAddress] ?? null;

/** Whether what is published there takes what comes to the address. Podman says one word for both families. */
export function takesAddress({ kind }: Pick<Engine, 'kind'>, port: PublishedPort, asked: string): boolean {
  const family = publishedFamily(port);
  if (family !== null) return kind !== 'docker' || family === familyOf(asked);
  return port.hostAddress === '' || sameAddress(port.hostAddress, asked);
}
