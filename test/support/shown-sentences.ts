import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { isEnglish } from './english.ts';

/** A sentence for a person that the source holds, with a sample in place of each `${…}`. */
export interface ShownSentence {
  readonly text: string;
  readonly samples: readonly string[];
  /** `diagnostics/simulate/view.ts:65` */
  readonly place: string;
}

/** Every English sentence in the source of these rooms that is not written in Chinese beside it. */
export function shownSentences(rooms: readonly string[]): readonly ShownSentence[] {
  const sources = rooms.flatMap(sourcesOf).map((file) => parse(file));
  const words = new Set(sources.flatMap((source) => [...wordsOfTypes(source)]));
  return sources.flatMap((source) => sentencesIn(source, words));
}

const sourcesOf = (room: string): readonly string[] =>
  statSync(room).isFile()
    ? [room]
    : readdirSync(room, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts'))
        .map((name) => join(room, name));

const parse = (file: string): ts.SourceFile =>
  ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);

/** What types spell out (`'ct state'`) are words of the program. */
function* wordsOfTypes(node: ts.Node): Generator<string> {
  if (ts.isLiteralTypeNode(node) && ts.isStringLiteral(node.literal)) yield node.literal.text;
  for (const child of node.getChildren()) yield* wordsOfTypes(child);
}

function sentencesIn(source: ts.SourceFile, words: ReadonlySet<string>): readonly ShownSentence[] {
  const found: ShownSentence[] = [];
  const visit = (node: ts.Node): void => {
    if (isForTheProgram(node)) return;
    if (!ts.isStringLiteralLike(node) && !ts.isTemplateExpression(node)) {
      ts.forEachChild(node, visit);
      return;
    }
    const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
    for (const { text, samples } of readings(node)) {
      const own = samples.reduce((rest, sample) => rest.replace(sample, '…'), text);
      if (isEnglish(own) && !own.includes('\n') && !words.has(text))
        found.push({ text, samples, place: `${source.fileName}:${line}` });
    }
    // What a `${…}` is made of may be a sentence too: `${line || `${tool} failed`}`.
    if (ts.isTemplateExpression(node))
      for (const { expression } of node.templateSpans) if (!isChoice(expression)) visit(expression);
  };
  ts.forEachChild(source, visit);
  return found;
}

/** Text that no person is meant to read, or that has its Chinese beside it: told by where it stands. */
function isForTheProgram(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return true;
  if (ts.isCaseClause(parent) && parent.expression === node) return true;
  if (ts.isPropertyAssignment(parent) && parent.name === node) return true;
  // A pair, or two arguments: the English, then the Chinese.
  if (ts.isArrayLiteralExpression(parent) && parent.elements.length === 2 && isInChinese(parent.elements[1]))
    return true;
  if ((ts.isCallExpression(parent) || ts.isNewExpression(parent)) && parent.arguments?.some(isInChinese))
    return true;
  // The name of a cause's param.
  if (ts.isCallExpression(parent) && parent.expression.getText() === 'p') return true;
  if (ts.isElementAccessExpression(parent) && parent.argumentExpression === node) return true;
  if (ts.isBinaryExpression(parent) && COMPARISONS.has(parent.operatorToken.kind))
    return ts.isStringLiteral(node);
  if (ts.isNewExpression(node)) {
    // An Error of no kind of its own is a mistake of ours; members of a set are compared.
    const made = node.expression.getText();
    return made === 'Error' || made === 'Set' || made === 'RegExp';
  }
  if (ts.isCallExpression(parent) && ts.isPropertyAccessExpression(parent.expression))
    return ts.isStringLiteral(node) && COMPARING.has(parent.expression.name.text);
  if (ts.isConditionalExpression(parent)) {
    const asked = parent.condition.getText();
    if (node === parent.whenTrue && asked.endsWith("anguage === 'en'")) return true;
    if (node === parent.whenFalse && asked.endsWith("anguage === 'zh-cn'")) return true;
  }
  return isEnglishHalf(node);
}

const COMPARISONS: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.EqualsEqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsEqualsToken,
]);
const COMPARING: ReadonlySet<string> = new Set([
  'includes',
  'startsWith',
  'endsWith',
  'indexOf',
  'has',
  'split',
]);

const isInChinese = (node: ts.Node | undefined): boolean =>
  node !== undefined && !ts.isFunctionLike(node) && /\p{Script=Han}/u.test(node.getText());

/** `en` beside `zh-cn`, `EN` beside `ZH`, `whereEn` beside `whereZh`, `english` beside `chinese`. */
function isEnglishHalf(node: ts.Node): boolean {
  if (
    !ts.isPropertyAssignment(node) &&
    !ts.isMethodDeclaration(node) &&
    !ts.isVariableDeclaration(node) &&
    !ts.isFunctionDeclaration(node)
  )
    return false;
  const name = node.name?.getText() ?? '';
  const other = HALVES.flatMap(([english, chinese]) =>
    english.test(name) ? [name.replace(english, chinese)] : [],
  );
  return other.some((half) => node.getSourceFile().text.includes(half));
}

const HALVES: readonly (readonly [RegExp, string])[] = [
  [/^en$/, "'zh-cn'"],
  [/EN$/, 'ZH'],
  [/En$/, 'Zh'],
  [/^english/, 'chinese'],
  [/English$/, 'Chinese'],
];

interface Reading {
  readonly text: string;
  readonly samples: readonly string[];
}

const isChoice = (expression: ts.Expression): expression is ts.ConditionalExpression =>
  ts.isConditionalExpression(expression) && [expression.whenTrue, expression.whenFalse].some(isText);

const isText = (node: ts.Node): node is ts.StringLiteralLike | ts.TemplateExpression =>
  ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);

/** All that a literal can become; `${condition ? 'one' : 'other'}` is read in both ways. */
function readings(node: ts.Expression): readonly Reading[] {
  if (ts.isStringLiteralLike(node)) return [{ text: node.text, samples: [] }];
  if (isChoice(node)) return [...readings(node.whenTrue), ...readings(node.whenFalse)];
  if (!ts.isTemplateExpression(node)) {
    const sample = `name-${node.getStart()}`;
    return [{ text: sample, samples: [sample] }];
  }
  return node.templateSpans.reduce<readonly Reading[]>(
    (starts, { expression, literal }) =>
      starts.flatMap((start) =>
        readings(expression).map((middle) => ({
          text: start.text + middle.text + literal.text,
          samples: [...start.samples, ...middle.samples],
        })),
      ),
    [{ text: node.head.text, samples: [] }],
  );
}
