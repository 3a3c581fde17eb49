import { listSandboxes, type Sandbox } from '../sandbox/sandbox.ts';
import { Refusal } from './refusal.ts';

/** Where a running lab's session answers; `sandbox` is null in a node shell, from where the sandbox cannot be seen. */
export interface FoundLab {
  readonly socket: string;
  readonly sandbox: Sandbox | null;
}

/**
 * The running lab that is meant: the one of this name (a sandbox's or a lab's), in a node shell its own ($HOPLAB_LAB), or
 * the only one. @throws Refusal `unknown` where none or several could be meant
 */
export async function findLab(
  wanted: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Promise<FoundLab> {
  const here = env['HOPLAB_LAB'];
  if (wanted === undefined && here?.startsWith('/')) return { socket: here, sandbox: null };
  const name = wanted ?? here;
  const all = await listSandboxes();
  const fitting = name === undefined ? all : all.filter((one) => one.name === name || one.lab === name);
  const [first] = fitting;
  const exact = fitting.find((one) => one.name === name) ?? (fitting.length === 1 ? first : undefined);
  if (exact) return { socket: exact.socket, sandbox: exact };
  if (all.length === 0)
    throw new Refusal(
      'unknown',
      'No lab is running. Start one: hoplab lab start router',
      '没有正在运行的实验。启动一个：hoplab lab start router',
    );
  const names = all.map((one) => one.name).join(', ');
  throw name === undefined
    ? new Refusal(
        'unknown',
        `Several labs are running: ${names}. Say which: --lab NAME`,
        `有多个实验正在运行：${names}。请指明：--lab 名称`,
      )
    : new Refusal(
        'unknown',
        `No lab ${name} is running; there are ${names}.`,
        `没有名为 ${name} 的实验在运行，正在运行的有 ${names}。`,
      );
}
