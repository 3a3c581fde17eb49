import { execa } from 'execa';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { packageExtension } from '../support/package.ts';
import { Workbench } from '../support/workbench.ts';

/** Pictures of the whole workbench for the documentation, of a real lab: `npm run screenshots`. */
const pictures = join(import.meta.dirname, '../../../docs/screenshots');
const THEMES = { light: 'Default Light Modern', dark: 'Default Dark Modern' };

let directory: string;
let vsix: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hoplab-vsix-'));
  vsix = await packageExtension(directory);
});

afterAll(() => rm(directory, { recursive: true, force: true }));

describe.each(Object.entries(THEMES))('in the %s theme', (name, theme) => {
  it('shows the trees, the guide, a terminal, an answer and the map', async () => {
    await using workbench = await Workbench.open({
      vsix,
      settings: { 'workbench.colorTheme': theme, 'window.commandCenter': false },
    });
    const picture = async (what: string): Promise<void> => {
      // Out of the way of what it would light up.
      await workbench.page.mouse.move(700, 895);
      await workbench.screenshot(join(pictures, `workbench-${what}-${name}.png`));
    };
    const hoplab = (...args: readonly string[]): ReturnType<typeof execa> =>
      execa('node', ['dist/cli/hoplab.mjs', ...args], {
        env: { HOPLAB_RUNTIME_DIR: workbench.runtimeDirectory, XDG_STATE_HOME: workbench.stateDirectory },
      });

    await workbench.openHoplab();
    await workbench.row(/^host, network namespace/).waitFor();
    await workbench.clickInRow(/^A router/, 'Start Lab');
    const guide = await workbench.view('hoplab-guide');
    await guide.getByText('A foot in each segment').first().waitFor();
    await workbench.clickInRow(/^router$/, 'Open Terminal in a Node');
    await workbench.type('router', 'ip address add 10.0.1.1/24 dev to-red');
    await workbench.row(/^red reaches the router at 10\.0\.1\.1, passes/).waitFor();
    await workbench.row(/^red, network namespace/).click();
    await picture('lab');

    for (let step = 0; step < 4; step++) await hoplab('lab', 'solve', '--run', '--json');
    await workbench.row(/^The way back, done/).waitFor();
    await hoplab('lab', 'break', 'one-way', '--json');
    await workbench.command('View: Hide Panel');
    await workbench.clickInRow(/^A colleague tidied up, broken now/, 'Why Can’t This Reach …?');
    const answer = await workbench.view('hoplab-diagnosis');
    await answer.getByText('Unreachable', { exact: true }).first().waitFor();
    await picture('diagnosis');

    await answer.getByRole('button', { name: 'Show on map' }).click();
    const map = await workbench.view('hoplab-map');
    await map.locator('canvas').first().waitFor();
    await map.getByText('blue').first().waitFor({ state: 'attached' });
    // The layout comes to rest.
    await workbench.page.waitForTimeout(1500);
    await picture('map');
    await hoplab('lab', 'stop', '--all');
  });
});
