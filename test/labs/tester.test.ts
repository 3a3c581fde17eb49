import { chmod, cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { installedForTests } from './support/installed-for-tests.ts';
import { newLearner, type Learner } from './support/learner.ts';
import { whoRunsTests } from './support/users.ts';

const [self] = await whoRunsTests();
const dist = installedForTests();
let learner: Learner;

beforeEach(async () => {
  if (!self) throw new Error('nobody runs this test');
  learner = await newLearner(self, dist());
  await chmod(learner.place, 0o755);
});
afterEach(() => learner.end());

/** What the tester refuses of the smallest lab after a change of its text. */
async function refused(before: string, after: string): Promise<readonly string[]> {
  const directory = join(learner.place, 'smallest');
  await cp('test/labs/fixtures/smallest', directory, { recursive: true });
  const file = join(directory, 'lab.yaml');
  const text = await readFile(file, 'utf8');
  if (before !== '') expect(text).toContain(before);
  await writeFile(file, text.replace(before, after));
  const { status, stdout, stderr } = await learner.hoplab('lab', 'test', directory);
  expect(stderr).toBe('');
  const lines = stdout.split('\n').filter((line) => line.startsWith('✘'));
  expect(status).toBe(lines.length === 0 ? 0 : 1);
  expect(stdout).toContain('✔ nothing is left behind');
  return lines;
}

describe('the tester of labs', () => {
  it('refuses nothing of a lab that is right', async () => {
    expect(await refused('', '')).toEqual([]);
  });

  it.each([
    [
      'a solution that solves nothing',
      'run: ip link set eth0 up',
      'run: ip link show eth0',
      /up: green after its solution: left reaches right: it is fail: /,
    ],
    [
      'a solution whose command fails',
      'run: ip link set eth0 up',
      'run: ip link set eth7 up',
      /up: its solution works: The solution did not work here: ip link set eth7 up \(right\): Cannot find device/,
    ],
    [
      'a check that holds from the start',
      'link: { node: right, dev: eth0, up: true }',
      'link: { node: right, dev: eth0 }',
      /up: red before its solution: right's interface is up: it is pass/,
    ],
    [
      'a check that cannot be answered',
      'link: { node: right, dev: eth0, up: true }',
      'capture: { node: right, dev: eth0, filter: such nonsense }',
      /up: red before its solution: .*: it is unknown/,
    ],
    [
      'a fault that breaks nothing',
      'ip route add blackhole 10.0.1.2/32',
      'ip route add blackhole 10.0.9.9/32',
      /swallowed: breaks what worked: The fault was made and breaks nothing here/,
    ],
    [
      'a fault whose command fails',
      'ip route add blackhole 10.0.1.2/32',
      'ip route add blackhole nowhere',
      /swallowed: breaks what worked: The fault could not be made: ip route add blackhole nowhere \(left\): /,
    ],
    [
      'a fault with another cause',
      'cause: blackhole-route',
      'cause: no-return-route',
      /swallowed: why says no-return-route at netns:left: it says blackhole-route/,
    ],
    [
      'a fault at another place',
      'where: left',
      'where: right',
      /swallowed: why says blackhole-route at netns:right: it says blackhole-route/,
    ],
    [
      'a second way that is none',
      'faults:\n',
      '    alternative:\n      - { node: right, run: ip link show eth0 }\n\nfaults:\n',
      /up: green after the second way: left reaches right/,
    ],
  ])('refuses %s', async (_what, before, after, complaint) => {
    const lines = await refused(before, after);
    expect(lines.join('\n')).toMatch(complaint);
  });
});
