import { execa } from 'execa';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageExtension } from '../support/package.ts';
import { Workbench, type WorkbenchOptions } from '../support/workbench.ts';

let directory: string;
let vsix: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hoplab-vsix-'));
  vsix = await packageExtension(directory);
});

afterAll(() => rm(directory, { recursive: true, force: true }));

/** A workbench of its own for one test; of a failure there is a picture. */
async function inWorkbench(
  options: Omit<WorkbenchOptions, 'vsix'>,
  test: (workbench: Workbench) => Promise<void>,
): Promise<void> {
  await using workbench = await Workbench.open({ vsix, ...options });
  try {
    await test(workbench);
  } catch (error) {
    await workbench.explain();
    throw error;
  }
}

/** The tool as the extension runs it, for the labs of a workbench. */
const hoplab = (workbench: Workbench, ...args: readonly string[]): ReturnType<typeof execa> =>
  execa('node', ['dist/cli/hoplab.mjs', ...args], {
    env: { HOPLAB_RUNTIME_DIR: workbench.runtimeDirectory, XDG_STATE_HOME: workbench.stateDirectory },
  });

describe('the network of this machine', () => {
  it('is in the tree while no lab runs', async () => {
    await inWorkbench({}, async (workbench) => {
      await workbench.openHoplab();
      await workbench.row(/^host, network namespace/).waitFor();
      await workbench.command('Hoplab: Open Map');
      const map = await workbench.view('hoplab-map');
      await map.locator('canvas').first().waitFor();
      await workbench.command('Hoplab: Check What This Machine Can Do');
      await workbench.page.locator('.view-lines').getByText('Labs can run on this machine.').waitFor();
      expect(workbench.complaints).toEqual([]);
    });
  });

  it('can be asked from the palette, with a name or address that is typed', async () => {
    await inWorkbench({}, async (workbench) => {
      await workbench.openHoplab();
      await workbench.row(/^host, network namespace/).waitFor();
      await workbench.command('Hoplab: Why Can’t This Reach …?');
      await workbench.pick('host', /^host/);
      await workbench.pick('127.0.0.1:9', 'Use “127.0.0.1:9”');
      const answer = await workbench.view('hoplab-diagnosis');
      await answer.getByText('Unreachable', { exact: true }).first().waitFor();
      await answer
        .getByText(/refused/)
        .first()
        .waitFor();
    });
  });
});

describe('names that would rather be obeyed', () => {
  it('are shown in the tree, in lists, and on the map', async () => {
    const hostile = '$(zap)<b>x';
    await inWorkbench({}, async (workbench) => {
      await workbench.openHoplab();
      await hoplab(workbench, 'lab', 'start', 'router', '--json');
      await workbench.row(/^A router.*running/).waitFor();
      // The trees come to rest: VS Code forgets the element of a row that is drawn anew while it is clicked.
      await workbench.row(/^red reaches the router at 10\.0\.1\.1, fails/).waitFor();
      await workbench.row(/^router, network namespace/).waitFor();
      await workbench.clickInRow(/^lab$/, 'Open Terminal in a Node');
      await workbench.type('lab', `ip link add '${hostile}' type bridge`);
      await workbench.command('Hoplab: Refresh Network');
      await workbench.expand(/^host, /);
      await workbench.page.locator('.monaco-list-row', { hasText: hostile }).first().waitFor();
      await workbench.command('Hoplab: Open Map');
      const map = await workbench.view('hoplab-map');
      await map.getByText(hostile).first().waitFor({ state: 'attached' });
      await hoplab(workbench, 'lab', 'stop', '--all');
      await workbench.row(/^A router, 20 min/).waitFor();
      expect(workbench.complaints).toEqual([]);
    });
  });
});

describe('a workspace that is not trusted', () => {
  it('shows and explains, and applies nothing to this machine', async () => {
    await inWorkbench(
      {
        trustEverything: false,
        settings: {
          'security.workspace.trust.startupPrompt': 'never',
          'security.workspace.trust.banner': 'never',
        },
      },
      async (workbench) => {
        await workbench.openHoplab();
        await workbench.row(/^A router, 20 min/).waitFor();
        await workbench.command('Hoplab: Why Can’t This Reach …?');
        await workbench.pick('host', /^host/);
        await workbench.pick('127.0.0.1:9', 'Use “127.0.0.1:9”');
        const answer = await workbench.view('hoplab-diagnosis');
        await answer.getByText('Unreachable', { exact: true }).first().waitFor();
        expect(await answer.getByRole('button', { name: /^Apply/ }).count()).toBe(0);
      },
    );
  });
});

describe('in Chinese', () => {
  it('the trees, the guide and the answer speak it', async () => {
    await inWorkbench({ settings: { 'hoplab.language': 'zh-cn' } }, async (workbench) => {
      await workbench.openHoplab();
      await workbench.row(/^路由器, 20 分钟/).waitFor();
      await workbench.clickInRow(/^路由器/, 'Start Lab');
      const guide = await workbench.view('hoplab-guide');
      await guide.getByText('两个网段各落一只脚').first().waitFor();
      await workbench.row(/^路由器.*运行中 · 已完成 0\/4 步/).waitFor();
      await workbench.clickInRow(/^red 能到达路由器/, 'Why Can’t This Reach …?');
      const answer = await workbench.view('hoplab-diagnosis');
      await answer.getByText('不可到达').first().waitFor();
      await hoplab(workbench, 'lab', 'stop', '--all');
    });
  });
});
