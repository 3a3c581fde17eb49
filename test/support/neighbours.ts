import type { TestNetwork } from './network.ts';

/** What is still said on these asks for a neighbour again, or makes one be asked. */
const OPEN =
  'state established state fin-wait-1 state fin-wait-2 state close-wait state last-ack state closing';

/** Two seconds at most: what a server keeps open stays so. */
const UNTIL_ENDED = `
for try in $(seq 100); do
  [ -z "$(ss -Htan ${OPEN})" ] && exit
  sleep 0.02
done`;

/** Waits until the last word of every connection is said: what is broken before is learnt anew from it. */
export async function connectionsEnded(net: TestNetwork, ...names: readonly string[]): Promise<void> {
  await Promise.all(names.map((name) => net.run(name, ['sh', '-c', UNTIL_ENDED])));
}

/**
 * As if nobody in these namespaces had spoken lately; what was written by hand stays. Who was told of first is forgotten
 * last, and all twice: whoever still remembers may ask the others meanwhile, and is then known to them.
 */
export async function forgetNeighbours(net: TestNetwork, ...names: readonly string[]): Promise<void> {
  await connectionsEnded(net, ...names);
  for (const name of [...names].reverse()) await net.run(name, 'ip neigh flush all');
  for (const name of names) await net.run(name, 'ip neigh flush all');
}
