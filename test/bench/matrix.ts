import { buildNetwork } from '../support/network.ts';
import { onOneBridge } from './bridged.ts';
import { command, table, timing } from './measure.ts';

const HOPLAB = 'dist/cli/hoplab.mjs';
const RUNS = 3;
const PORTS = ['22', '80', '443', '5432', '8080'];

interface Own {
  readonly pairs: readonly unknown[];
  readonly timings: { readonly collect: number; readonly simulate: number };
}

/** Who reaches whom among `count` namespaces on one bridge behind a firewall, each with a server, on five ports. */
async function benchMatrix(count: number): Promise<string> {
  await using net = await buildNetwork();
  for (const name of await onOneBridge(net, count)) {
    await net.run(name, 'ip route add default via 10.77.0.1');
    await net.spawn(name, 'busybox nc -ll -p 80 -e cat');
  }
  await net.run('host', 'sysctl -qw net.ipv4.ip_forward=1');
  await net.run('host', 'iptables -A FORWARD -i br0 -p tcp --dport 5432 -j DROP');
  await net.run('host', 'iptables -t nat -A POSTROUTING -s 10.77.0.0/16 ! -o br0 -j MASQUERADE');

  const collect: number[] = [];
  const simulate: number[] = [];
  const whole: number[] = [];
  let pairs = 0;
  for (let run = 0; run < RUNS; run += 1) {
    console.error(`  … hoplab matrix of ${count} namespaces`);
    const begin = performance.now();
    const text = await command(process.execPath, HOPLAB, 'matrix', '--json', '--port', ...PORTS)();
    whole.push(performance.now() - begin);
    const own = JSON.parse(text) as Own;
    pairs = own.pairs.length;
    collect.push(own.timings.collect);
    simulate.push(own.timings.simulate);
  }
  return table(`${count} namespaces × ${PORTS.length} ports: ${pairs} pairs, there and back`, [
    timing('walking', simulate),
    timing('reading the facts', collect),
    timing('hoplab matrix --json', whole),
  ]);
}

for (const count of process.argv.slice(2).map(Number)) console.log(`${await benchMatrix(count)}\n`);
