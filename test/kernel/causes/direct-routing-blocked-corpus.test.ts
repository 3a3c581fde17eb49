import { describe } from 'vitest';
import { corpusFiles } from '../../support/corpus.ts';
import { testCause } from '../../support/cause-case.ts';
import type { TestNetwork } from '../../support/network.ts';

/** What Docker 28 and 29 write for one bridge network, by their own tests (needs ../shared/corpus). */
const KIND = 'hairpin=false,internal=false,icc=true,masq=true,snat=false,gwm=nat,bindlh=false';
const rules = (folder: string, ending: string): string | undefined =>
  corpusFiles(`docker-rules/${folder}`).find(
    ({ name }) => name.startsWith(KIND) && name.endsWith(ending) && !name.includes('wsl2'),
  )?.text;

const iptables = rules('iptables', '__iptables.golden');
const nftables = corpusFiles('docker-rules/nftables').find(
  ({ name }) =>
    name.startsWith('hairpin=false,internal=false,icc=true,masq=true') &&
    /gwm=nat,bindlh=true__ip\.golden$/.test(name),
)?.text;

/** red is a neighbour of the engine's host and has a route to its containers. */
async function neighbourOfEngine(net: TestNetwork): Promise<void> {
  await net.namespaces('red', 'engine', 'web');
  await net.wire('red/eth0 10.0.1.2/24', 'engine/uplink 10.0.1.1/24');
  await net.wire('web/eth0 192.168.0.2/24', 'engine/vw');
  await net.bridge('engine/br-dummy 192.168.0.1/24', 'vw');
  await net.run('red', 'ip route add 192.168.0.0/24 via 10.0.1.1');
  await net.run('web', 'ip route add default via 192.168.0.1');
  await net.run('engine', 'sysctl -w net.ipv4.ip_forward=1');
  await net.listen('web', { protocol: 'tcp', port: 80 });
}

const ask = { from: 'netns:red', to: '192.168.0.2', port: 80 };

describe.skipIf(iptables === undefined)("Docker's own rules (needs ../shared/corpus)", () => {
  testCause({
    fault: 'iptables: the raw table drops what names the container itself',
    healthy: neighbourOfEngine,
    ask,
    breakIt: async (net) => void (await net.run('engine', 'iptables-nft-restore', iptables ?? '')),
    causes: ['direct-routing-blocked'],
    at: ['netns:engine'],
  });
  testCause({
    fault: 'nftables: the same, in its own table',
    healthy: neighbourOfEngine,
    ask,
    breakIt: async (net) => {
      const loadable = (nftables ?? '').replace('hook output priority dstnat', 'hook output priority -100');
      await net.run('engine', 'nft -f -', loadable);
    },
    causes: ['direct-routing-blocked'],
    at: ['netns:engine'],
  });
});

testCause({
  fault: 'a rule of the same shape that somebody wrote',
  healthy: neighbourOfEngine,
  ask,
  breakIt: async (net) =>
    void (await net.run(
      'engine',
      'iptables-legacy -t raw -A PREROUTING -d 192.168.0.2 ! -i br-dummy -j DROP',
    )),
  causes: ['direct-routing-blocked'],
  at: ['netns:engine'],
});

testCause({
  fault: 'not a drop of everything that is for the container',
  healthy: neighbourOfEngine,
  ask,
  breakIt: async (net) =>
    void (await net.run('engine', 'iptables-nft -t raw -A PREROUTING -d 192.168.0.2 -j DROP')),
  causes: ['filter-drop'],
  at: ['netns:engine'],
});

testCause({
  fault: 'two rules for the same purpose',
  healthy: neighbourOfEngine,
  ask,
  breakIt: async (net) => {
    await net.run('engine', 'iptables-nft -t raw -A PREROUTING -d 192.168.0.2 ! -i br-dummy -j DROP');
    await net.run('engine', 'iptables-nft -N DOCKER');
    await net.run('engine', 'iptables-nft -A FORWARD -o br-dummy -j DOCKER');
    await net.run('engine', 'iptables-nft -A DOCKER ! -i br-dummy -o br-dummy -j DROP');
  },
  causes: ['direct-routing-blocked'],
  at: ['netns:engine'],
});
