import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ask, brief } from '../../support/cause-case.ts';
import { agreeForCertain, ping } from '../../support/agree.ts';
import { hasty } from '../../support/hasty.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';

let net: TestNetwork;
beforeEach(async () => void (net = await buildNetwork()));
afterEach(() => net.close());

/** Two switches with two wires between them, of which one is out of service; a is on the first, b on the second. */
async function ring(out: string): Promise<void> {
  await net.namespaces('a', 'b', 's1', 's2');
  await net.wire('a/eth0 10.0.0.1/24 fd00::1/64', 's1/va');
  await net.wire('b/eth0 10.0.0.2/24 fd00::2/64', 's2/vb');
  await net.wire('s1/first', 's2/first');
  await net.wire('s1/second', 's2/second');
  // A loop, were it for a moment.
  await net.run('s2', `ip link set ${out} down`);
  await net.bridge('s1/br0 10.0.0.11/24', 'va', 'first', 'second');
  await net.bridge('s2/br0 10.0.0.12/24', 'vb', 'first', 'second');
  await hasty(net, 'a', 'b', 's1', 's2');
}

it('a macvlan on a bridge of a ring never meets the bridge’s own stack, and the ring is not why', async () => {
  await ring('first');
  await net.namespaces('c');
  await net.run('s2', 'ip link add mv0 link br0 netns c type macvlan mode bridge');
  await net.run('c', 'ip address add 10.0.0.3/24 dev mv0');
  await net.run('c', 'ip link set mv0 up');
  const answer = await ask({ from: 'netns:c', to: '10.0.0.12', protocol: 'icmp' });
  expect(
    answer.causes.map(({ id }) => id),
    brief(answer),
  ).toEqual(['macvlan-host-isolation']);
});

describe('of two wires between two switches, one out of service', () => {
  it.each([['first'], ['second']])('the %s one: the other one carries it', async (out) => {
    await ring(out);
    await agreeForCertain(ping('a', '10.0.0.2'), 'delivered at b', 'delivered at a');
    await agreeForCertain(ping('a', 'fd00::2'), 'delivered at b', 'delivered at a');
    await agreeForCertain(ping('b', '10.0.0.11'), 'delivered at s1', 'delivered at b');
    await agreeForCertain(ping('s2', '10.0.0.1'), 'delivered at a', 'delivered at s2');
  });
});
