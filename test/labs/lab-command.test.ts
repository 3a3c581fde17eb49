import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { installedForTests } from './support/installed-for-tests.ts';
import { newLearner, type Learner } from './support/learner.ts';
import { whoRunsTests } from './support/users.ts';

const [self] = await whoRunsTests();
const dist = installedForTests();
let learner: Learner;

describe('hoplab lab', () => {
  beforeEach(async () => {
    if (self) learner = await newLearner(self, dist());
  });
  afterEach(() => learner.end());

  it('lists the labs, with progress and what runs, as text and as data', async () => {
    await learner.lab('start', 'router');
    await learner.lab('solve', '--run');
    expect((await learner.hoplab('lab', 'list')).stdout).toMatch(
      /13 {2}router {2}A router {2}1\/4 {2}▶ router/,
    );
    const { stdout } = await learner.hoplab('lab', 'list', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 1,
      labs: [
        { id: 'router', title: 'A router', minutes: 20, steps: { done: 1, total: 4 }, running: ['router'] },
      ],
    });
  });

  it('starts a lab by its number, its id or both, and says what there is to read and where to type', async () => {
    for (const name of ['13', 'router', '13-a-router']) {
      const { stdout } = await learner.hoplab('lab', 'start', name);
      expect(stdout).toMatch(/hoplab lab guide\n.*hoplab lab shell red \(red, router, blue\)$/);
    }
    const intro = (await learner.hoplab('lab', 'guide')).stdout;
    expect(intro).toMatch(/^## A router[^]*## A foot in each segment[^]*``` in router\nip -br address\n```/);
    await learner.lab('solve', '--run');
    expect((await learner.hoplab('lab', 'guide')).stdout).toMatch(/^## A way out of red/);
    for (let step = 1; step < 4; step++) await learner.lab('solve', '--run');
    expect((await learner.hoplab('lab', 'guide')).stdout).toMatch(
      /^Three things[^]*\*\*netns:router\*\* to-red → to-blue/,
    );
    const { status, stderr } = await learner.hoplab('lab', 'guide', 'nosuch');
    expect([status, stderr]).toEqual([
      64,
      expect.stringMatching(/^hoplab: The guide has no part nosuch; there are/),
    ]);
  });

  it('shows the whole lab as a map, from outside and in a node', async () => {
    await learner.lab('start', 'router');
    const outside = (await learner.hoplab('map', '--lab', 'router')).stdout;
    expect(outside).toMatch(/red .*10\.0\.1\.2\/24[^]*⇄ router to-red/);
    expect((await learner.type('red', 'hoplab map')).replaceAll('\r', '')).toContain(outside.trim());
  });

  it('asks which one is meant where several run', async () => {
    await learner.lab('start', 'router');
    expect((await learner.lab('start', 'router')).sandbox).toBe('router');
    expect((await learner.lab('start', 'router', '--another')).sandbox).toBe('router-2');
    const { status, stderr } = await learner.hoplab('lab', 'status');
    expect([status, stderr]).toEqual([
      64,
      'hoplab: Several labs are running: router, router-2. Say which: --lab NAME',
    ]);
    expect((await learner.lab('status', '--lab', 'router-2')).sandbox).toBe('router-2');
  });

  it.each([
    [['start', 'nosuch'], 'There is no lab nosuch; there are router.'],
    [['status'], 'No lab is running. Start one: hoplab lab start router'],
    [['test'], 'Say which lab to test, or --all.'],
  ])('%j is refused in one line', async (argv, message) => {
    const { status, stdout, stderr } = await learner.hoplab('lab', ...argv);
    expect({ status, stdout, stderr }).toEqual({ status: 64, stdout: '', stderr: `hoplab: ${message}` });
  });
});
