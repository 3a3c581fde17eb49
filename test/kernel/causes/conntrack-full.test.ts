import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ask, brief } from '../../support/cause-case.ts';
import { buildNetwork } from '../../support/network.ts';
import { routedPair } from '../../support/pairs.ts';

const asked = { from: 'netns:red', to: 'netns:blue', port: 80 };

/** Connections that the kernel gives up for no other: both sides have spoken (IPS_ASSURED). */
const connections = (count: number): string =>
  Array.from(
    { length: count },
    (_, at) =>
      `-A -p tcp -s 10.${100 + (at >> 16)}.${(at >> 8) & 255}.${at & 255} -d 10.200.0.1 --sport 1000 --dport 80 ` +
      '--state ESTABLISHED -u ASSURED,SEEN_REPLY -t 3000\n',
  ).join('');

// Its limit may be written in the machine's own namespace only: the table is filled, and emptied again.
test('conntrack-full: the router follows as many connections as it may', async () => {
  await using net = await buildNetwork();
  await routedPair(net);
  await net.run('router', 'iptables -t nat -A POSTROUTING -o rb -j MASQUERADE');
  const healthy = await ask(asked);
  expect([healthy.verdict, healthy.causes], brief(healthy)).toEqual(['reachable', []]);

  const limit = Number(await net.run('router', 'cat /proc/sys/net/netfilter/nf_conntrack_max'));
  // It ends with the first one that there is no room for.
  const file = join(await mkdtemp(join(tmpdir(), 'connections-')), 'list');
  await writeFile(file, connections(limit + 1));
  await net.run('router', `conntrack -R ${file}`).catch(() => '');
  const full = await ask(asked);
  expect([full.verdict, full.probe.outcome], brief(full)).toEqual(['unreachable', 'timeout']);
  expect(
    full.causes.map(({ id, namespace, certainty }) => [id, namespace, certainty]),
    brief(full),
  ).toEqual([['conntrack-full', 'netns:router', 'likely']]);
  expect(full.causes[0]?.params).toMatchObject({ count: limit, limit });
  expect(full.causes[0]?.fixes[0]).toMatchObject({
    proven: true,
    steps: [{ namespace: 'host', argv: ['sysctl', '-w', `net.netfilter.nf_conntrack_max=${limit * 2}`] }],
  });

  await net.run('router', 'conntrack -F');
  const roomy = await ask(asked);
  expect([roomy.verdict, roomy.causes], brief(roomy)).toEqual(['reachable', []]);
});
