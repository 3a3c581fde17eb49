import { mkdtemp, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dockerIsolation, dockerTopology } from './fixtures/docker.ts';
import { finished, quizzes, references, status, steps } from './fixtures/lab.ts';
import { bridgesTopology, forwardOff, reachable, routerTopology } from './fixtures/router.ts';
import { Pages, type OpenOptions, type OpenView, type ThemeName } from './support.ts';

/** Pictures of every view, to be looked at; in the folder that HOPLAB_SCREENSHOTS names, else in a temporary one. */
let pages: Pages;
let folder: string;

beforeAll(async () => {
  folder = process.env['HOPLAB_SCREENSHOTS'] ?? (await mkdtemp(join(tmpdir(), 'hoplab-screenshots-')));
  pages = await Pages.start();
});
afterAll(() => pages.stop());

const lab = { type: 'lab', status, steps, debriefHtml: null, quizzes, references };
const scenes: Readonly<
  Record<
    string,
    { view: 'map' | 'guide' | 'diagnosis'; options?: OpenOptions; act: (view: OpenView) => Promise<void> }
  >
> = {
  'diagnosis-router': {
    view: 'diagnosis',
    act: (view) => view.send({ type: 'diagnosis', diagnosis: forwardOff, applied: false, canApply: true }),
  },
  'diagnosis-reachable': {
    view: 'diagnosis',
    act: (view) => view.send({ type: 'diagnosis', diagnosis: reachable, applied: true, canApply: true }),
  },
  'diagnosis-docker': {
    view: 'diagnosis',
    options: { height: 1000 },
    act: async (view) => {
      await view.send({ type: 'diagnosis', diagnosis: dockerIsolation, applied: false, canApply: true });
      await view.page.locator('.fails details summary').click();
    },
  },
  'diagnosis-narrow': {
    view: 'diagnosis',
    options: { width: 520, height: 1000 },
    act: (view) => view.send({ type: 'diagnosis', diagnosis: forwardOff, applied: false, canApply: true }),
  },
  guide: {
    view: 'guide',
    options: { width: 760, height: 1100 },
    act: async (view) => {
      await view.send(lab);
      await view.send({
        type: 'hint',
        step: 'through',
        html: '<p>Look at what <code>router</code> does with a packet for somebody else.</p>',
      });
    },
  },
  'guide-finished': {
    view: 'guide',
    options: { width: 760, height: 900 },
    act: async (view) => {
      await view.send({
        ...lab,
        status: finished,
        debriefHtml:
          '<p>The <code>SYN</code> left red with the router’s MAC address and blue’s IP address.</p>',
      });
      await view.page.getByRole('button', { name: /1\. A foot in each segment/ }).click();
      await view.page.getByLabel(/Interfaces in several segments/).check();
    },
  },
  'map-router': {
    view: 'map',
    act: async (view) => {
      await view.send({ type: 'topology', title: 'A router', topology: routerTopology });
      await view.send({ type: 'way', diagnosis: forwardOff });
    },
  },
  'map-reachable': {
    view: 'map',
    act: async (view) => {
      await view.send({ type: 'topology', title: 'A router', topology: routerTopology });
      await view.send({ type: 'way', diagnosis: reachable });
    },
  },
  'map-bridges': {
    view: 'map',
    act: (view) => view.send({ type: 'topology', title: 'This machine', topology: bridgesTopology }),
  },
  'map-docker': {
    view: 'map',
    act: async (view) => {
      await view.send({ type: 'topology', title: 'This machine', topology: dockerTopology });
      await view.page.locator('[role=treeitem]', { hasText: 'shop-web-1' }).first().focus();
      await view.page.keyboard.press(' ');
    },
  },
  'map-docker-way': {
    view: 'map',
    act: async (view) => {
      await view.send({ type: 'topology', title: 'This machine', topology: dockerTopology });
      await view.send({ type: 'way', diagnosis: dockerIsolation });
      await view.page.getByRole('button', { name: /Next step|下一步/ }).click();
      await view.page.getByRole('button', { name: /Next step|下一步/ }).click();
    },
  },
};

const themes: readonly ThemeName[] = ['light', 'dark', 'contrast'];

describe.each(themes)('in the %s theme', (theme) => {
  it.each(Object.keys(scenes))('%s is drawn', async (name) => {
    const scene = scenes[name];
    if (!scene) throw new Error(name);
    const language = theme === 'contrast' ? 'zh-cn' : 'en';
    const view = await pages.open(scene.view, { ...scene.options, theme, language });
    await scene.act(view);
    await view.page.evaluate(() => document.fonts.ready);
    await view.page.evaluate(
      () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
    );
    const file = join(folder, `${name}-${theme}.png`);
    await view.page.screenshot({ path: file });
    expect((await stat(file)).size).toBeGreaterThan(10_000);
    expect(view.trouble).toEqual([]);
    await view.close();
  });
});
