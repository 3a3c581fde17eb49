import { execa } from 'execa';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { readBothWays } from '../support/both-ways.ts';
import { ask, brief } from '../support/cause-case.ts';
import { namespaceNamed, value } from '../support/facts.ts';
import { buildNetwork } from '../support/network.ts';

const SENTENCE = 'Rules of legacy iptables may be here that only an administrator of the machine may see';

/** The network namespaces of rootless engines are made so: nobody but the machine's root may read which legacy tables they have. */
test('where nobody may see which legacy tables there are, that is said, and nothing is certain', async () => {
  await using net = await buildNetwork();
  const engine = execa(
    'unshare',
    ['--user', '--map-root-user', '--net', 'sh', '-c', 'echo ready; exec sleep 120'],
    { reject: false },
  );
  await once(createInterface(engine.stdout), 'line');
  await net.run('host', `ip netns attach rootless ${engine.pid}`);
  try {
    await net.namespaces('red');
    await net.wire('red/eth0 10.0.0.1/24', 'rootless/eth0 10.0.0.2/24');
    const enter = ['nsenter', `--target=${engine.pid}`, '--user', '--net'];
    expect(
      (
        await execa(enter[0] ?? '', [...enter.slice(1), 'cat', '/proc/net/ip_tables_names'], {
          reject: false,
        })
      ).stderr,
    ).toContain('Permission denied');
    const question = { from: 'netns:red', to: '10.0.0.2', protocol: 'icmp' } as const;
    const healthy = await ask(question);
    expect([healthy.verdict, healthy.probe.agrees], brief(healthy)).toEqual(['reachable', null]);

    await net.run('host', [...enter, 'iptables-legacy', '-A', 'INPUT', '-p', 'icmp', '-j', 'DROP']);
    const dropped = await ask(question);
    expect([dropped.verdict, dropped.probe.agrees], brief(dropped)).toEqual(['unreachable', null]);
    expect(dropped.notes.join('\n')).toContain(SENTENCE);
    expect((await ask(question, false)).verdict).toBe('unknown');

    const { itself, commands } = await readBothWays(['ruleset']);
    for (const snapshot of [itself, commands]) {
      const { unknowns } = value(namespaceNamed(snapshot, 'netns:rootless').facts.ruleset);
      expect(unknowns).toEqual([expect.stringContaining(SENTENCE)]);
      expect(value(namespaceNamed(snapshot, 'netns:red').facts.ruleset).unknowns).toEqual([]);
    }
  } finally {
    await net.run('host', 'ip netns del rootless');
    engine.kill('SIGKILL');
    await engine;
  }
});
