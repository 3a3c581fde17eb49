import { expect, test } from 'vitest';
import { ask, brief } from '../support/cause-case.ts';
import { serveDns } from '../support/dns-server.ts';
import { buildNetwork } from '../support/network.ts';
import { layResolverFiles } from '../support/resolver-files.ts';

test('who asks name servers by TCP from the start is walked by TCP, also where nobody is asked', async () => {
  const files = await layResolverFiles();
  await using net = await buildNetwork();
  await net.namespaces('red', 'blue');
  await net.wire('red/eth0 10.0.0.2/24', 'blue/eth0 10.0.0.3/24');
  await serveDns(net, 'blue', { address: '10.0.0.3', names: { 'db.test': ['10.0.0.3'] } });
  await files.write({ resolv: 'nameserver 10.0.0.3\noptions use-vc timeout:1 attempts:1\n' });
  // The name itself is the server's to say: on paper nobody is asked.
  for (const [probe, verdict] of [
    [true, 'reachable'],
    [false, 'unknown'],
  ] as const)
    expect((await ask({ from: 'netns:red', to: 'db.test' }, probe)).verdict).toBe(verdict);
  await net.run('blue', 'iptables -A INPUT -p tcp --dport 53 -j REJECT --reject-with tcp-reset');
  for (const probe of [true, false]) {
    const answer = await ask({ from: 'netns:red', to: 'db.test' }, probe);
    expect([answer.verdict, ...answer.causes.map(({ id }) => id)], brief(answer)).toEqual([
      'unreachable',
      'resolver-unreachable',
    ]);
  }
  await files.close();
});
