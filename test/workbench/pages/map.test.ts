import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { dockerIsolation, dockerTopology, vethOnMachine } from './fixtures/docker.ts';
import { hostileTopology, SHOWN } from './fixtures/hostile.ts';
import { largeTopology } from './fixtures/large.ts';
import { forwardOff, reachable, routerTopology } from './fixtures/router.ts';
import { Pages, type OpenOptions, type OpenView, type ThemeName } from './support.ts';

let pages: Pages;
let view: OpenView;

beforeAll(async () => {
  pages = await Pages.start();
});
afterAll(() => pages.stop());
afterEach(async () => {
  expect(view.trouble).toEqual([]);
  await view.close();
});

const open = async (topology: unknown, options: OpenOptions = {}): Promise<void> => {
  view = await pages.open('map', options);
  await view.send({ type: 'topology', title: 'A network', topology });
  await view.page.locator('[role=treeitem]').first().waitFor();
};
const button = (name: string | RegExp): ReturnType<OpenView['page']['getByRole']> =>
  view.page.getByRole('button', { name });
const item = (name: string): ReturnType<OpenView['page']['locator']> =>
  view.page.locator(`[role=treeitem][aria-label^="${name},"]`).first();
const focused = (): Promise<string> =>
  view.page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? '');

/** Middles of the boxes as they are drawn, by id. */
const drawn = (): Promise<Record<string, { x: number; y: number }>> =>
  view.page.evaluate(() => {
    const canvas = document.querySelector('#canvas') as unknown as {
      _cyreg: {
        cy: {
          nodes(
            s: string,
          ): { id(): string; isParent(): boolean; renderedPosition(): { x: number; y: number } }[];
        };
      };
    };
    return Object.fromEntries(
      [...canvas._cyreg.cy.nodes('[kind]')]
        .filter((node) => !node.isParent())
        .map((node) => [node.id(), { ...node.renderedPosition() }]),
    );
  });

describe('the list beside the canvas', () => {
  it('says in words what the picture shows', async () => {
    await open(dockerTopology);
    expect(await item('docker0').getAttribute('aria-label')).toBe('docker0, bridge, up, 172.17.0.1/16');
    expect(await item(vethOnMachine).getAttribute('aria-label')).toContain('wired to shop-web-1 eth0');
    const down = view.page.locator('[role=treeitem][aria-label*="172.18.0.3/16"]').last();
    expect(await down.getAttribute('aria-label')).toContain('eth0, interface, down');
    expect(await down.innerText()).toContain('down');
  });

  it('is walked by arrows: down the list, along a wire, out to the group', async () => {
    await open(routerTopology);
    await item('red').focus();
    await view.page.keyboard.press('ArrowDown');
    expect(await focused()).toContain('eth0, interface, up, 10.0.1.2/24');
    await view.page.keyboard.press('ArrowRight');
    expect(await focused()).toContain('to-red, interface');
    await view.page.keyboard.press('ArrowLeft');
    expect(await focused()).toContain('router, namespace');
    await view.page.keyboard.press('ArrowLeft');
    expect(await item('router').getAttribute('aria-expanded')).toBe('false');
    await view.page.keyboard.press('Escape');
    expect(await focused()).toBe('Search names and addresses');
  });

  it('Enter opens a terminal, Space chooses two ends, and the question is asked', async () => {
    await open(routerTopology);
    await item('red').focus();
    await view.page.keyboard.press('Enter');
    expect(await view.said('open-terminal')).toEqual({ type: 'open-terminal', endpoint: 'netns:red' });
    await view.page.keyboard.press(' ');
    await button('Why can’t red reach …?').waitFor();
    await item('blue').focus();
    await view.page.keyboard.press(' ');
    await button('Why can’t red reach blue?').click();
    expect(await view.said('ask-why')).toEqual({ type: 'ask-why', from: 'netns:red', to: 'netns:blue' });
    await button('Swap the ends').click();
    await button('Why can’t blue reach red?').waitFor();
  });

  it('finds by name and address, and Enter goes to the first', async () => {
    await open(dockerTopology);
    await view.page.getByRole('searchbox').fill('172.19.0.2');
    await expect.poll(() => view.page.locator('.found').innerText()).toBe('2 found');
    await view.page.keyboard.press('Enter');
    await expect.poll(focused).toContain('172.19.0.2/16');
    await view.page.getByRole('combobox').selectOption('down');
    await view.page.getByRole('searchbox').fill('');
    expect(await view.page.locator('[role=treeitem]').allInnerTexts()).not.toContain('cache');
  });
});

