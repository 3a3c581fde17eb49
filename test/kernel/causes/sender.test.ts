import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLiveSource } from '../../../diagnostics/collect/live-source.ts';
import { openMachine } from '../../../diagnostics/host/local-machine.ts';
import { applyFixes, undoSteps } from '../../../diagnostics/question/apply.ts';
import { stepRunner } from '../../../diagnostics/question/run-step.ts';
import { expectChinese } from '../../support/chinese-report.ts';
import { ask, brief } from '../../support/cause-case.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';

/** What a program meets, and no walk of a packet shows. */
let net: TestNetwork;
beforeEach(async () => {
  net = await buildNetwork();
  await net.namespaces('red', 'blue');
  await net.wire('red/eth0 10.0.0.2/24', 'blue/eth0 10.0.0.3/24 10.0.0.33/24');
});
afterEach(() => net.close());

test('a datagram’s answer that comes from another address is told, and is no answer to who waits for it', async () => {
  await net.listen('blue', { protocol: 'udp', port: 7000 });
  const well = await ask({ from: 'netns:red', to: '10.0.0.3:7000', protocol: 'udp' });
  expect([well.verdict, well.probe.outcome, well.notes], brief(well)).toEqual(['reachable', 'reply', []]);

  const asked = { from: 'netns:red', to: '10.0.0.33:7000', protocol: 'udp' } as const;
  const onPaper = await ask(asked, false);
  expect([onPaper.verdict, onPaper.causes], brief(onPaper)).toEqual(['unknown', []]);
  expect(onPaper.notes.join()).toContain('answers from 10.0.0.33, which is asked, or from 10.0.0.3');
  expectChinese(await ask(asked, false, openMachine(), 'zh-cn'));
  const broken = await ask(asked);
  expect([broken.verdict, broken.probe.outcome], brief(broken)).toEqual(['unreachable', 'timeout']);
  expect(broken.causes.map(({ id, namespace }) => [id, namespace])).toEqual([
    ['answers-from-elsewhere', 'netns:blue'],
  ]);
  const [cause] = broken.causes;
  expect(cause?.summary).toContain('answers, but from 10.0.0.3 and not from 10.0.0.33');
  expect(cause?.fixes.map(({ title, proven }) => [title, proven])).toEqual([
    ['Use 10.0.0.3, port 7000 instead', true],
  ]);
  expect(broken.notes).toEqual([]);
  expectChinese(await ask(asked, true, openMachine(), 'zh-cn'));

  await net.stop('blue', 'udp', 7000);
  await net.listen('blue', { protocol: 'udp', port: 7000, address: '10.0.0.33' });
  expect((await ask(asked)).verdict).toBe('reachable');
});

test('a sender without a free port is told so, rather than that the network is unreachable', async () => {
  await net.listen('blue', { protocol: 'tcp', port: 80 });
  await net.run('red', ['sysctl', '-qw', 'net.ipv4.ip_local_port_range=40000 40000']);
  const asked = { from: 'netns:red', to: '10.0.0.3:80' };
  expect((await ask(asked)).verdict).toBe('reachable');
  // The one port waits (TIME-WAIT) for a minute, or is held.
  await net.spawn('red', [
    ...[process.execPath, '-e'],
    "require('node:net').connect(80, '10.0.0.3').on('error', () => {})",
  ]);
  const established = async (): Promise<boolean> =>
    (await net.run('red', 'ss -Htan dport = :80')).includes('40000');
  await expect.poll(established).toBe(true);

  const broken = await ask(asked);
  expect(broken.verdict, brief(broken)).toBe('unreachable');
  expect(broken.causes.map(({ id, namespace, certainty }) => [id, namespace, certainty])).toEqual([
    ['no-free-port', 'netns:red', 'certain'],
  ]);
  expect(broken.causes[0]?.summary).toBe(
    'netns:red has no free port left to connect from to this destination (net.ipv4.ip_local_port_range is 40000–40000)',
  );
  expect(broken.notes).toEqual([]);
  expectChinese(await ask(asked, true, openMachine(), 'zh-cn'));

  const machine = openMachine();
  const run = stepRunner(machine, await createLiveSource(machine).discover());
  const applied = await applyFixes(broken, { ask: (probe) => ask(asked, probe), run });
  expect(applied.outcome, brief(applied.diagnosis)).toBe('works');
  expect(await undoSteps(applied.undo, run)).toBeNull();
  expect((await ask(asked)).causes.map(({ id }) => id)).toEqual(['no-free-port']);
});

test('a sender without a free port for datagrams is told so too', async () => {
  await net.listen('blue', { protocol: 'udp', port: 5300 });
  await net.run('red', ['sysctl', '-qw', 'net.ipv4.ip_local_port_range=41000 41000']);
  const asked = { from: 'netns:red', to: '10.0.0.3:5300', protocol: 'udp' } as const;
  expect((await ask(asked)).verdict).toBe('reachable');
  await net.listen('red', { protocol: 'udp', port: 41000 });
  const broken = await ask(asked);
  expect(broken.verdict, brief(broken)).toBe('unreachable');
  expect(broken.causes.map(({ id, summary }) => [id, summary])).toEqual([
    [
      'no-free-port',
      'netns:red has no free port left to send datagrams from (net.ipv4.ip_local_port_range is 41000–41000)',
    ],
  ]);
  expect(broken.notes).toEqual([]);
  expectChinese(await ask(asked, true, openMachine(), 'zh-cn'));

  const machine = openMachine();
  const run = stepRunner(machine, await createLiveSource(machine).discover());
  const applied = await applyFixes(broken, { ask: (probe) => ask(asked, probe), run });
  expect(applied.outcome, brief(applied.diagnosis)).toBe('works');
  expect(await undoSteps(applied.undo, run)).toBeNull();
  expect((await ask(asked)).causes.map(({ id }) => id)).toEqual(['no-free-port']);
});
