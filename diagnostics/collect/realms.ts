import type { Realms } from '../model/route.ts';

const BITS = 16;
/** The only one that rt_realms of iproute2 has a name for from the start. */
const COSMOS = 'cosmos';

/** `flow_from`, `flow_to`: realms as iproute2 prints them, numbers or names of /etc/iproute2/rt_realms. */
export function readRealms(from: string | undefined, to: string | undefined): Realms {
  const [source, destination] = [from ?? '0', to ?? '0'].map(readRealm);
  if (source === undefined || destination === undefined || source === null || destination === null)
    return 'unknown';
  return ((source << BITS) | destination) >>> 0;
}

const readRealm = (text: string): number | null => {
  if (text === COSMOS) return 0;
  return /^(?:0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : null;
};