describe('the canvas', () => {
  it('a double click opens a terminal in what was clicked', async () => {
    await open(routerTopology);
    const box = await view.page.locator('#canvas').boundingBox();
    const at = (await drawn())[routerTopology.nodes.find(({ label }) => label === 'to-red')?.id ?? ''];
    if (!box || !at) throw new Error('to-red is not drawn');
    // Two clicks with a while between them, on a slow machine, are none.
    await expect
      .poll(async () => {
        await view.page.mouse.dblclick(box.x + at.x, box.y + at.y);
        return (await view.posted()).find(({ type }) => type === 'open-terminal');
      })
      .toEqual({ type: 'open-terminal', endpoint: 'netns:router' });
  });

  it('keeps every position and the zoom when something comes, goes or turns', async () => {
    await open(dockerTopology);
    await button('Zoom in').click();
    const before = await drawn();
    const [firstNode] = dockerTopology.nodes;
    const nodes = dockerTopology.nodes
      .filter(({ label }) => label !== 'offline-job')
      .map((node) => (node.up ? node : { ...node, up: true }));
    const added = [
      {
        ...firstNode,
        id: 'new',
        kind: 'container',
        label: 'new',
        parent: 'machine',
        endpoint: 'container:new',
      },
      { ...firstNode, id: 'new/2', kind: 'interface', label: 'eth0', parent: 'new' },
    ];
    await view.send({
      type: 'topology',
      title: 'A network',
      topology: { ...dockerTopology, nodes: [...nodes, ...added] },
    });
    await item('new').waitFor();
    const after = await drawn();
    const gone = dockerTopology.nodes.find(({ label }) => label === 'offline-job')?.id ?? '';
    for (const [id, place] of Object.entries(before)) if (id !== gone) expect(after[id], id).toEqual(place);
    expect(after['new/2']).toBeDefined();
    expect(await view.announced()).toBe('2 added. 1 removed. shop-db-1 eth0 up.');
  });

  it('is where it was after the view was hidden', async () => {
    await open(routerTopology);
    await button('Zoom in').click();
    const zoom = await view.page.evaluate(() => {
      const canvas = document.querySelector('#canvas') as unknown as { _cyreg: { cy: { zoom(): number } } };
      return canvas._cyreg.cy.zoom();
    });
    await expect.poll(async () => (await view.state())['positions']).toMatchObject({ zoom });
    const before = await drawn();
    const state = await view.state();
    await view.close();
    await open(routerTopology, { state });
    expect(await drawn()).toEqual(before);
  });

  it('is saved as a PNG', async () => {
    await open(routerTopology);
    await button('Save as picture').click();
    const { base64 } = (await view.said('save-image')) as { base64: string };
    expect(Buffer.from(base64, 'base64').subarray(1, 4).toString()).toBe('PNG');
  });
});

describe('the packet’s way', () => {
  const overlay = (selector: string): Promise<string[]> =>
    view.page.evaluate((wanted) => {
      const canvas = document.querySelector('#canvas') as unknown as {
        _cyreg: { cy: { elements(s: string): { data(name: string): string }[] } };
      };
      return [...canvas._cyreg.cy.elements(wanted)].map((one) => one.data('label'));
    }, selector);

  it('is numbered there and back, and stepped through', async () => {
    await open(routerTopology);
    await view.send({ type: 'way', diagnosis: reachable });
    await button('Next step').click();
    expect(await overlay('.number')).toEqual(['1', '2', '3', '4', '5', '6']);
    expect(await view.page.locator('.way-panel').innerText()).toMatch(
      /1 of 6[^]*The way there · 1. netns:red/,
    );
    expect(await view.announced()).toContain('1. netns:red');
    for (let press = 0; press < 4; press++) await button('Next step').click();
    expect(await view.page.locator('.way-panel').innerText()).toContain('The way back · 5.');
    await button('Previous step').click();
    await button('Full diagnosis').click();
    expect(await view.said('show-diagnosis')).toEqual({ type: 'show-diagnosis' });
  });

  it('ends at the hop that stops it, with the cause written at it', async () => {
    await open(routerTopology);
    await view.send({ type: 'way', diagnosis: forwardOff });
    await button('Next step').waitFor();
    expect(await overlay('.number.failing')).toEqual(['2']);
    expect((await overlay('.reason')).join('').replace(/\s+/g, ' ')).toBe(
      `✕ ${forwardOff.causes[0]?.summary}`,
    );
    await view.send({ type: 'way', diagnosis: null });
    await expect.poll(() => overlay('.overlay')).toEqual([]);
  });

  it('ends where large packets are lost, when only those are', async () => {
    const [leg] = reachable.legs;
    if (!leg) throw new Error('the answer has a leg');
    const hops = leg.forward.hops.slice(0, 2);
    const trace = { ...leg.forward, hops, disposition: 'too-big' } as const;
    const large = {
      direction: 'forward',
      fate: 'lost',
      first: 1500,
      passes: 1400,
      trace,
      notice: null,
    } as const;
    await open(routerTopology);
    await view.send({
      type: 'way',
      diagnosis: { ...reachable, verdict: 'partial', legs: [{ ...leg, large: [large] }] },
    });
    await button('Next step').waitFor();
    expect(await overlay('.number.failing')).toEqual(['2']);
    expect(await view.page.locator('.way-panel').innerText()).toContain('Packets of 1500 bytes');
  });

  it('plays by itself and stops at the end', async () => {
    await open(dockerTopology);
    await view.send({ type: 'way', diagnosis: dockerIsolation });
    await button('Play slowly').click();
    await button('Play slowly').waitFor();
    expect(await view.page.locator('.way-panel').innerText()).toContain('2 of 2');
    const steps = (await view.told()).filter((text) => /^\d+\. /.test(text));
    expect(steps.map((text) => text[0])).toEqual(['1', '2']);
  });
});

