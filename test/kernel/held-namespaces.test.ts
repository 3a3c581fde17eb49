import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLiveSource } from '../../diagnostics/collect/live-source.ts';
import { openMachine } from '../../diagnostics/host/local-machine.ts';
import { namespaceLabel, type Namespace } from '../../diagnostics/model/namespace.ts';
import { ask, brief } from '../support/cause-case.ts';
import { buildNetwork, type TestNetwork } from '../support/network.ts';

/** A wire from red into a namespace that loses its name: a shell's open file is all that keeps it. */
let net: TestNetwork;
let kept: Namespace | undefined;
let label: string;

beforeAll(async () => {
  net = await buildNetwork();
  await net.namespaces('red', 'kept');
  await net.wire('red/eth0 10.0.0.1/24', 'kept/eth0 10.0.0.2/24');
  await net.rename('kept', null);
  const { namespaces } = await createLiveSource(openMachine()).discover();
  kept = namespaces.find(({ names }) => names.some(({ type }) => type === 'fd'));
  label = kept ? namespaceLabel(kept) : '';
});
afterAll(() => net.close());

/** `fd:42.3` → `--net=/proc/42/fd/3` */
const pathOf = (name: string): string => `--net=/proc/${name.replace('fd:', '').replace('.', '/fd/')}`;

test('what a process alone keeps open is found, named by who keeps it, and entered', async () => {
  expect(kept?.names).toMatchObject([{ type: 'fd', descriptor: 3, process: 'sleep' }]);
  expect(label).toMatch(/^fd:\d+\.3$/);
  const answer = await ask({ from: 'netns:red', to: '10.0.0.2', protocol: 'icmp' });
  expect(answer.verdict, brief(answer)).toBe('reachable');
  expect(answer.probe.agrees, brief(answer)).toBe(true);
  const back = await ask({ from: label, to: 'netns:red' });
  expect(back.verdict, brief(back)).toBe('reachable');
});

test('a cause in it is found and its evidence can be read again', async () => {
  const enter = ['nsenter', pathOf(label)];
  await net.run('host', [...enter, 'ip', 'link', 'set', 'eth0', 'down']);
  const answer = await ask({ from: 'netns:red', to: label });
  expect(
    answer.causes.map(({ id, namespace }) => [id, namespace]),
    brief(answer),
  ).toEqual([['interface-down', label]]);
  const [evidence] = answer.causes[0]?.evidence ?? [];
  expect(evidence?.source).toContain(`nsenter ${pathOf(label)} `);
  expect(await net.run('host', ['sh', '-c', evidence?.source ?? 'false'])).toContain('state DOWN');
  await net.run('host', [...enter, 'ip', 'link', 'set', 'eth0', 'up']);
});

/** Python's threads are the kernel's: this one goes to a network of its own and stays. */
const STRAY = `
import ctypes, threading, time
def away():
    ctypes.CDLL(None).unshare(0x40000000)
    time.sleep(600)
threading.Thread(target=away).start()
time.sleep(600)`;

test('a thread in another network than its process is found by its own number', async () => {
  const pid = await net.spawn('red', ['python3', '-c', STRAY]);
  const threads = async (): Promise<readonly number[]> => {
    const { namespaces } = await createLiveSource(openMachine()).discover();
    const ofThreads = (await readdir(`/proc/${pid}/task`)).map(Number).filter((id) => id !== pid);
    return namespaces.flatMap(({ names }) =>
      names.flatMap((name) => (name.type === 'pid' && ofThreads.includes(name.pid) ? [name.pid] : [])),
    );
  };
  await expect.poll(threads).toHaveLength(1);
  const [thread] = await threads();
  const answer = await ask({ from: `pid:${thread ?? 0}`, to: '127.0.0.1' });
  expect(
    answer.causes.map(({ id, namespace }) => [id, namespace]),
    brief(answer),
  ).toEqual([['loopback-down', `pid:${thread ?? 0}`]]);
});
