import { sameAddress } from '../model/ip.ts';
import type { PlacedLink, WaySituation } from './situation.ts';

/** Which of several interfaces of this name on one lower device it is: the one at an end of the flow. */
export function childAtEnd<Child extends PlacedLink>(
  { trace, packet }: WaySituation,
  children: readonly Child[],
  dev: string,
): Child | undefined {
  const named = children.filter(({ link }) => link.name === dev);
  const asker = trace.hops.findLast(({ steps }) => steps.some(({ kind }) => kind === 'neighbour'))?.namespace;
  return (
    named.find(({ namespace }) => namespace === asker) ??
    named.find(({ link }) => link.addresses.some((own) => sameAddress(own.address, packet.destination))) ??
    named[0]
  );
}
