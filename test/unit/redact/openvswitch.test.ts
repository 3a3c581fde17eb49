import { expect, test } from 'vitest';
import { redactSnapshot } from '../../../diagnostics/redact/redact-snapshot.ts';
import { walkFlow } from '../../../diagnostics/simulate/walk.ts';
import { ovsBridge, withSwitch } from '../../support/ovs-snapshot.ts';
import { sketchSnapshot } from '../../support/snapshot.ts';

const snapshot = withSwitch(
  sketchSnapshot({
    host: { links: ['br0 bridge', 'to-acme master br0 -> acme/eth0', 'to-blue master br0 -> blue/eth0'] },
    acme: { links: ['eth0 10.20.30.2/24 -> host/to-acme'] },
    blue: {
      links: ['eth0 10.20.30.3/24 -> host/to-blue'],
      sockets: ['tcp 0.0.0.0:80', 'tcp 0.0.0.0:81', 'tcp 0.0.0.0:82'],
    },
  }),
  'host',
  ovsBridge(
    [
      'cookie=0x1, priority=9,tcp,in_port="to-acme",nw_src=10.20.30.0/24,tp_dst=80 actions=drop',
      'priority=8,tcp,nw_dst=10.20.30.3/255.255.0.255,tp_dst=81 actions=note:61.63.6d.65.00.00,drop',
      'priority=7,tcp,nw_dst=10.20.31.0/24,tp_dst=82 actions=drop',
      'priority=0 actions=NORMAL',
    ],
    { userspace: false, database: 'unix:/home/acme/db.sock' },
  ),
  { 'to-acme': { role: 'system' } },
);

const end = (facts: typeof snapshot, destination: string, port: number): string => {
  const [, from] = facts.namespaces;
  const { forward } = walkFlow(facts, {
    ...{ from: 'namespace', namespace: from?.id ?? '', protocol: 'tcp', destination, port },
  });
  return `${forward.certain ? 'certainly' : 'perhaps'} ${forward.disposition}`;
};

test('flows of Open vSwitch say the same under other names and numbers', () => {
  const { snapshot: redacted } = redactSnapshot(snapshot);
  const text = JSON.stringify(redacted);
  for (const secret of ['to-acme', 'acme', '10.20.30', '10.20.31', '61.63.6d'])
    expect(text).not.toContain(secret);
  const links = redacted.namespaces[2]?.facts.links;
  const address = links?.state === 'known' ? links.value.at(-1)?.addresses[0]?.address : undefined;
  for (const port of [80, 82])
    expect(end(redacted, address ?? '', port)).toBe(end(snapshot, '10.20.30.3', port));
  expect(end(snapshot, '10.20.30.3', 80)).toBe('certainly dropped');
  expect(end(snapshot, '10.20.30.3', 81)).toBe('certainly dropped');
  // A mask of any shape cannot be kept.
  expect(end(redacted, address ?? '', 81)).toBe('perhaps unknown');
});
