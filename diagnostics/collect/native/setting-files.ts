import { closeSync, constants, openSync } from 'node:fs';
import { NetlinkError } from '../../host/native/netlink.ts';
import type { SystemCalls } from '../../host/native/system-calls.ts';
import type { Visit } from '../../host/native/visit.ts';
import { NotUnderstood } from '../netlink/bytes.ts';
import { interfacesOf, type InterfaceTable } from '../netlink/interface-table.ts';
import { INTERFACE_SETTINGS, SETTINGS } from '../setting-names.ts';
import { sentSettings } from './interface-settings.ts';

/** What files hold. */
export interface SettingFiles {
  /** By what follows /proc/sys/: `net/ipv4/ip_forward`. */
  readonly values: Readonly<Record<string, string>>;
  /** Whole files of /proc/net, by their names. */
  readonly listings: Readonly<Record<string, string>>;
}

/** What the kernel puts in place of a name's bytes that are no text, once they are read as text. */
const NO_TEXT = '\uFFFD';

/** Beside the interfaces: no interface can be called so. What a fix makes anew begins with what is default. */
const EVERY = ['all', 'default'] as const;

const FAMILIES = ['ipv4', 'ipv6'] as const;

/** Files below each directory of /proc/sys/net, beside those of single interfaces. */
const BELOW: ReadonlyMap<string, readonly string[]> = filesBelow();

function filesBelow(): ReadonlyMap<string, readonly string[]> {
  const below = new Map<string, string[]>();
  for (const [directory, names] of Object.entries(SETTINGS)) {
    const [first = '', ...rest] = directory.split('/');
    const files = names.map((name) => [...rest, name].join('/'));
    below.set(first, [...(below.get(first) ?? []), ...files]);
  }
  for (const family of FAMILIES)
    for (const every of EVERY)
      below.get(family)?.push(...INTERFACE_SETTINGS[family].map((name) => `conf/${every}/${name}`));
  return below;
}

/**
 * The settings of the network namespace that is visited, and what of `listings` it has. Null where the interfaces cannot be
 * listed, or one cannot be named in text.
 */
export function readSettingFiles(visit: Visit, listings: readonly string[]): SettingFiles | null {
  const interfaces = interfacesHere(visit);
  if (interfaces?.all.some(({ name }) => name.includes(NO_TEXT)) !== false) return null;
  const files = new Map([...BELOW].map(([directory, names]) => [directory, [...names]]));
  const values: Record<string, string> = {};
  for (const { device, family, of } of sentSettings(interfaces))
    for (const name of INTERFACE_SETTINGS[family]) {
      const value = of(name);
      if (value === undefined) files.get(family)?.push(`conf/${device}/${name}`);
      else values[`net/${family}/conf/${device}/${name}`] = value;
    }
  for (const [directory, names] of files)
    readFiles(visit.calls, `/proc/sys/net/${directory}`, names, (name, text) => {
      values[`net/${directory}/${name}`] = text.replace(/\n$/, '');
    });
  const listed: Record<string, string> = {};
  // /proc/net is the network of the process; that of the thread may be another.
  readFiles(visit.calls, '/proc/thread-self/net', listings, (name, text) => (listed[name] = text));
  return { values, listings: listed };
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
 * Files below one directory, those that are there and may be read. By openat(2): all namespaces' settings have the same names, and
 * the longer the way to them, the more the kernel has to look through.
 */
function readFiles(
  calls: SystemCalls,
  directory: string,
  names: readonly string[],
  add: (name: string, text: string) => void,
): void {
  let opened: number;
  try {
    opened = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch {
    return;
  }
  for (const name of names) {
    const descriptor = calls.openat(opened, name, constants.O_RDONLY);
    if (descriptor < 0) continue;
    const text = wholeText(calls, descriptor);
    calls.close(descriptor);
    if (text !== '') add(name, text);
  }
  closeSync(opened);
}

function wholeText(calls: SystemCalls, descriptor: number): string {
  const parts: string[] = [];
  for (;;) {
    const length = calls.read(descriptor, buffer, buffer.length);
    if (length <= 0) return parts.join('');
    const part = buffer.toString('utf8', 0, length);
    // Whatever ends so is a setting's one line, and there is no more of it.
    if (length < buffer.length && parts.length === 0 && part.indexOf('\n') === length - 1) return part;
    parts.push(part);
  }
}
