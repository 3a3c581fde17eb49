import { expect, test } from 'vitest';
import { ask, brief, testCause, type CauseCase } from '../../support/cause-case.ts';
import { buildNetwork } from '../../support/network.ts';
import { routedPair } from '../../support/pairs.ts';

const base: Pick<CauseCase, 'healthy' | 'ask' | 'causes'> = {
  healthy: routedPair,
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  causes: ['filter-drop'],
};

for (const tool of ['iptables-nft', 'iptables-legacy']) {
  testCause({
    ...base,
    fault: `${tool}, FORWARD of the router, in a chain of the user’s`,
    breakIt: async (net) => {
      await net.run('router', `${tool} -N BLOCKED`);
      await net.run('router', `${tool} -A BLOCKED -s 10.9.9.9 -j ACCEPT`);
      await net.run('router', [
        tool,
        ...'-A BLOCKED -p tcp -m comment --comment'.split(' '),
        'no "web" here',
        '-j',
        'DROP',
      ]);
      await net.run('router', `${tool} -A FORWARD -i ra -j BLOCKED`);
    },
    at: ['netns:router'],
  });
  testCause({
    ...base,
    fault: `${tool}, INPUT of the destination`,
    breakIt: async (net) => {
      await net.run('blue', `${tool} -A INPUT -p tcp --dport 80 -j DROP`);
    },
    at: ['netns:blue'],
  });
}

testCause({
  ...base,
  fault: 'OUTPUT of the sender',
  breakIt: async (net) => {
    await net.run('red', 'iptables-nft -A OUTPUT -d 10.0.2.0/24 -j DROP');
  },
  at: ['netns:red'],
});

testCause({
  ...base,
  fault: 'a native nft rule, with a set',
  breakIt: async (net) => {
    await net.run(
      'router',
      'nft -f -',
      `table inet guard {
         chain forward { type filter hook forward priority filter; policy accept;
           ct state established,related accept
           tcp dport { 80, 443 } drop
         }
       }`,
    );
  },
  at: ['netns:router'],
});

testCause({
  ...base,
  fault: 'the answer, on its way back',
  breakIt: async (net) => {
    await net.run('router', 'iptables-nft -A FORWARD -p tcp --sport 80 -j DROP');
  },
  at: ['netns:router'],
});

testCause({
  ...base,
  fault: 'both backends at once: two rules, two causes',
  breakIt: async (net) => {
    await net.run('router', 'iptables-nft -A FORWARD -p tcp -j DROP');
    await net.run('router', 'iptables-legacy -A FORWARD -p tcp -j DROP');
  },
  causes: ['filter-drop', 'filter-drop'],
  at: ['netns:router', 'netns:router'],
});

testCause({
  ...base,
  fault: 'ping only',
  breakIt: async (net) => {
    await net.run('blue', 'iptables-nft -A INPUT -p icmp --icmp-type echo-request -j DROP');
  },
  ask: { from: 'netns:red', to: 'netns:blue' },
  at: ['netns:blue'],
});

testCause({
  fault: 'by the rules of a device, before the IP stack sees it',
  healthy: routedPair,
  breakIt: async (net) =>
    void (await net.run(
      'router',
      'nft -f -',
      `table netdev guard {
         chain in {
           type filter hook ingress device ra priority 0;
           tcp dport 80 drop
         }
       }`,
    )),
  ask: { from: 'netns:red', to: 'netns:blue', port: 80 },
  causes: ['filter-drop'],
  at: ['netns:router'],
});

testCause({
  ...base,
  fault: 'its source is in a set of those who are banned',
  breakIt: async (net) =>
    void (await net.run(
      'router',
      'nft -f -',
      `table inet ban {
         set bad { type ipv4_addr; flags timeout; elements = { 10.0.1.2 timeout 1h, 10.9.9.9 timeout 1h } }
         chain in {
           type filter hook forward priority -10;
           ip saddr @bad drop
         }
       }`,
    )),
  narrow: 'delete element inet ban bad { 10.0.1.2 }',
});

testCause({
  ...base,
  fault: 'its source is in a set of ipset',
  breakIt: async (net) => {
    await net.run('router', 'ipset create bad hash:ip timeout 3600');
    await net.run('router', 'ipset add bad 10.0.1.2');
    await net.run('router', 'iptables-nft -A FORWARD -m set --match-set bad src -j DROP');
  },
  narrow: 'ipset del bad 10.0.1.2',
});

testCause({
  ...base,
  fault: 'its source is in a set that is in a list of sets',
  breakIt: async (net) => {
    await net.run('router', 'ipset create good hash:ip');
    await net.run('router', 'ipset create bad hash:ip');
    await net.run('router', 'ipset add bad 10.0.1.2');
    await net.run('router', 'ipset create both list:set');
    await net.run('router', 'ipset add both good');
    await net.run('router', 'ipset add both bad');
    await net.run('router', 'iptables-nft -A FORWARD -m set --match-set both src -j DROP');
  },
  narrow: 'ipset del bad 10.0.1.2',
});

test('filter-drop: behind a rule that drops where there is too much, one that always does', async () => {
  await using net = await buildNetwork();
  await routedPair(net);
  const often = '--hashlimit-above 1000/sec --hashlimit-mode srcip --hashlimit-name flood';
  await net.run('router', `iptables -A FORWARD -p tcp --syn -m hashlimit ${often} -j DROP`);
  await net.run('router', 'iptables -A FORWARD -p tcp --dport 80 -j DROP');
  const broken = await ask(base.ask);
  expect([broken.verdict, broken.probe.agrees], brief(broken)).toEqual(['unreachable', true]);
  const [cause, ...others] = broken.causes;
  expect([cause?.id, cause?.certainty, others], brief(broken)).toEqual(['filter-drop', 'certain', []]);
  expect(cause?.summary).toContain('rule 2 of chain FORWARD');
  const [fix] = cause?.fixes ?? [];
  // Whether there is too much of it, nobody knows beforehand.
  expect(fix?.proven, brief(broken)).toBe(false);
  for (const { argv } of fix?.steps ?? []) if (argv) await net.run('router', [...argv]);
  expect((await ask(base.ask)).probe.outcome).toBe('reply');
});
