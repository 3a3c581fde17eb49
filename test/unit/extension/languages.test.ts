import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../..');

const readJson = async (name: string): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(join(root, name), 'utf8')) as Record<string, unknown>;

const placeholders = (text: unknown): string[] => [...new Set(String(text).match(/\{\d+\}/g) ?? [])].sort();

/** The first argument of every call of `say` in the extension; null where it is not a literal. */
async function spokenTexts(): Promise<{ file: string; text: string | null }[]> {
  const names = (await readdir(join(root, 'extension'), { recursive: true })).filter((name) =>
    name.endsWith('.ts'),
  );
  const found = await Promise.all(
    names.map(async (file) => {
      const source = ts.createSourceFile(
        file,
        await readFile(join(root, 'extension', file), 'utf8'),
        ts.ScriptTarget.Latest,
      );
      const texts: { file: string; text: string | null }[] = [];
      const visit = (node: ts.Node): void => {
        if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'say') {
          const [first] = node.arguments;
          texts.push({ file, text: first && ts.isStringLiteralLike(first) ? first.text : null });
        }
        ts.forEachChild(node, visit);
      };
      visit(source);
      return texts;
    }),
  );
  return found.flat();
}

describe('both languages', () => {
  it('have every text of the extension, and none that nobody says', async () => {
    const spoken = await spokenTexts();
    expect(spoken.filter(({ text }) => text === null)).toEqual([]);
    const chinese = await readJson('l10n/bundle.l10n.zh-cn.json');
    expect(Object.keys(chinese).sort()).toEqual([...new Set(spoken.map(({ text }) => text))].sort());
  });

  it('fill in the same values', async () => {
    const chinese = await readJson('l10n/bundle.l10n.zh-cn.json');
    for (const [text, translation] of Object.entries(chinese))
      expect({ text, values: placeholders(translation) }).toEqual({ text, values: placeholders(text) });
  });

  it('have every text of package.json, and none that it does not use', async () => {
    const used = [...JSON.stringify(await readJson('package.json')).matchAll(/"%([\w.]+)%"/g)].map(
      ([, key]) => key,
    );
    const english = await readJson('package.nls.json');
    const chinese = await readJson('package.nls.zh-cn.json');
    expect(Object.keys(english).sort()).toEqual([...new Set(used)].sort());
    expect(Object.keys(chinese).sort()).toEqual(Object.keys(english).sort());
  });

  it('lead to the same commands and pages', async () => {
    const english = await readJson('package.nls.json');
    const chinese = await readJson('package.nls.zh-cn.json');
    const links = (text: unknown): string[] =>
      [...String(text).matchAll(/\]\(([^)]+)\)/g)].map(([, to]) => to ?? '');
    for (const key of Object.keys(english)) expect(links(chinese[key])).toEqual(links(english[key]));
  });
});
