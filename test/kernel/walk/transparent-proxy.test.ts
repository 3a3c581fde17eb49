import { describe, expect, test } from 'vitest';
import { ask, brief } from '../../support/cause-case.ts';
import { hasty } from '../../support/hasty.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';
import { listenTransparently } from '../../support/transparent.ts';

interface Proxied {
  readonly rules: readonly string[];
  readonly listens?: { readonly address?: string; readonly transparent?: boolean } | null;
  /** Marked packets are this machine's. Default: yes. */
  readonly local?: false;
  /** Who takes the connection; null: nobody. */
  readonly by: 'router' | 'blue' | null;
}

const TPROXY =
  'iptables-TOOL -t mangle -A PREROUTING -i ra -p tcp --dport 80 -j TPROXY --on-port 3128 --tproxy-mark 1/1';
const NFT = (statement: string): readonly string[] => [
  'nft add table inet x',
  'nft add chain inet x c { type filter hook prerouting priority -150; }',
  `nft add rule inet x c iifname ra tcp dport 80 ${statement}`,
];

/** How rules of the router give away what red asks of blue's port 80, and who takes it. */
const CASES: Readonly<Record<string, Proxied>> = {
  'a transparent socket takes it': { rules: [TPROXY], by: 'router' },
  'without the route the kernel drops it': { rules: [TPROXY], local: false, by: null },
  'an ordinary socket does not take it': { rules: [TPROXY], listens: { transparent: false }, by: null },
  'nobody listens': { rules: [TPROXY], listens: null, by: null },
  'without an address it is that of the interface': {
    rules: [TPROXY],
    listens: { address: '10.0.1.1' },
    by: 'router',
  },
  'a socket of another address is not meant': {
    rules: [TPROXY],
    listens: { address: '127.0.0.1' },
    by: null,
  },
  'an address is said': {
    rules: [`${TPROXY} --on-ip 127.0.0.1`],
    listens: { address: '127.0.0.1' },
    by: 'router',
  },
  'a socket for both families takes it': { rules: [TPROXY], listens: { address: '::' }, by: 'router' },
  'what has a socket goes there directly, as proxies are told to do': {
    rules: [
      'iptables-TOOL -t mangle -N DIVERT',
      'iptables-TOOL -t mangle -A DIVERT -j MARK --set-mark 1',
      'iptables-TOOL -t mangle -A DIVERT -j ACCEPT',
      'iptables-TOOL -t mangle -A PREROUTING -p tcp -m socket --transparent -j DIVERT',
      TPROXY,
    ],
    by: 'router',
  },
  'a socket of every address is not what a packet passing by is for': {
    rules: ['iptables-TOOL -A FORWARD -j ACCEPT', 'iptables-TOOL -t mangle -A PREROUTING -m socket -j DROP'],
    listens: { transparent: false },
    by: 'blue',
  },
  'a rule may mark it with the mark of the socket': {
    rules: [
      TPROXY,
      'iptables-TOOL -t mangle -A INPUT -m socket --nowildcard --restore-skmark -j ACCEPT',
      'iptables-TOOL -A INPUT -m mark --mark 0 -j DROP',
    ],
    by: null,
  },
  'nft: a transparent socket takes it': { rules: NFT('tproxy to :3128 meta mark set 1'), by: 'router' },
  'nft: an address is said': {
    rules: NFT('tproxy ip to 127.0.0.1:3128 meta mark set 1 accept'),
    listens: { address: '127.0.0.1' },
    by: 'router',
  },
  'nft: what nobody takes goes on': {
    rules: NFT('tproxy to :3128 meta mark set 1'),
    listens: null,
    by: 'blue',
  },
  'nft: of the other family': { rules: NFT('tproxy ip6 to [::1]:3128 drop'), by: 'blue' },
  'nft: a rule looks for the socket': {
    rules: [
      ...NFT('tproxy to :3128 meta mark set 1'),
      'nft add rule inet x c socket transparent 1 socket wildcard 1 drop',
    ],
    by: null,
  },
  'nft: there is no socket to look at': {
    rules: NFT('socket transparent 0 drop'),
    listens: null,
    by: 'blue',
  },
};

async function prepare(
  net: TestNetwork,
  { rules, listens = {}, local }: Proxied,
  tool: string,
): Promise<void> {
  await net.namespaces('red', 'router', 'blue');
  await net.wire('red/eth0 10.0.1.2/24', 'router/ra 10.0.1.1/24');
  await net.wire('blue/eth0 10.0.2.2/24', 'router/rb 10.0.2.1/24');
  await net.run('red', 'ip route add default via 10.0.1.1');
  await net.run('blue', 'ip route add default via 10.0.2.1');
  await net.run('router', 'sysctl -qw net.ipv4.ip_forward=1');
  await net.listen('blue', { protocol: 'tcp', port: 80 });
  if (local !== false) {
    await net.run('router', 'ip rule add fwmark 1/1 lookup 100');
    await net.run('router', 'ip route add local default dev lo table 100');
  }
  if (listens) await listenTransparently(net, 'router', { port: 3128, ...listens });
  for (const rule of rules) await net.run('router', rule.replace('iptables-TOOL', tool));
  await hasty(net, 'red', 'router', 'blue');
}

describe.each(['iptables-nft', 'iptables-legacy'])('given away by rules (%s)', (tool) => {
  const rows = Object.entries(CASES).filter(([name]) => tool === 'iptables-nft' || !name.startsWith('nft'));
  test.each(rows)('%s', async (_, row) => {
    await using net = await buildNetwork();
    await prepare(net, row, tool);
    const diagnosis = await ask({ from: 'netns:red', to: '10.0.2.2:80' });
    const said = brief(diagnosis);
    const [leg] = diagnosis.legs;
    expect.soft(diagnosis.verdict, said).toBe(row.by === null ? 'unreachable' : 'reachable');
    expect.soft(leg?.forward.certain, said).toBe(true);
    expect.soft(diagnosis.probe.agrees, said).toBe(true);
    const arrival = leg?.forward.hops.at(-1)?.steps.at(-1);
    const taken = arrival?.kind === 'deliver' ? arrival.socket?.port : undefined;
    expect.soft(taken, said).toBe(row.by === null ? undefined : { router: 3128, blue: 80 }[row.by]);
  });
});
