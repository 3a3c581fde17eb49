import type { TestNetwork } from './network.ts';

/** What is still said on these asks for a neighbour again, or makes one be asked. */
const OPEN =
  'state established state fin-wait-1 state fin-wait-2 state close-wait state last-ack state closing';

const AFTER_ITS_CONNECTIONS = `
for try in $(seq 100); do
  [ -z "$(ss -Htan ${OPEN})" ] && break
  sleep 0.02
done
ip neigh flush all`;

/**
 * As if nobody in these namespaces had spoken lately; what was written by hand stays. Who was told of first is forgotten
 * last, and all twice: whoever still remembers may ask the others meanwhile, and is then known to them.
 */
export async function forgetNeighbours(net: TestNetwork, ...names: readonly string[]): Promise<void> {
  for (const name of [...names].reverse()) await net.run(name, ['sh', '-c', AFTER_ITS_CONNECTIONS]);
  for (const name of names) await net.run(name, 'ip neigh flush all');
}
