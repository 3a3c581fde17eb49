import { describe } from 'vitest';
import { testCause, type CauseCase } from '../../support/cause-case.ts';
import type { TestNetwork } from '../../support/network.ts';
import { addPeer, wireguardPair, type Keys } from '../../support/wireguard-go.ts';
import { withoutTun } from '../../support/tun.ts';

const missing = withoutTun();

let keys: readonly [Keys, Keys];

const healthy = async (net: TestNetwork): Promise<void> => {
  keys = await wireguardPair(net);
};

const allowed = (net: TestNetwork, node: 'n1' | 'n2', list: string): Promise<void> =>
  addPeer(net, node, { key: keys[node === 'n1' ? 1 : 0].key, allowed: list });

const four = { from: 'netns:n1', to: '10.9.0.2:80' };
const six = { from: 'netns:n1', to: '[fd00:9::2]:80' };

/** As after a start: nothing was heard from the peer. */
const anew = async (
  net: TestNetwork,
  node: 'n1' | 'n2',
  peer: Omit<Parameters<typeof addPeer>[2], 'key'>,
) => {
  const { key } = keys[node === 'n1' ? 1 : 0];
  await net.run(node, `wg set wg-${node} peer ${key} remove`);
  await addPeer(net, node, { key, ...peer });
};

const CASES: readonly CauseCase[] = [
  {
    fault: 'the sender’s peer is allowed another address',
    healthy,
    breakIt: (net) => allowed(net, 'n1', '10.9.0.3/32,fd00:9::2/128'),
    ask: four,
    causes: ['wireguard-allowed-ips'],
    at: ['netns:n1'],
  },
  {
    fault: 'the sender’s peer is allowed addresses of the other family only',
    healthy,
    breakIt: (net) => allowed(net, 'n1', '10.9.0.2/32'),
    ask: six,
    causes: ['wireguard-allowed-ips'],
    at: ['netns:n1'],
  },
  {
    fault: 'the receiver takes other sources only',
    healthy,
    breakIt: (net) => allowed(net, 'n2', '10.9.0.64/26,fd00:9::1/128'),
    ask: four,
    causes: ['wireguard-allowed-ips'],
    at: ['netns:n2'],
  },
  {
    fault: 'the receiver takes other sources only, by IPv6',
    healthy,
    breakIt: (net) => allowed(net, 'n2', '10.9.0.1/32,fd00:9::8/125'),
    ask: six,
    causes: ['wireguard-allowed-ips'],
    at: ['netns:n2'],
  },
  {
    fault: 'the sender does not know where the other is',
    healthy,
    breakIt: (net) => anew(net, 'n1', { allowed: '10.9.0.2/32' }),
    ask: four,
    causes: ['wireguard-no-endpoint'],
    at: ['netns:n1'],
    forget: (net) => anew(net, 'n1', { allowed: '10.9.0.2/32' }),
  },
  {
    fault: 'the sender does not know where the other is, nor takes that one what it sends',
    healthy,
    breakIt: async (net) => {
      await anew(net, 'n1', { allowed: '10.9.0.2/32' });
      await allowed(net, 'n2', '10.9.0.3/32');
    },
    ask: four,
    causes: ['wireguard-no-endpoint', 'wireguard-allowed-ips'],
    at: ['netns:n1', 'netns:n2'],
    forget: (net) => anew(net, 'n1', { allowed: '10.9.0.2/32' }),
  },
];

describe.skipIf(missing !== null)(`WireGuard by a program${missing === null ? '' : ` (${missing})`}`, () => {
  CASES.forEach(testCause);
});
