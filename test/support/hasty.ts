import { setTimeout as wait } from 'node:timers/promises';
import type { TestNetwork } from './network.ts';

/** The settings of each device's neighbours, but not those of devices to come (`default`). Only words of the shell itself: it is run often. */
const HASTE = `
for table in /proc/sys/net/ipv4/neigh/* /proc/sys/net/ipv6/neigh/*; do
  [ "\${table##*/}" = default ] && continue
  echo 150 >"$table/retrans_time_ms" && echo 0 >"$table/proxy_delay" || exit 1
done
echo 0 >/proc/sys/net/ipv4/icmp_ratelimit && echo 0 >/proc/sys/net/ipv6/icmp/ratelimit`;

/**
 * Makes namespaces give up an unresolved neighbour after half a second instead of 3, speak for others at once, and tell of errors without a limit of their
 * rate: tests wait less, and mean the same. For the devices that are there.
 */
export async function hasty(net: TestNetwork, ...names: readonly string[]): Promise<void> {
  await Promise.all(names.map((name) => net.run(name, ['sh', '-c', HASTE])));
}

interface LinkState {
  readonly ifname: string;
  readonly operstate: string;
  readonly flags: readonly string[];
  readonly linkinfo?: { readonly info_slave_data?: { readonly state?: string } };
}

/** The kernel tells of a lost or gained carrier with up to a second's delay, and clears the neighbours then. */
const isSettled = ({ flags, operstate }: LinkState): boolean => {
  if (operstate === 'UNKNOWN' || !flags.includes('UP')) return true;
  return flags.includes('LOWER_UP') === (operstate === 'UP');
};

/** The namespaces of the sandbox that have a name, and its own. */
export const namesOf = async (net: TestNetwork): Promise<readonly string[]> => [
  'host',
  ...(await net.run('host', 'ip netns list')).split('\n').flatMap((line) => line.split(' ')[0] || []),
];

/** Waits until no device of the sandbox has a change of its carrier before it. */
export async function settled(net: TestNetwork): Promise<void> {
  const names = await namesOf(net);
  for (let tries = 0; tries < 1000; tries += 1) {
    const links = await Promise.all(
      names.map(async (name) => JSON.parse(await net.run(name, 'ip -d -j link show')) as LinkState[]),
    );
    if (links.flat().every(isSettled)) return;
    await wait(20);
  }
  throw new Error('the devices of the network did not settle');
}

/** Breaks something. Where devices change, their carriers have settled before and after. */
export async function disturb(net: TestNetwork, where: string, commands: readonly string[]): Promise<void> {
  const changesLinks = commands.some((command) => /link (set|delete)/.test(command));
  if (changesLinks) await settled(net);
  for (const command of commands) await net.run(where, command);
  if (changesLinks) await settled(net);
}
