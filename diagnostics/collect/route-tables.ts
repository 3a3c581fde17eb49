import { namesIn, readText } from './plain-files.ts';

/** The number of a routing table that iproute2 printed by name or number; undefined for a name nobody knows. */
export type TableNumber = (name: string) => number | undefined;

const KERNEL_TABLES: readonly (readonly [string, number])[] = [
  ['default', 253],
  ['main', 254],
  ['local', 255],
];

/** Where iproute2 looks, see ip-route(8); the later directories are those of newer versions. */
const DIRECTORIES = ['/usr/share/iproute2', '/usr/lib/iproute2', '/etc/iproute2'];

/** Names from iproute2's own files, as the `ip` of this machine uses them. */
export function readTableNames(): TableNumber {
  const names = new Map<string, number>([...KERNEL_TABLES, ...iprouteNames('rt_tables')]);
  return (name) => (/^\d+$/.test(name) ? Number(name) : names.get(name));
}

/** The names of one of these files (`rt_tables`, `rt_protos` …); those that come later stand before earlier ones. */
export const iprouteNames = (file: string): readonly (readonly [name: string, number: number])[] =>
  DIRECTORIES.flatMap((directory) =>
    [`${directory}/${file}`, ...dropIns(`${directory}/${file}.d`)].flatMap((path) =>
      parseTableNames(readText(path)),
    ),
  );

/** Lines `NUMBER NAME`, `#` begins a comment. */
function parseTableNames(text: string): [string, number][] {
  return text.split('\n').flatMap((line): [string, number][] => {
    const match = /^\s*(0x[0-9a-f]+|\d+)\s+([^\s#]+)/i.exec(line);
    return match?.[1] && match[2] ? [[match[2], Number(match[1])]] : [];
  });
}

const dropIns = (directory: string): readonly string[] =>
  namesIn(directory)
    .filter((name) => name.endsWith('.conf'))
    .toSorted()
    .map((name) => `${directory}/${name}`);
