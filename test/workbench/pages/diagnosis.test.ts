import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { dockerIsolation, dockerName, isolatingRule } from './fixtures/docker.ts';
import { HOSTILE, hostileDiagnosis, SHOWN } from './fixtures/hostile.ts';
import { forwardOff, noWayBack, reachable } from './fixtures/router.ts';
import { Pages, type OpenOptions, type OpenView, type ThemeName } from './support.ts';
import type { Diagnosis } from '../../../diagnostics/model/diagnosis.ts';

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

const show = async (diagnosis: unknown, more: object = {}, options: OpenOptions = {}): Promise<void> => {
  view = await pages.open('diagnosis', options);
  await view.send({ type: 'diagnosis', diagnosis, applied: false, canApply: true, ...more });
  await view.page.locator('h1').waitFor();
};

describe('an answer', () => {
  it('begins with the verdict, as a word and a sentence, and says what the probe said', async () => {
    await show(forwardOff);
    const verdict = await view.page.locator('.verdict').innerText();
    expect(verdict).toContain('Unreachable');
    expect(verdict).toContain('netns:red can’t reach netns:blue:80 (10.0.2.2) over TCP.');
    expect(verdict).toContain('A live probe got no answer. It agrees with the prediction.');
    expect(await view.announced()).toContain('can’t reach');
  });

  it('says what else the kernel told the probe', async () => {
    await show({
      ...forwardOff,
      probe: { ...forwardOff.probe, outcome: 'prohibited', detail: 'ICMP from 10.0.1.1.' },
    });
    expect(await view.page.locator('.probe').innerText()).toContain('prohibited: ICMP from 10.0.1.1.');
  });

  it('says when the probe disagrees', async () => {
    await show({ ...forwardOff, probe: { ...forwardOff.probe, agrees: false } });
    expect(await view.page.locator('.probe').innerText()).toContain('the probe is right');
  });

  it('numbers the hops through there and back, and marks the one that stops the packet in words', async () => {
    await show(reachable);
    expect(await view.page.locator('.number').allInnerTexts()).toEqual(['1', '2', '3', '4', '5', '6']);
    expect(await view.page.locator('.stops').count()).toBe(0);
    await view.send({ type: 'diagnosis', diagnosis: forwardOff, applied: false, canApply: true });
    await view.page.locator('.stops').waitFor();
    expect(await view.page.locator('.hop.fails').innerText()).toMatch(
      /router[^]*stops here[^]*Forwarding is off for to-red/,
    );
  });

  it('names the rule that decided, and shows it as it is written', async () => {
    await show(dockerIsolation);
    const stopped = await view.page.locator('.hop.fails').innerText();
    expect(stopped).toContain('rule 1 of chain DOCKER-ISOLATION-STAGE-2, table ip filter, iptables (nft)');
    expect(stopped).toContain(isolatingRule);
  });

  it('tells each leg apart', async () => {
    await show(dockerName);
    expect(await view.page.locator('.leg > h3').allInnerTexts()).toEqual([
      'Name lookup: container:asker → 172.17.0.1 udp/53',
      'Direct: container:asker → 172.17.0.1 tcp/81',
    ]);
  });

  it('lists what a name server was asked, and walks the large packets that are lost', async () => {
    const [leg] = forwardOff.legs;
    if (!leg) throw new Error('the answer has a leg');
    const answer = { server: '10.0.1.1', transport: 'udp', milliseconds: 1, detail: '' } as const;
    const queries = [
      { ...answer, name: 'db.example', code: 'NXDOMAIN', addresses: [] },
      { ...answer, name: 'db', code: 'NOERROR', addresses: ['10.0.2.2'] },
    ];
    const trace = { ...leg.forward, disposition: 'dropped' } as const;
    const large = {
      direction: 'back',
      fate: 'lost',
      first: 1500,
      passes: 1400,
      trace,
      notice: null,
    } as const;
    const shown: Diagnosis = {
      ...forwardOff,
      legs: [{ ...leg, forward: { ...leg.forward, disposition: 'delivered' }, queries, large: [large] }],
    };
    await show(shown);
    expect(await view.page.locator('.queries li').allInnerTexts()).toEqual([
      'asked for db.example: NXDOMAIN',
      'asked for db: 10.0.2.2',
    ]);
    const lost = view.page.locator('.trace').last();
    expect(await lost.locator('h3').innerText()).toMatch(/^Answers of 1500 bytes/);
    expect(await lost.locator('.hop.fails').count()).toBe(1);
    await show(shown, {}, { language: 'zh-cn' });
    expect(await view.page.locator('.queries li').last().innerText()).toBe('查询 db：10.0.2.2');
    expect(await view.page.locator('.trace h3').last().innerText()).toMatch(/^1500 字节的应答/);
  });

  it('says in Chinese what the engine told in one English sentence', async () => {
    const legs = forwardOff.legs.map((leg) => ({
      ...leg,
      forward: { ...leg.forward, certain: false, doubts: ['netns:green was not looked at yet'] },
    }));
    const causes = forwardOff.causes.map((cause) => ({
      ...cause,
      evidence: [{ source: 'ip address', text: 'lo only' }],
    }));
    const detail = 'A firewall rule here forbids sending it (EPERM).';
    const probe = { ...forwardOff.probe, outcome: 'prohibited', detail };
    await show({ ...forwardOff, legs, causes, probe }, {}, { language: 'zh-cn' });
    expect(await view.page.locator('.probe').innerText()).toContain('本机的防火墙规则禁止发送（EPERM）。');
    expect(await view.page.locator('.doubts').first().innerText()).toContain('尚未查看 netns:green');
    expect(await view.page.locator('.evidence dd').innerText()).toBe('只有 lo');
  });

  it('speaks Chinese throughout', async () => {
    await show(reachable, {}, { language: 'zh-cn' });
    expect(await view.page.locator('h1').innerText()).toBe(
      'netns:red 可以通过 TCP 到达 netns:blue:80 (10.0.2.2)。',
    );
    expect(await view.page.locator('.way').innerText()).not.toMatch(/\b(the|leads|packet|steps)\b/i);
    expect(await view.page.evaluate(() => document.documentElement.lang)).toBe('zh-CN');
  });
});

