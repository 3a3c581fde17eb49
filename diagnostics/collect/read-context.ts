import type { Command, FoundNamespace, Machine, Output } from '../host/machine.ts';
import { denied, type Fact } from '../model/fact.ts';
import type { TableNumber } from './route-tables.ts';

/** What a reader of facts works with. */
export interface ReadContext {
  readonly machine: Machine;
  /** All namespaces of the last scan: what an interface's other end may lie in. */
  readonly namespaces: readonly FoundNamespace[];
  readonly tableNumber: TableNumber;
  /** The same for all readings that follow one scan: what is found out once belongs to it. */
  readonly discovery: object;
  readonly signal: AbortSignal | undefined;
}

/** Runs a command in a namespace, until the question is cancelled. */
export const runIn = (
  { machine, signal }: ReadContext,
  { host, id }: FoundNamespace,
  argv: readonly string[],
  more: Partial<Omit<Command, 'argv' | 'signal'>> = {},
): Promise<Output> => machine.run({ host, namespace: id }, { argv, ...more, ...(signal ? { signal } : {}) });

/** Why a command's answer could not be had; null where it was. `what` is a plural: "routes", "sockets". */
export function refusal(output: Output, what: string, tool: string): Fact<never> | null {
  if (output.problem === undefined) {
    if (output.exitCode === 0) return null;
    if (/not permitted|permission denied|must be root/i.test(output.stderr)) return needsPrivileges(what);
    return denied(`The ${what} could not be read: ${firstLine(output.stderr) || `${tool} failed`}.`);
  }
  switch (output.problem) {
    case 'missing-tool':
      return denied(`The ${what} could not be read, because ${tool} is not installed.`);
    case 'not-permitted':
      return needsPrivileges(what);
    case 'namespace-gone':
      return denied(`The ${what} could not be read, because the network namespace is gone.`);
    case 'timeout':
      return denied(`The ${what} could not be read, because ${tool} did not answer in time.`);
    case 'cancelled':
      return denied(`The ${what} were not read, because the question was cancelled.`);
  }
}

/** A fact that only an administrator may read; `what` is a plural: "routes". */
export const needsPrivileges = (what: string): Fact<never> =>
  denied(`The ${what} may only be read by an administrator: run the same with sudo to see them.`);

/** A fact whose listing makes no sense; `what` is a plural: "routes". */
export const damaged = (what: string, tool: string): Fact<never> =>
  denied(`The ${what} could not be understood: ${tool} printed damaged output.`);

const firstLine = (text: string): string => (text.trim().split('\n')[0] ?? '').replace(/\.$/, '');
