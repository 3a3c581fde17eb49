import { join } from 'node:path';
import type * as z from 'zod';
import { displayText } from '../../diagnostics/model/display-text.ts';
import type { Language, Localised } from '../../diagnostics/model/language.ts';
import { parseGuide, type GuideSection } from './guide.ts';
import { LabFileError, readLabFile } from './lab-file.ts';
import type { Lab } from './lab-schema.ts';

/** A lab that was read and found to be whole. */
export interface LoadedLab {
  readonly lab: Lab;
  readonly guide: Localised<readonly GuideSection[]>;
  /** What was read, by the name of the file: all that a sandbox needs of the directory. The lab itself as JSON. */
  readonly texts: Readonly<Record<string, string>>;
}

/** Chooses the value of a variable that differs from learner to learner. */
export type Choose = (name: string, values: readonly string[]) => string;

const first: Choose = (_name, values) => values[0] ?? '';

/**
 * Reads and validates the lab in a directory: lab.yaml, guide.md, guide.zh-cn.md.
 * @throws LabFileError with every mistake at once
 */
export async function loadLab(directory: string, choose: Choose = first): Promise<LoadedLab> {
  const file = join(directory, 'lab.yaml');
  const text = await readLabFile(file);
  const raw = await rawOf(file, text);
  const vars = chosenVars(raw, choose);
  const missing = new Set<string>();
  // Most commands read no lab, and building its schema takes a fifth of their time.
  const { labSchema } = await import('./lab-schema.ts');
  const parsed = labSchema.safeParse(substitute(raw, vars, missing));
  const positionOf = parsed.success ? null : (await import('./yaml.ts')).positionsIn(file, text);
  const problems = parsed.success
    ? []
    : parsed.error.issues.map((issue) => {
        const where = issue.path.map(String).join('.');
        const position = positionOf?.(issue.path as (string | number)[]) ?? '1:1';
        return `${file}:${position}: ${displayText(where === '' ? messageOf(issue) : `${where}: ${messageOf(issue)}`)}`;
      });
  for (const name of missing)
    problems.push(`${file}: \${${displayText(name)}} is used, and \`vars\` has no such name`);
  if (!parsed.success || problems.length > 0) throw new LabFileError(problems);
  const texts = {
    // What was read is handed on in the part of YAML that is read fastest.
    'lab.yaml': JSON.stringify(raw),
    'guide.md': await guideText('en'),
    'guide.zh-cn.md': await guideText('zh-cn'),
  };
  const guide = { en: sections(texts['guide.md']), 'zh-cn': sections(texts['guide.zh-cn.md']) };
  const incomplete = (Object.entries(guide) as [Language, readonly GuideSection[]][]).flatMap(
    ([language, found]) =>
      missingSections(parsed.data, found).map(
        (id) =>
          `${join(directory, GUIDES[language])}: step ${id} has no text; add a heading "## Title {#${id}}"`,
      ),
  );
  if (incomplete.length > 0) throw new LabFileError(incomplete);
  return { lab: parsed.data, guide, texts };

  function guideText(language: Language): Promise<string> {
    return readLabFile(join(directory, GUIDES[language]));
  }

  function sections(markdown: string): readonly GuideSection[] {
    return parseGuide(String(substitute(markdown, vars, new Set())));
  }
}

const GUIDES: Localised = { en: 'guide.md', 'zh-cn': 'guide.zh-cn.md' };

const missingSections = (lab: Lab, guide: readonly GuideSection[]): readonly string[] =>
  lab.steps
    .map((step) => step.id)
    .filter((id) => !guide.some((section) => section.id === id && section.markdown !== ''));

function chosenVars(raw: unknown, choose: Choose): ReadonlyMap<string, string> {
  const vars = raw !== null && typeof raw === 'object' && 'vars' in raw ? raw.vars : {};
  return new Map(
    Object.entries(vars ?? {}).map(([name, value]) => [
      name,
      Array.isArray(value) ? choose(name, value.map(String)) : String(value),
    ]),
  );
}

/** `${name}` in every string; an unknown name is noted and left. */
function substitute(value: unknown, vars: ReadonlyMap<string, string>, missing: Set<string>): unknown {
  if (typeof value === 'string')
    return value.replace(/\$\{([a-z][a-z0-9_]*)\}/g, (whole, name: string) => {
      const chosen = vars.get(name);
      if (chosen === undefined) missing.add(name);
      return chosen ?? whole;
    });
  if (Array.isArray(value)) return value.map((entry) => substitute(entry, vars, missing));
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(
      Object.entries(value).map(([key, entry]) => [key, substitute(entry, vars, missing)]),
    );
  return value;
}

/** What is wrong, in the words of the part that knows best. */
function messageOf(issue: z.core.$ZodIssue): string {
  const [inner] =
    issue.code === 'invalid_key'
      ? issue.issues
      : issue.code === 'invalid_union'
        ? // Of the alternatives, the one that is of the right type.
          issue.errors
            .flat()
            .sort((a, b) => Number(a.code === 'invalid_type') - Number(b.code === 'invalid_type'))
        : [];
  return inner ? messageOf(inner) : issue.message;
}

/** Text that is JSON needs no parser of YAML, which takes longer to load than a lab to start. @throws LabFileError */
async function rawOf(file: string, text: string): Promise<unknown> {
  if (text.startsWith('{'))
    try {
      return JSON.parse(text) as unknown;
    } catch {
      // Then it is YAML that only begins so.
    }
  return (await import('./yaml.ts')).parseYaml(file, text).raw;
}
