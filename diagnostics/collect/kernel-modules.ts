import type { FoundNamespace } from '../host/machine.ts';
import { readText } from './plain-files.ts';
import type { ReadContext } from './read-context.ts';

const MODULES = '/proc/modules';

/** The names of the kernel's modules; null where it tells none: what it can do is built in, and not seen. */
export type KernelModules = readonly string[] | null;

const modulesSeen = new WeakMap<ReadContext, Promise<KernelModules>>();

/** The same for all namespaces of a machine. */
export function readKernelModules(context: ReadContext, place: FoundNamespace): Promise<KernelModules> {
  const seen = modulesSeen.get(context) ?? askModules(context, place);
  modulesSeen.set(context, seen);
  return seen;
}

async function askModules({ machine }: ReadContext, { host, id }: FoundNamespace): Promise<KernelModules> {
  const place = { host, namespace: id };
  const read = await machine.within(place, () => readText(MODULES));
  return parseModules(read?.value ?? (await machine.run(place, { argv: ['cat', MODULES] })).stdout);
}

/** `ip_tables 32768 2 iptable_filter,iptable_nat, Live 0x0000000000000000`, a module a line. */
export const parseModules = (text: string): KernelModules =>
  text.trim() === ''
    ? null
    : text
        .trim()
        .split('\n')
        .map((line) => line.split(' ', 1)[0] ?? '');