describe('a large network', () => {
  it('starts with collapsed groups and offers a table', async () => {
    await open(largeTopology(100));
    expect(await view.page.locator('.message').innerText()).toContain('506 elements');
    expect(Object.keys(await drawn()).length).toBe(101);
    await button('Show as table').click();
    expect(await view.page.locator('tbody tr').count()).toBe(306);
  });

  /**
   * The figures wanted are a first layout under 1 s and an update under 50 ms; here they are printed, and only a breakdown
   * fails: by the page's own processor time, since other layers keep the machine busy.
   */
  it.each([{ groups: 'collapsed' }, { groups: 'expanded' }])(
    'of 500 elements, groups $groups',
    async ({ groups }) => {
      const topology = largeTopology(100);
      const state = groups === 'expanded' ? { collapsed: [], title: 'A network' } : null;
      view = await pages.open('map', { state });
      const work = await view.workTime();
      const time = async (change: unknown): Promise<{ shown: number; worked: number }> => {
        // What was shown before is painted first: it is not this change's time.
        await view.page.evaluate(async () => {
          for (let frames = 0; frames < 8; frames++)
            await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
        });
        const before = await work();
        const shown = await view.page.evaluate(async (data) => {
          const started = performance.now();
          window.postMessage(data, '*');
          await new Promise((resolve) => window.addEventListener('message', resolve, { once: true }));
          await (document.querySelector('hoplab-map') as unknown as { updateComplete: Promise<void> })
            .updateComplete;
          return performance.now() - started;
        }, change);
        return { shown, worked: (await work()) - before };
      };
      const inWords = ({ shown, worked }: typeof first): string =>
        `${shown.toFixed(0)} ms (${worked.toFixed(0)} ms of processor)`;
      const first = await time({ type: 'topology', title: 'A network', topology });
      const nodes = topology.nodes.map((node, index) => (index % 50 === 3 ? { ...node, up: false } : node));
      const updates: Awaited<ReturnType<typeof time>>[] = [];
      for (const changed of [nodes, topology.nodes, nodes, topology.nodes, nodes])
        updates.push(
          await time({ type: 'topology', title: 'A network', topology: { ...topology, nodes: changed } }),
        );
      const update = updates.toSorted((a, b) => a.worked - b.worked)[2] ?? first;
      console.log(
        `map of ${topology.nodes.length + topology.edges.length} elements, ${groups}: first layout ${inWords(first)}, update ${inWords(update)}`,
      );
      expect(first.worked).toBeLessThan(5000);
      expect(update.worked).toBeLessThan(1000);
    },
  );
});

it('hostile names are shown and not obeyed, and an impossible topology does no harm', async () => {
  await open(hostileTopology);
  expect(await view.page.evaluate(() => (window as unknown as { pwned?: number }).pwned)).toBeUndefined();
  expect(await view.page.locator('aside').innerText()).toContain(SHOWN);
  expect(await view.page.locator('aside img, aside script').count()).toBe(0);
});

it('says when what it shows is gone', async () => {
  await open(routerTopology);
  await view.send({ type: 'gone', reason: 'The lab was stopped.' });
  await view.page.getByText('The lab was stopped.').first().waitFor();
});

it('speaks Chinese', async () => {
  await open(routerTopology, { language: 'zh-cn' });
  expect(await item('router').getAttribute('aria-label')).toBe(
    'router, 命名空间, 已启用, 10.0.1.1/24, 10.0.2.1/24',
  );
  await view.send({ type: 'way', diagnosis: reachable });
  await button('下一步').click();
  expect(await view.page.locator('.way-panel').innerText()).toContain('去程');
});

it.each<ThemeName>(['light', 'dark', 'contrast'])('has no violation that axe can find, %s', async (theme) => {
  await open(dockerTopology, { theme });
  await view.send({ type: 'way', diagnosis: dockerIsolation });
  await item('cache').focus();
  await view.page.keyboard.press(' ');
  await button('Next step').click();
  expect(await view.accessibility()).toEqual([]);
  await button('Table').click();
  expect(await view.accessibility()).toEqual([]);
});
