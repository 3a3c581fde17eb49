import { readdirSync, readFileSync } from 'node:fs';
import { namesIn } from '../plain-files.ts';

/** What is looked for: files by their names, as `grep --include` takes them (a `*` only at the end). */
export interface SettingFiles {
  readonly names: readonly string[];
  /** Directories of /proc/sys, with all that is below them. */
  readonly directories: readonly string[];
  /** Files of /proc/net. */
  readonly files: readonly string[];
}

/** What the kernel puts in place of a name's bytes that are no text, once they are read as text. */
const NO_TEXT = '\uFFFD';

/** Directories of settings that are none of an interface's or a protocol's: how long neighbours live, buckets, log targets. */
const PASSED_BY = new Set(['neigh', 'vs', 'nf_log']);

/** One for each interface, all with the same names. */
const PER_INTERFACE = 'conf';

/**
 * What `grep -rs --include=NAME… '' DIRECTORY… FILE…` would print of the network namespace that this thread is in: a line
 * `FILE:VALUE` for each. Null where a file cannot be named in text.
 */
export function readSettingFiles({ names, directories, files }: SettingFiles): string | null {
  const exact = new Set(names.filter((name) => !name.endsWith('*')));
  const beginnings = names.filter((name) => name.endsWith('*')).map((name) => name.slice(0, -1));
  const isWanted = (name: string): boolean =>
    exact.has(name) || beginnings.some((beginning) => name.startsWith(beginning));
  const lines: string[] = [];
  let nameable = true;

  function read(path: string, shown = path): void {
    for (const line of textOf(path)) lines.push(`${shown}:${line}`);
  }

  function readInterfaces(directory: string): void {
    const interfaces = namesIn(directory);
    nameable &&= interfaces.every((name) => !name.includes(NO_TEXT));
    const own = namesIn(`${directory}/default`).filter(isWanted);
    for (const name of interfaces) for (const setting of own) read(`${directory}/${name}/${setting}`);
  }

  function readDirectory(directory: string): void {
    for (const item of entriesOf(directory))
      if (!item.isDirectory()) {
        if (isWanted(item.name)) read(`${directory}/${item.name}`);
      } else if (item.name === PER_INTERFACE) readInterfaces(`${directory}/${item.name}`);
      else if (!PASSED_BY.has(item.name)) readDirectory(`${directory}/${item.name}`);
  }

  for (const directory of directories) readDirectory(directory);
  // /proc/net is the network of the process; that of the thread may be another.
  for (const file of files) read(file.replace('/proc/net/', '/proc/thread-self/net/'), file);
  return nameable ? `${lines.join('\n')}\n` : null;
}

function entriesOf(directory: string) {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** Its lines; none where it is not there, or may not be read. */
function textOf(path: string): readonly string[] {
  try {
    const text = readFileSync(path, 'utf8');
    return text === '' ? [] : text.replace(/\n$/, '').split('\n');
  } catch {
    return [];
  }
}
