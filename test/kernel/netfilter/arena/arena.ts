import type { Ruleset } from '../../../../diagnostics/model/ruleset.ts';
import { buildNetwork, macOf, type TestNetwork } from '../../../support/network.ts';
import { FAMILIES } from './addresses.ts';
import { IPSETS } from './ipsets.ts';
import type { Observed, Probe } from './probe.ts';
import { clearRules, loadRules, readRules, type Backend } from './router-rules.ts';
import { observed, readSeen, SEEN_IN, type Seen } from './seen.ts';
import { startSender } from './sender.ts';

/** left – router – right. Tables named `seen` write down what arrives where. */
export interface Arena extends AsyncDisposable {
  readonly net: TestNetwork;
  /** Replaces the router's rules. */
  load(backend: Backend, family: 4 | 6, text: string): Promise<void>;
  /** What the product reads of the router's rules. */
  ruleset(): Promise<Ruleset>;
  send(probes: readonly Probe[]): Promise<void>;
  observe(probe: Probe): Observed;
  /** Reads what was seen again: `observe` tells of that. */
  refresh(): Promise<void>;
}

const SYSCTLS = [
  'net.ipv4.ip_forward=1',
  'net.ipv6.conf.all.forwarding=1',
  'net.ipv4.icmp_ratelimit=0',
  'net.ipv6.icmp.ratelimit=0',
  'net.ipv4.conf.all.rp_filter=0',
  'net.ipv4.conf.default.rp_filter=0',
  'net.ipv4.conf.r0.rp_filter=0',
  'net.ipv4.conf.r1.rp_filter=0',
];

export async function buildArena(): Promise<Arena> {
  const net = await buildNetwork();
  await net.namespaces('left', 'router', 'right');
  const v = FAMILIES;
  await net.wire(
    `left/eth0 ${v[4].left.map((a) => `${a}/24`).join(' ')} ${v[6].left.map((a) => `${a}/64`).join(' ')}`,
    `router/r0 ${v[4].in}/24 ${v[6].in}/64`,
  );
  await net.wire(
    `right/eth0 ${v[4].right.map((a) => `${a}/24`).join(' ')} ${v[6].right.map((a) => `${a}/64`).join(' ')}`,
    `router/r1 ${v[4].out}/24 ${v[6].out}/64`,
  );
  for (const setting of SYSCTLS) await net.run('router', ['sysctl', '-qw', setting]);
  for (const end of ['left', 'right'] as const) {
    await net.run(end, `ip route add default via ${end === 'left' ? v[4].in : v[4].out}`);
    await net.run(end, `ip -6 route add default via ${end === 'left' ? v[6].in : v[6].out}`);
  }
  await warmNeighbours(net);
  for (const end of ['left', 'right'] as const) await net.run(end, 'nft -f -', SEEN_IN[end]);
  await net.run('router', 'ipset restore', IPSETS);
  const senders = { left: startSender('left'), router: startSender('router') };
  let seen: Seen = new Map();
  let routerIsClean = false;
  return {
    net,
    async load(backend, family, text) {
      if (!routerIsClean) await clearRules(net);
      routerIsClean = false;
      await loadRules(net, backend, family, text);
    },
    ruleset: () => readRules(net),
    async send(probes) {
      await senders.left.send(probes.filter(({ from }) => from === 'left'));
      await senders.router.send(probes.filter(({ from }) => from === 'router'));
    },
    async refresh() {
      seen = await readSeen(net);
    },
    observe: (probe) => observed(seen, probe),
    async [Symbol.asyncDispose]() {
      await senders.left.stop();
      await senders.router.stop();
      await net.close();
    },
  };
}

/** Every neighbour is known beforehand: no packet waits for an answer. */
async function warmNeighbours(net: TestNetwork): Promise<void> {
  const router = { left: await macOf(net, 'router', 'r0'), right: await macOf(net, 'router', 'r1') };
  for (const family of [4, 6] as const) {
    const plan = FAMILIES[family];
    for (const [end, device] of [
      ['left', 'r0'],
      ['right', 'r1'],
    ] as const) {
      const own = await macOf(net, end, 'eth0');
      for (const address of plan[end])
        await net.run('router', `ip neigh replace ${address} lladdr ${own} dev ${device} nud permanent`);
      await net.run(
        end,
        `ip neigh replace ${end === 'left' ? plan.in : plan.out} lladdr ${router[end]} dev eth0 nud permanent`,
      );
    }
  }
}
