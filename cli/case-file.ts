import { readFile, stat } from 'node:fs/promises';
import * as z from 'zod';
import { snapshotSource } from '../diagnostics/collect/snapshot-file.ts';
import { takeSnapshot } from '../diagnostics/collect/take-snapshot.ts';
import type { Diagnosis } from '../diagnostics/model/diagnosis.ts';
import { displayText } from '../diagnostics/model/display-text.ts';
import type { Language } from '../diagnostics/model/language.ts';
import type { Snapshot } from '../diagnostics/model/snapshot.ts';
import type { Question } from '../diagnostics/question/question.ts';
import type { FactSource } from '../diagnostics/source.ts';
import { writeOwnersFile } from './owners-file.ts';

/** A snapshot file that also holds what was asked and answered; readers that know nothing of cases see the snapshot. */
interface CaseFile extends Snapshot {
  readonly case: { readonly question: Question; readonly diagnosis: Diagnosis };
}

const questionSchema = z.object({
  case: z.object({
    question: z.object({
      from: z.string(),
      to: z.string(),
      protocol: z.enum(['tcp', 'udp', 'icmp']).nullable(),
      port: z.int().nullable(),
      size: z.int().optional(),
      device: z.string().optional(),
    }),
  }),
});

/** The question of a case file; null where the file is a snapshot and no more, or cannot be read. */
export async function questionOfCase(file: string): Promise<Question | null> {
  try {
    // A pipe can be read but once.
    if (!(await stat(file)).isFile()) return null;
    const parsed = questionSchema.safeParse(JSON.parse(await readFile(file, 'utf8')));
    if (!parsed.success) return null;
    const { size, device, ...question } = parsed.data.case.question;
    return {
      ...question,
      ...(size === undefined ? {} : { size }),
      ...(device === undefined ? {} : { device }),
    };
  } catch {
    // Whoever opens the snapshot says what is wrong with it.
    return null;
  }
}

/** All facts, read once, so that the saved answer rests on exactly what the file holds; the kernel is still asked live. */
export async function factsForCase(
  live: FactSource,
  signal: AbortSignal,
): Promise<{ readonly source: FactSource; readonly snapshot: Snapshot }> {
  const snapshot = await takeSnapshot(live, signal);
  const source: FactSource = {
    ...snapshotSource(snapshot),
    probe: live.probe,
    ...(live.resolve ? { resolve: live.resolve } : {}),
  };
  return { source, snapshot };
}

/** Writes a case for its owner's eyes, and returns what to tell them. Throws `CommandError`. */
export async function writeCase(
  file: string,
  snapshot: Snapshot,
  question: Question,
  diagnosis: Diagnosis,
  language: Language,
): Promise<string> {
  const content: CaseFile = { ...snapshot, case: { question, diagnosis } };
  await writeOwnersFile(file, `${JSON.stringify(content)}\n`);
  return SAVED[language](displayText(file), snapshot.namespaces.length);
}

const SAVED: Readonly<Record<Language, (file: string, count: number) => string>> = {
  en: (file, count) =>
    `${file}: the question, its prediction and the probe's answer, and all facts of ${count} network namespaces: real names, addresses, firewall rules, sockets with their programs' names, resolver files; no environment, no process arguments. Look before you publish it; “hoplab snapshot --redact” writes facts without names.\nAsk it again: hoplab why --from-snapshot ${file}\n`,
  'zh-cn': (file, count) =>
    `${file}：其中有问题、预测和探测结果，以及 ${count} 个网络命名空间的全部信息：真实的名字、地址、防火墙规则、套接字及其程序名、名字解析文件；没有环境变量和进程参数。公开之前请先看看；“hoplab snapshot --redact”会写出不含真名的事实。\n再次提问：hoplab why --from-snapshot ${file}\n`,
};
