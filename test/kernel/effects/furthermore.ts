import { disturb, hasty, namesOf } from '../../support/hasty.ts';
import { forgetNeighbours } from '../../support/neighbours.ts';
import type { TestNetwork } from '../../support/network.ts';

/** A network, and what is broken in one of its nodes then. */
export const furthermore =
  (make: (net: TestNetwork) => Promise<void>, where: string, ...commands: readonly string[]) =>
  async (net: TestNetwork): Promise<void> => {
    await make(net);
    const names = await namesOf(net);
    await hasty(net, ...names);
    await disturb(net, where, commands);
    await forgetNeighbours(net, ...names);
  };
