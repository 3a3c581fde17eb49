import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ask, brief } from '../../support/cause-case.ts';
import { hasty } from '../../support/hasty.ts';
import { kubeProxyIptables, kubeProxyNft, type Service } from '../../support/kube-proxy.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';

const SERVICES: readonly Service[] = [
  {
    name: 'web',
    address: '10.96.0.10',
    port: 80,
    nodePort: 30080,
    endpoints: ['10.0.1.2:8080', '10.0.2.2:8080'],
  },
  {
    name: 'sticky',
    address: '10.96.0.11',
    port: 80,
    endpoints: ['10.0.1.2:8080', '10.0.2.2:8080'],
    sticky: true,
  },
  { name: 'own', address: '10.96.0.12', port: 80, endpoints: ['10.0.1.2:8080'] },
  { name: 'empty', address: '10.96.0.13', port: 80, nodePort: 30081, endpoints: [] },
  { name: 'half', address: '10.96.0.14', port: 80, endpoints: ['10.0.1.2:8080', '10.0.2.2:9090'] },
];

interface Asked {
  readonly from: 'p1' | 'p2' | 'client' | 'node';
  readonly to: string;
  readonly verdict: 'reachable' | 'unreachable' | 'partial';
  /** Only of the table of nftables. */
  readonly nft?: true;
}

const QUESTIONS: Readonly<Record<string, Asked>> = {
  'a service, by a pod behind it': { from: 'p1', to: '10.96.0.10:80', verdict: 'reachable' },
  'a service, by who is no pod': { from: 'client', to: '10.96.0.10:80', verdict: 'reachable' },
  'a service, by the node': { from: 'node', to: '10.96.0.10:80', verdict: 'reachable' },
  'the port of the node': { from: 'client', to: '192.168.7.1:30080', verdict: 'reachable' },
  'a service that keeps who came': { from: 'p2', to: '10.96.0.11:80', verdict: 'reachable' },
  'a service that the asker alone serves': { from: 'p1', to: '10.96.0.12:80', verdict: 'reachable' },
  'a service without endpoints': { from: 'p1', to: '10.96.0.13:80', verdict: 'unreachable' },
  'the same, by the node': { from: 'node', to: '10.96.0.13:80', verdict: 'unreachable' },
  'a service of which one endpoint is deaf': { from: 'p1', to: '10.96.0.14:80', verdict: 'partial' },
  'another port of a service': { from: 'p1', to: '10.96.0.10:81', verdict: 'unreachable', nft: true },
  'an address that no service has': { from: 'p1', to: '10.96.0.99:80', verdict: 'unreachable', nft: true },
};

let net: TestNetwork;

/** p1, p2 and a client around a node that serves them. */
beforeEach(async () => {
  net = await buildNetwork();
  await net.namespaces('node', 'p1', 'p2', 'client');
  for (const [at, name] of ['p1', 'p2'].entries()) {
    await net.wire(`${name}/eth0 10.0.${at + 1}.2/24`, `node/${name} 10.0.${at + 1}.1/24`);
    await net.run(name, `ip route add default via 10.0.${at + 1}.1`);
    await net.listen(name, { protocol: 'tcp', port: 8080 });
  }
  await net.wire('client/eth0 192.168.7.2/24', 'node/eth0 192.168.7.1/24');
  await net.run('client', 'ip route add default via 192.168.7.1');
  // Somewhere the node has to send what is for a service before it is translated.
  await net.run('node', 'ip route add default via 192.168.7.2');
  await net.run('node', 'sysctl -qw net.ipv4.ip_forward=1');
  await hasty(net, 'node', 'p1', 'p2', 'client');
});
afterEach(() => net.close());

const LOADS = {
  nft: async () => void (await net.run('node', 'nft -f -', kubeProxyNft(SERVICES, '192.168.7.1'))),
  'iptables-nft': async () =>
    void (await net.run('node', 'iptables-nft-restore', kubeProxyIptables(SERVICES))),
  'iptables-legacy': async () =>
    void (await net.run('node', 'iptables-legacy-restore', kubeProxyIptables(SERVICES))),
} as const;

describe.each(['nft', 'iptables-nft', 'iptables-legacy'] as const)(
  'services of kube-proxy by %s',
  (backend) => {
    const rows = Object.entries(QUESTIONS).filter(([, { nft }]) => backend === 'nft' || !nft);
    test.each(rows)('%s', async (_, { from, to, verdict }) => {
      await LOADS[backend]();
      const walked = await ask({ from: `netns:${from}`, to }, false);
      expect.soft(walked.verdict, brief(walked)).toBe(verdict);
      const asked = await ask({ from: `netns:${from}`, to });
      expect.soft(asked.verdict, brief(asked)).toBe(verdict);
      expect.soft(asked.probe.agrees, brief(asked)).toBe(true);
      // Who came before comes to the same one: the walk then knows which.
      const again = await ask({ from: `netns:${from}`, to });
      expect.soft(again.probe.agrees, brief(again)).toBe(true);
    });
  },
);
