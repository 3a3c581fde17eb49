import type { TestNetwork } from '../support/network.ts';

/** `count` namespaces, b1, b2 …, on one bridge of the host's; their names. */
export async function onOneBridge(net: TestNetwork, count: number): Promise<readonly string[]> {
  const names = Array.from({ length: count }, (_, index) => `b${index + 1}`);
  await net.namespaces(...names);
  await net.bridge('host/br0 10.77.0.1/16');
  for (const [index, name] of names.entries()) {
    const address = `10.77.${1 + Math.floor(index / 200)}.${1 + (index % 200)}/16`;
    await net.wire(`host/v${index + 1}`, `${name}/eth0 ${address}`);
    await net.run('host', `ip link set v${index + 1} master br0`);
  }
  return names;
}
