import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { HOSTILE, SHOWN } from './fixtures/hostile.ts';
import { finished, quizzes, references, status, steps } from './fixtures/lab.ts';
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

const lab = { type: 'lab', status, steps, debriefHtml: null, quizzes, references };
const open = async (message: unknown = lab, options: OpenOptions = {}): Promise<void> => {
  view = await pages.open('guide', options);
  await view.send(message);
  await view.page.locator('h1').waitFor();
};
const button = (name: string | RegExp): ReturnType<OpenView['page']['getByRole']> =>
  view.page.getByRole('button', { name });

describe('a lab', () => {
  it('opens at the current step and says how far the learner is', async () => {
    await open();
    expect(await view.page.locator('header').innerText()).toContain('1 of 3 steps done');
    expect(await view.page.locator('.step-title[aria-expanded=true]').innerText()).toContain(
      '2. The way through',
    );
    await button('Open a terminal in router').click();
    expect(await view.said('open-terminal')).toEqual({ type: 'open-terminal', node: 'router' });
  });

  it('says each check in words, and why on a failed question', async () => {
    await open();
    const checks = await view.page.locator('.checks').innerText();
    expect(checks).toMatch(/Passed: red has a route[^]*Not yet: red reaches blue[^]*Not known: blue answers/);
    await button('Why? red reaches blue, port 80').click();
    expect(await view.said('ask-why')).toMatchObject({ question: { from: 'netns:red', port: 80 } });
  });

  it('tells a screen reader what turned, and offers the next step', async () => {
    await open();
    const done = status.steps.map((step) =>
      step.id === 'through'
        ? {
            ...step,
            done: true,
            checks: step.checks.map((check) => ({ ...check, state: 'pass', message: '' })),
          }
        : step,
    );
    await view.send({ ...lab, status: { ...status, steps: done, currentStep: 'way-back' } });
    await expect.poll(() => view.announced()).toMatch(/Passed: red reaches blue, port 80[^]*Well done/);
    await button('Next step').click();
    expect(await view.page.evaluate(() => document.activeElement?.textContent)).toContain('3. The way back');
  });

  it('speaks Chinese', async () => {
    await open(lab, { language: 'zh-cn' });
    expect(await view.page.locator('header').innerText()).toContain('已完成 1 / 3 步');
    expect(await view.page.locator('.checks').innerText()).toContain('尚未');
  });
});

