import { setTimeout as wait } from 'node:timers/promises';
import type { TestNetwork } from './network.ts';

/** It waits as long for members to answer before it believes to know them all (centiseconds). */
const PATIENCE = 100;

/**
 * A bridge asks who has joined which group, and sends groups nowhere else from then on. It has to have an address of its own to ask
 * with for IPv6, which comes a moment after the bridge.
 */
export async function startQuerier(net: TestNetwork, place: string, bridge: string): Promise<void> {
  while (!/inet6 fe80.* scope link (?!tentative)/.test(await net.run(place, `ip -6 addr show dev ${bridge}`)))
    await wait(50);
  await net.run(place, `ip link set dev ${bridge} type bridge mcast_query_response_interval ${PATIENCE}`);
  await net.run(place, `ip link set dev ${bridge} type bridge mcast_querier 1`);
  await wait(PATIENCE * 10 + 200);
}
