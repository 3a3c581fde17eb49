import { describe, expect, test } from 'vitest';
import { CAUSES } from '../../../diagnostics/causes/registry.ts';
import { renderCause } from '../../../diagnostics/causes/text.ts';
import { englishWord } from '../../support/english.ts';

const HOSTILE = '\u001b[2Jevil\u202e';

describe('every cause', () => {
  test('has an id of its own', () => {
    const ids = CAUSES.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-z][a-z0-9]*(-[a-z]+)*$/);
  });

  test.each(CAUSES.map(({ id }) => id))('%s says in both languages what is wrong and why', (id) => {
    const en = renderCause({ id, params: {} }, 'en');
    const zh = renderCause({ id, params: {} }, 'zh-cn');
    expect(en.explanation.length).toBeGreaterThan(80);
    expect(en.summary).not.toMatch(/undefined|null|\[object/);
    expect(zh.summary + zh.explanation).toMatch(/\p{Script=Han}{4}/u);
    expect(zh.explanation).toMatch(/。$/);
    expect(zh.summary + zh.explanation).not.toMatch(/undefined|null|\[object/);
  });

  test.each(CAUSES.map(({ id }) => id))('%s says it in Chinese without an English word between', (id) => {
    for (const params of [{}, new Proxy({}, { get: () => 'x1' })]) {
      const { summary, explanation } = renderCause({ id, params }, 'zh-cn');
      // What is typed, and what stands in quotation marks, is the same in every language.
      const words = `${summary} ${explanation}`.replace(/“[^”]*”|`[^`]*`/g, '…');
      expect(englishWord(words), words).toBeNull();
    }
  });

  test.each(CAUSES.map(({ id }) => id))('%s shows hostile names harmlessly', (id) => {
    const params = new Proxy({}, { get: () => HOSTILE });
    for (const language of ['en', 'zh-cn'] as const) {
      const { summary, explanation } = renderCause({ id, params }, language);
      expect(summary + explanation).not.toMatch(/[\u0000-\u001f\u202a-\u202e]/);
    }
  });
});

test('special causes come before the general ones that would fit too', () => {
  const before = (special: string, general: string): void => {
    const ids = CAUSES.map(({ id }) => id);
    expect(ids.indexOf(special), `${special} before ${general}`).toBeLessThan(ids.indexOf(general));
  };
  for (const general of ['filter-drop', 'filter-reject', 'policy-drop']) before('docker-isolation', general);
  before('gateway-unreachable', 'neighbour-unresolved');
  before('wrong-prefix', 'no-route');
  before('wrong-prefix', 'neighbour-unresolved');
  before('interface-down', 'no-carrier');
  before('missing-masquerade', 'no-return-route');
  before('wrong-port', 'no-listener');
  before('listens-on-loopback', 'no-listener');
  for (const special of ['name-on-other-network', 'default-bridge-has-no-names', 'container-stopped'])
    before(special, 'name-not-known');
});

/** Every param is a list, but for those that choose between sentences. */
const listed = (member: (name: string) => string): Readonly<Record<string, string>> =>
  new Proxy({}, { get: (_, name: string) => [member(name), member(name)].join(', ') });

test.each(CAUSES.flatMap(({ id, lists = [] }) => lists.map((name) => [id, name] as const)))(
  '%s tells its list %s with the commas of the language',
  (id, name) => {
    const params = listed((of) => (of === name ? 'member' : 'other'));
    const texts = (['en', 'zh-cn'] as const).map((language) =>
      Object.values(renderCause({ id, params }, language)).join(' '),
    );
    for (const text of texts)
      if (text.includes('member'))
        expect(text).toContain(text === texts[0] ? 'member, member' : 'member、member');
  },
);

test('rules that are told together stand between Chinese commas, and keep their own', () => {
  const rule = 'ip daddr { 1.1.1.1, 1.1.1.2 } drop';
  const params = { rule: 'tcp dport { 80, 443 } drop', also: `${rule}”, “${rule}` };
  const said = (language: 'en' | 'zh-cn'): string =>
    Object.values(renderCause({ id: 'direct-routing-blocked', params }, language)).join(' ');
  expect(said('en')).toContain(`${rule}”, “${rule}`);
  expect(said('zh-cn')).toContain(`${rule}”、“${rule}`);
  expect(said('zh-cn')).toContain('{ 80, 443 }');
});