describe('code', () => {
  it('is inserted one command at a time, into the node it is for', async () => {
    await open();
    await button('Insert into terminal: ping 10.0.2.2').click();
    expect(await view.said('insert')).toEqual({ type: 'insert', node: 'red', text: 'ping 10.0.2.2' });
  });

  it('that goes over two lines is one command, and a comment is none', async () => {
    await open();
    await button('Insert into terminal: sysctl net.ipv4.conf.to-red.forwarding').click();
    expect(await view.said('insert')).toEqual({
      type: 'insert',
      node: 'router',
      text: 'sysctl net.ipv4.conf.to-red.forwarding',
    });
    expect(await button(/Insert into terminal: #/).count()).toBe(0);
  });

  it('that is output can be copied and not inserted', async () => {
    await open();
    expect(await view.page.locator('.output .codicon-terminal').count()).toBe(0);
    await view.page.locator('.step-body .output').getByRole('button', { name: 'Copy' }).click();
    expect(await view.said('copy')).toEqual({ type: 'copy', text: 'net.ipv4.conf.to-red.forwarding = 0\n' });
  });
});

describe('help', () => {
  it('comes by degrees, and is still there after the view was hidden', async () => {
    await open();
    await button('Give me a hint (3)').click();
    expect(await view.said('hint')).toEqual({ type: 'hint', step: 'through' });
    await view.send({ type: 'hint', step: 'through', html: '<p>Look at router.</p>' });
    await button('Next hint (1 of 3 shown)').waitFor();
    const state = await view.state();
    await view.close();
    await open(lab, { state });
    expect(await view.page.locator('.hints').innerText()).toContain('Look at router.');
  });

  it('the solution costs a click with a warning', async () => {
    await open();
    await button('Show the solution').click();
    expect((await view.posted()).some(({ type }) => type === 'solution')).toBe(false);
    await button('Show it anyway').click();
    expect(await view.said('solution')).toEqual({ type: 'solution', step: 'through' });
    await view.send({
      type: 'solution',
      step: 'through',
      commands: [{ node: 'router', text: 'sysctl -w net.ipv4.ip_forward=1' }],
    });
    await button('Insert into terminal: sysctl -w net.ipv4.ip_forward=1').waitFor();
  });
});

describe('faults', () => {
  it('wait until the network works', async () => {
    await open();
    expect(await button('Break it: Fault A').isDisabled()).toBe(true);
    await view.send({ ...lab, status: { ...status, currentStep: null } });
    await button('Break it: Fault A').click();
    expect(await view.said('break')).toEqual({ type: 'break', fault: 'forward-off' });
  });

  it('show their symptom and a way to ask why', async () => {
    await open({ ...lab, status: finished });
    const fault = view.page.locator('.fault').first();
    expect(await fault.innerText()).toContain('No longer so: red reaches blue, port 80');
    await fault.getByRole('button', { name: 'Why? red reaches blue, port 80' }).click();
    expect(await view.said('ask-why')).toMatchObject({ question: { to: 'netns:blue' } });
  });

  it('have hints of their own, and are explained only once they are mended', async () => {
    const explained = [
      ...steps,
      { id: 'forward-off', html: '<p>It was the first.</p>' },
      { id: 'no-return', html: '<p>It was the second.</p>' },
    ];
    await open({ ...lab, status: finished, steps: explained });
    const [active, mended] = [view.page.locator('.fault').first(), view.page.locator('.fault').last()];
    await active.getByRole('button', { name: 'Give me a hint (2)' }).click();
    expect(await view.said('hint')).toEqual({ type: 'hint', step: 'forward-off' });
    await view.send({ type: 'hint', step: 'forward-off', html: '<p>How far does it get?</p>' });
    await active.getByText('How far does it get?').waitFor();
    expect(await active.innerText()).not.toContain('It was the first.');
    expect(await mended.innerText()).toContain('It was the second.');
  });
});

describe('a quiz', () => {
  it('is asked once its step is done, says why an answer is right, and lets the learner try again', async () => {
    await open();
    expect(await view.page.locator('.quiz').count()).toBe(0);
    await button(/1\. A foot in each segment/).click();
    const quiz = view.page.getByRole('group', { name: /What makes a machine a router\?/ });
    await quiz.getByLabel('A default route.').check();
    await expect.poll(() => view.announced()).toContain('Not quite');
    expect(await quiz.innerText()).not.toContain('no special hardware');
    await quiz.getByLabel(/Interfaces in several segments/).check();
    await expect.poll(() => view.announced()).toMatch(/Right\.[^]*no special hardware/);
    expect(await quiz.innerText()).toContain('no special hardware');
  });

  it('remembers the answer while the view is hidden', async () => {
    await open();
    await button(/1\. A foot in each segment/).click();
    await view.page.getByLabel('A default route.').check();
    const state = await view.state();
    await view.close();
    await open(lab, { state });
    expect(await view.page.getByLabel('A default route.').isChecked()).toBe(true);
    expect(await view.page.locator('.quiz').innerText()).toContain('Not quite');
  });
});

it('what to read on is offered at the end, and leads to the web only', async () => {
  const hostile = [...references, { title: 'here', url: 'javascript:window.pwned=1' }];
  await open({ ...lab, references: hostile });
  expect(await view.page.locator('.references').count()).toBe(0);
  await view.send({ ...lab, references: hostile, status: finished });
  await view.page.locator('.references').waitFor();
  expect(
    await view.page
      .locator('.references a')
      .evaluateAll((links) => links.map((link) => link.getAttribute('href'))),
  ).toEqual([references[0]?.url]);
});

describe('HTML of a guide', () => {
  const html = `<p onclick="window.pwned=1">text</p><script>window.pwned=1</script><img src=x onerror="window.pwned=1">
    <a href="javascript:window.pwned=1">link</a><a href="https://example.org/">web</a><svg><script>window.pwned=1</script></svg>
    <style>body{display:none}</style><p style="color:red" class="x">styled</p><iframe src="https://example.org"></iframe>
    <math><mtext><table><mglyph><style><img src=x onerror="window.pwned=1"></style></table></mtext></math>
    <form action="https://example.org"><button>go</button></form><template><script>window.pwned=1</script></template>
    <pre data-node="${HOSTILE.replaceAll('"', '&quot;').replaceAll('<', '&lt;')}"><code class="language-sh">id\n</code></pre>`;

  it('keeps what a lesson is made of and nothing else, even if the extension let it through', async () => {
    await open({ ...lab, steps: [{ id: 'through', html }] });
    const body = view.page.locator('.step-body hoplab-text');
    await body.getByText('styled').waitFor();
    expect(
      await body.locator('script, style, img, svg, iframe, form, math, template, [onclick], [style]').count(),
    ).toBe(0);
    expect(
      await body.locator('a[href]').evaluateAll((links) => links.map((link) => link.getAttribute('href'))),
    ).toEqual(['https://example.org/']);
    expect(await body.locator('.code-node').innerText()).toContain(SHOWN);
    expect(await view.page.evaluate(() => (window as unknown as { pwned?: number }).pwned)).toBeUndefined();
    view.expectRefusals();
  });

  it('names from the lab are text', async () => {
    const evil = structuredClone(status);
    evil.lab.title = HOSTILE;
    for (const step of evil.steps)
      step.checks.forEach((check) => Object.assign(check, { title: HOSTILE, message: HOSTILE }));
    await open({ ...lab, status: evil });
    expect(await view.page.locator('h1').innerText()).toContain(SHOWN);
    expect(await view.page.locator('.checks img, h1 img').count()).toBe(0);
  });
});

it.each<ThemeName>(['light', 'dark', 'contrast'])('has no violation that axe can find, %s', async (theme) => {
  await open(lab, { theme });
  await view.send({ type: 'hint', step: 'through', html: '<p>Look at <code>router</code>.</p>' });
  await button('Show the solution').click();
  expect(await view.accessibility()).toEqual([]);
  await view.send({ ...lab, status: finished });
  await button(/1\. A foot in each segment/).click();
  await view.page.getByLabel(/Interfaces in several segments/).check();
  expect(await view.accessibility()).toEqual([]);
});
