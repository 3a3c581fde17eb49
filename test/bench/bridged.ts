import type { TestNetwork } from '../support/network.ts';

/** As many are made side by side. */
const AT_ONCE = 50;

/** `count` namespaces, b1, b2 …, on one bridge of the host's; their names. */
export async function onOneBridge(net: TestNetwork, count: number): Promise<readonly string[]> {
  const names = Array.from({ length: count }, (_, index) => `b${index + 1}`);
  await net.bridge('host/br0 10.77.0.1/16');
  for (let from = 0; from < count; from += AT_ONCE) {
    const some = names.slice(from, from + AT_ONCE);
    await net.namespaces(...some);
    const wires = some.flatMap((name, index) => {
      const port = `v${from + index + 1}`;
      return [
        `link add name ${port} type veth peer name eth0 netns ${name}`,
        `link set dev ${port} up master br0`,
      ];
    });
    await net.run('host', 'ip -batch -', wires.join('\n'));
    await Promise.all(
      some.map((name, index) => {
        const address = `10.77.${1 + Math.floor((from + index) / 200)}.${1 + ((from + index) % 200)}/16`;
        return net.run(name, 'ip -batch -', `address add ${address} dev eth0\nlink set dev eth0 up`);
      }),
    );
  }
  return names;
}
