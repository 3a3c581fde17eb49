import { closeSync, constants, existsSync, openSync } from 'node:fs';
import { NetlinkError } from '../../host/native/netlink.ts';
import type { SystemCalls } from '../../host/native/system-calls.ts';
import type { Visit } from '../../host/native/visit.ts';
import { NotUnderstood } from '../netlink/bytes.ts';
import { interfacesOf, type InterfaceTable } from '../netlink/interface-table.ts';
import { INTERFACE_SETTINGS, SETTINGS } from '../setting-names.ts';
import { sentSettings, type Family } from './interface-settings.ts';

/** What files hold. */
export interface SettingFiles {
  /** By what follows /proc/sys/: `net/ipv4/ip_forward`. */
  readonly values: Readonly<Record<string, string>>;
  /** Whole files of /proc/net, by their names. */
  readonly listings: Readonly<Record<string, string>>;
  /** Files of /proc/net that are there, and may not be read. */
  readonly unreadable: readonly string[];
}

/** What the kernel puts in place of a name's bytes that are no text, once they are read as text. */
const NO_TEXT = '\uFFFD';

/** Beside the interfaces: no interface can be called so. What a fix makes anew begins with what is default. */
const EVERY = ['all', 'default'] as const;

const FAMILIES = ['ipv4', 'ipv6'] as const;

interface SettingFile {
  /** Below its directory. */
  readonly name: string;
  /** Where `SettingFiles.values` has it. */
  readonly key: string;
}

const fileOf = (directory: string, name: string): SettingFile => ({ name, key: `net/${directory}/${name}` });

/** Files below each directory of /proc/sys/net, beside those of single interfaces. */
const BELOW: ReadonlyMap<string, readonly SettingFile[]> = filesBelow();

function filesBelow(): ReadonlyMap<string, readonly SettingFile[]> {
  const below = new Map<string, SettingFile[]>();
  const add = (directory: string, names: readonly string[]): void => {
    below.set(directory, [...(below.get(directory) ?? []), ...names.map((name) => fileOf(directory, name))]);
  };
  for (const [directory, names] of Object.entries(SETTINGS)) {
    const [first = '', ...rest] = directory.split('/');
    add(
      first,
      names.map((name) => [...rest, name].join('/')),
    );
  }
  for (const family of FAMILIES)
    for (const every of EVERY)
      add(
        family,
        INTERFACE_SETTINGS[family].map((name) => `conf/${every}/${name}`),
      );
  return below;
}

interface InterfaceFile extends SettingFile {
  /** `rp_filter`. */
  readonly setting: string;
}

/** `lo` and `eth0` are everywhere: to write all of their names anew for each namespace takes longer than to read the values. */
const MOST_KEPT = 64;
const kept = new Map<string, readonly InterfaceFile[]>();

/** The files of one interface. */
function filesOf(family: Family, device: string): readonly InterfaceFile[] {
  const key = `${family} ${device}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  if (kept.size >= MOST_KEPT) kept.clear();
  const files = INTERFACE_SETTINGS[family].map((setting): InterfaceFile => ({
    ...fileOf(family, `conf/${device}/${setting}`),
    setting,
  }));
  kept.set(key, files);
  return files;
}

/**
 * The settings of the network namespace that is visited, and what of `listings` it has. Null where the interfaces cannot be
 * listed, or one cannot be named in text.
 */
export function readSettingFiles(visit: Visit, listings: readonly string[]): SettingFiles | null {
  const interfaces = interfacesHere(visit);
  if (interfaces?.all.some(({ name }) => name.includes(NO_TEXT)) !== false) return null;
  const values: Record<string, string> = {};
  const notSent: Record<Family, SettingFile[]> = { ipv4: [], ipv6: [] };
  for (const { device, family, of } of sentSettings(interfaces))
    for (const file of filesOf(family, device)) {
      const value = of(file.setting);
      if (value === undefined) notSent[family].push(file);
      else values[file.key] = value;
    }
  const add = ({ key }: SettingFile, text: string): void => {
    values[key] = text;
  };
  for (const [directory, files] of BELOW) readFiles(visit.calls, `/proc/sys/net/${directory}`, files, add);
  for (const family of FAMILIES)
    if (notSent[family].length > 0) readFiles(visit.calls, `/proc/sys/net/${family}`, notSent[family], add);
  const listed: Record<string, string> = {};
  const files = listings.map((name) => ({ name }));
  // /proc/net is the network of the process; that of the thread may be another.
  const here = '/proc/thread-self/net';
  const unopened = readFiles(visit.calls, here, files, ({ name }, text) => (listed[name] = text));
  return {
    values,
    listings: listed,
    unreadable: unopened.map(({ name }) => name).filter((name) => existsSync(`${here}/${name}`)),
  };
}

function interfacesHere(visit: Visit): InterfaceTable | null {
  try {
    return interfacesOf(visit);
  } catch (error) {
    if (error instanceof NetlinkError || error instanceof NotUnderstood) return null;
    throw error;
  }
}

/** The kernel gives a setting whole, and makes room for as much as it is asked for: none of these is nearly as long. */
const buffer = Buffer.alloc(1023);

/**
 * Files below one directory, those that are there and may be read; the others are given back. By openat(2): all namespaces' settings have the same names, and
 * the longer the way to them, the more the kernel has to look through.
 */
function readFiles<F extends { readonly name: string }>(
  calls: SystemCalls,
  directory: string,
  files: readonly F[],
  add: (file: F, text: string) => void,
): readonly F[] {
  let opened: number;
  try {
    opened = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch {
    return files;
  }
  const unopened: F[] = [];
  for (const file of files) {
    const descriptor = calls.openat(opened, file.name, constants.O_RDONLY);
    if (descriptor < 0) {
      unopened.push(file);
      continue;
    }
    const text = textIn(calls, descriptor);
    calls.close(descriptor);
    if (text !== null) add(file, text);
  }
  closeSync(opened);
  return unopened;
}

const LINE_END = 10;

/** Null where there is nothing to read. Text is ASCII throughout; of a single line, without its end. */
function textIn(calls: SystemCalls, descriptor: number): string | null {
  const parts: string[] = [];
  for (;;) {
    const length = calls.read(descriptor, buffer, buffer.length);
    if (length <= 0) return parts.length === 0 ? null : parts.join('');
    // Whatever ends so is a setting's one line, and there is no more of it. Most have one digit.
    if (length < buffer.length && parts.length === 0 && buffer.indexOf(LINE_END) === length - 1)
      return length === 2 ? String.fromCharCode(buffer[0] ?? 0) : buffer.toString('latin1', 0, length - 1);
    parts.push(buffer.toString('latin1', 0, length));
  }
}
