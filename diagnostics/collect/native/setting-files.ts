import { closeSync, constants, openSync, readdirSync } from 'node:fs';
import type { SystemCalls } from '../../host/native/system-calls.ts';
import { namesIn, readText } from '../plain-files.ts';
import { readInterfaceSettings } from './interface-settings.ts';

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
export function readSettingFiles(
  calls: SystemCalls,
  { names, directories, files }: SettingFiles,
): string | null {
  const exact = new Set(names.filter((name) => !name.endsWith('*')));
  const beginnings = names.filter((name) => name.endsWith('*')).map((name) => name.slice(0, -1));
  const isWanted = (name: string): boolean =>
    exact.has(name) || beginnings.some((beginning) => name.startsWith(beginning));
  const lines: string[] = [];
  const settingOf = readInterfaceSettings(calls);
  let nameable = true;

  const add = (path: string, text: string): void => {
    for (const line of linesOf(text)) lines.push(`${path}:${line}`);
  };

  function readInterfaces(directory: string): void {
    const interfaces = namesIn(directory);
    nameable &&= interfaces.every((name) => !name.includes(NO_TEXT));
    const family = directory.split('/').at(-2) ?? '';
    const own = namesIn(`${directory}/default`).filter(isWanted);
    for (const name of interfaces) {
      const sent = own.map((file) => [file, settingOf(family, name, file)] as const);
      for (const [file, text] of sent) if (text !== undefined) add(`${directory}/${name}/${file}`, text);
      const others = sent.flatMap(([file, text]) => (text === undefined ? [file] : []));
      readFiles(calls, `${directory}/${name}`, others, add);
    }
  }

  function readDirectory(directory: string): void {
    const entries = entriesOf(directory);
    const own = entries.filter((item) => !item.isDirectory()).map(({ name }) => name);
    readFiles(calls, directory, own.filter(isWanted), add);
    for (const item of entries)
      if (item.isDirectory() && !PASSED_BY.has(item.name))
        (item.name === PER_INTERFACE ? readInterfaces : readDirectory)(`${directory}/${item.name}`);
  }

  for (const directory of directories) readDirectory(directory);
  // /proc/net is the network of the process; that of the thread may be another.
  for (const file of files) add(file, readText(file.replace('/proc/net/', '/proc/thread-self/net/')));
  return nameable ? `${lines.join('\n')}\n` : null;
}

function entriesOf(directory: string) {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    return [];
  }
}

const linesOf = (text: string): readonly string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));

/** The kernel gives a setting whole, and none is longer than a page. */
const buffer = Buffer.alloc(4096);

/**
 * Files of one directory, those that are there and may be read. By openat(2): all namespaces' settings have the same names, and each
 * part of a path that the kernel looks up costs the more, the more namespaces there are.
 */
function readFiles(
  calls: SystemCalls,
  directory: string,
  names: readonly string[],
  add: (path: string, text: string) => void,
): void {
  if (names.length === 0) return;
  let opened: number;
  try {
    opened = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch {
    return;
  }
  for (const name of names) {
    const descriptor = calls.openat(opened, name, constants.O_RDONLY);
    if (descriptor < 0) continue;
    const length = calls.read(descriptor, buffer, buffer.length);
    calls.close(descriptor);
    if (length > 0) add(`${directory}/${name}`, buffer.toString('utf8', 0, length));
  }
  closeSync(opened);
}
