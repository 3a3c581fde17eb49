import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { packageExtension } from '../support/package.ts';
import { Workbench } from '../support/workbench.ts';

let directory: string;
let vsix: string;
let workbench: Workbench;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hoplab-vsix-'));
  vsix = await packageExtension(directory);
  workbench = await Workbench.open({ vsix });
});

afterAll(async () => {
  await workbench[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await workbench.explain();
});

/** Lab 13 as a learner goes through it, with the mouse and the keyboard, on a real network. */
describe('the lab "A router" in the installed extension', () => {
  it('starts from the tree, and opens its guide', async () => {
    await workbench.openHoplab();
    await workbench.clickInRow(/^A router/, 'Start Lab');
    const guide = await workbench.view('hoplab-guide');
    await guide.getByRole('heading', { name: 'A foot in each segment' }).first().waitFor();
    await workbench.row(/^A router.*running/).waitFor();
    await workbench.row(/^red reaches the router at 10\.0\.1\.1, fails/).waitFor();
  });

  it('turns its checks green as the learner types into a node’s terminal', async () => {
    await workbench.clickInRow(/^router$/, 'Open Terminal in a Node');
    await workbench.type('router', 'ip address add 10.0.1.1/24 dev to-red');
    await workbench.row(/^red reaches the router at 10\.0\.1\.1, passes/).waitFor();
    await workbench.type('router', 'ip address add 10.0.2.1/24 dev to-blue');
    await workbench.row(/^A foot in each segment, done/).waitFor();
    const guide = await workbench.view('hoplab-guide');
    await guide.getByText('A way out of red').first().waitFor();
  });

  it('types a command of the guide into the terminal of its node, for the learner to run', async () => {
    const guide = await workbench.view('hoplab-guide');
    await guide
      .getByRole('button', { name: /A way out of red/ })
      .first()
      .click();
    await guide
      .getByRole('button', { name: /ip route get 10\.0\.2\.2/ })
      .first()
      .click();
    await workbench.terminal().getByText('red#').first().waitFor();
    await workbench.terminal().getByText('ip route get 10.0.2.2').first().waitFor();
    await workbench.page.keyboard.press('Enter');
    await workbench.terminal().getByText('Network is unreachable').first().waitFor();
  });

  it('is finished when the network works', async () => {
    await workbench.type('red', 'ip route add default via 10.0.1.1');
    await workbench.row(/^A way out of red, done/).waitFor();
    await workbench.clickInRow(/^router$/, 'Open Terminal in a Node');
    await workbench.type('router', 'sysctl -w net.ipv4.ip_forward=1');
    await workbench.row(/^The way through, done/).waitFor();
    await workbench.clickInRow(/^blue$/, 'Open Terminal in a Node');
    await workbench.type('blue', 'ip route add default via 10.0.2.1');
    await workbench.row(/^The way back, done/).waitFor();
    await workbench.page.locator('.statusbar-item', { hasText: 'A router 4/4' }).waitFor();
  });

  it('breaks the network when asked to, and says why it is broken', async () => {
    await workbench.clickInRow(/^The morning after a reboot/, 'Break the Network');
    await workbench.row(/^The morning after a reboot, broken now/).waitFor();
    await workbench.clickInRow(/^The morning after a reboot/, 'Why Can’t This Reach …?');
    const answer = await workbench.view('hoplab-diagnosis');
    await answer.getByText('Unreachable').first().waitFor();
    await answer.getByText('net.ipv4.ip_forward').first().waitFor();
  });

  it('applies the fix after showing its commands, and the way turns green', async () => {
    const answer = await workbench.view('hoplab-diagnosis');
    await answer
      .getByRole('button', { name: /^Apply/ })
      .first()
      .click();
    expect(await workbench.answer('Apply')).toContain('net.ipv4.ip_forward=1');
    await answer.getByText('Reachable', { exact: true }).first().waitFor();
    await workbench.row(/^The morning after a reboot, mended/).waitFor();
  });

  it('takes the fix back, and puts it on again', async () => {
    const answer = await workbench.view('hoplab-diagnosis');
    await answer.getByRole('button', { name: 'Undo' }).click();
    await workbench.answer('Undo');
    await answer.getByText('Unreachable', { exact: true }).first().waitFor();
    await answer
      .getByRole('button', { name: /^Apply/ })
      .first()
      .click();
    await workbench.answer('Apply');
    await answer.getByText('Reachable', { exact: true }).first().waitFor();
  });

  it('draws the way on the map', async () => {
    const answer = await workbench.view('hoplab-diagnosis');
    await answer.getByRole('button', { name: 'Show on map' }).click();
    const map = await workbench.view('hoplab-map');
    await map.locator('canvas').first().waitFor();
    await map.getByText('router').first().waitFor();
  });

  it('is still there after the window was reloaded: map, guide and trees', async () => {
    await workbench.reload();
    const map = await workbench.view('hoplab-map');
    await map.getByText('router').first().waitFor();
    await workbench.row(/^A router.*running/).waitFor();
    await workbench.page.getByRole('tab', { name: /^A router/ }).click();
    const guide = await workbench.view('hoplab-guide');
    await guide.getByText('4 of 4 steps done').first().waitFor();
  });

  it('stops after a question, and leaves nothing', async () => {
    await workbench.clickInRow(/^A router.*running/, 'Stop Lab');
    await workbench.answer('Stop the lab');
    await workbench.row(/^A router, 20 min/).waitFor();
    await workbench.page.locator('.statusbar-item', { hasText: 'A router' }).waitFor({ state: 'detached' });
  });

  it('was shown without a breach of the pages’ policy', () => {
    expect(workbench.complaints).toEqual([]);
  });
});