describe('a fix', () => {
  it('is shown as the exact commands, which can be copied', async () => {
    await show(forwardOff);
    expect(await view.page.locator('.fix .command code').first().innerText()).toBe(
      'ip netns exec router sysctl -w net.ipv4.ip_forward=1',
    );
    await view.page.locator('.fix').getByRole('button', { name: 'Copy' }).first().click();
    expect(await view.said('copy')).toEqual({
      type: 'copy',
      text: 'ip netns exec router sysctl -w net.ipv4.ip_forward=1',
    });
  });

  it('is applied by the index of its cause and its own, once', async () => {
    await show(noWayBack);
    const second = view.page.getByRole('button', { name: `Apply: ${noWayBack.causes[0]?.fixes[1]?.title}` });
    await second.click();
    expect(await view.said('apply')).toEqual({ type: 'apply', cause: 0, fix: 1 });
    await expect.poll(() => second.isDisabled()).toBe(true);
    await view.send({ type: 'failed', message: 'docker could not be asked.' });
    await view.page.getByRole('alert').waitFor();
    expect(await second.isEnabled()).toBe(true);
  });

  it('can be undone after it was applied, and only then', async () => {
    await show(forwardOff);
    expect(await view.page.getByRole('button', { name: 'Undo' }).count()).toBe(0);
    await view.send({ type: 'diagnosis', diagnosis: reachable, applied: true, canApply: true });
    await view.page.getByRole('button', { name: 'Undo' }).click();
    expect(await view.said('undo')).toEqual({ type: 'undo' });
  });

  it('is explained, not offered, where nothing can be changed', async () => {
    await show(forwardOff, { canApply: false });
    expect(await view.page.getByRole('button', { name: /Apply/ }).count()).toBe(0);
    expect(await view.page.locator('.cause').innerText()).toContain('Nothing can be changed from here');
  });
});

it('every text of the machine is shown and nothing of it is obeyed', async () => {
  await show(hostileDiagnosis);
  expect(await view.page.evaluate(() => (window as unknown as { pwned?: number }).pwned)).toBeUndefined();
  expect(await view.page.locator('main :is(img, script, a)').count()).toBe(0);
  const text = await view.page.locator('main').innerText();
  expect(text).toContain(SHOWN);
  expect(text).not.toContain('\u001b');
  expect(text).not.toContain('\u202e');
  await view.page.locator('.fix').getByRole('button', { name: 'Copy' }).first().click();
  expect(await view.said('copy')).toMatchObject({
    text: expect.stringContaining(HOSTILE.slice(0, 20)) as string,
  });
});

it('the keyboard reaches every control, in the order of reading', async () => {
  await show(forwardOff);
  const names: string[] = [];
  for (let press = 0; press < 8; press++) {
    await view.page.keyboard.press('Tab');
    names.push(
      await view.page.evaluate(() => {
        const focused = document.activeElement;
        return focused?.getAttribute('aria-label') ?? focused?.textContent.trim().replace(/\s+/g, ' ') ?? '';
      }),
    );
  }
  expect(names).toEqual([
    'Re-check',
    'Show on map',
    'Copy',
    'Apply: Set net.ipv4.ip_forward to 1 in netns:router',
    'To make it last',
    'How to undo it',
    '4 steps 1. netns:red',
    '3 steps 2. netns:router',
  ]);
});

it.each<ThemeName>(['light', 'dark', 'contrast'])('has no violation that axe can find, %s', async (theme) => {
  await show(dockerIsolation, { applied: true }, { theme });
  expect(await view.accessibility()).toEqual([]);
});
