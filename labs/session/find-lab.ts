import { lookForSandboxes, type Sandbox } from '../sandbox/sandbox.ts';
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
  const { running: all, ended } = await lookForSandboxes();
  const fitting = name === undefined ? all : all.filter((one) => one.name === name || one.lab === name);
  const [first] = fitting;
  const exact = fitting.find((one) => one.name === name) ?? (fitting.length === 1 ? first : undefined);
  if (exact) return { socket: exact.socket, sandbox: exact };
  const killed = ended.find((one) => name === undefined || one.name === name || one.lab === name);
  if (killed)
    throw new Refusal(
      'unknown',
      `The lab ${killed.name} has ended: one of its processes was killed. Go on where you were: hoplab lab start ${killed.lab}`,
      `实验 ${killed.name} 已经结束：它的一个进程被杀掉了。从中断的地方继续：hoplab lab start ${killed.lab}`,
    );
  if (all.length === 0)
    throw new Refusal(
      'unknown',
      'No lab is running. Start one: hoplab lab start router',
      '没有正在运行的实验。启动一个：hoplab lab start router',
    );
  const names = all.map((one) => one.name);
  throw name === undefined
    ? new Refusal(
        'unknown',
        `Several labs are running: ${names.join(', ')}. Say which: --lab NAME`,
        `有多个实验正在运行：${names.join('、')}。请指明：--lab 名称`,
      )
    : new Refusal(
        'unknown',
        `No lab ${name} is running; there are ${names.join(', ')}.`,
        `没有名为 ${name} 的实验在运行，正在运行的有 ${names.join('、')}。`,
      );
}
