import { isObject, optional, stringsField } from '../../host/external-json.ts';
import type { EngineSettings } from '../../model/container.ts';
import { readText } from '../plain-files.ts';
import { iptablesOf } from './iptables-of.ts';

/**
 * What a running dockerd was told: by its arguments, and by the file that it reads at its start (dockerd(8), --config-file). Its
 * API tells none of it. Undefined: nothing that matters to packets, or nobody may look.
 */
export function daemonSettings(pid: number): EngineSettings | undefined {
  const argv = readText(`/proc/${pid}/cmdline`).split('\0').slice(1);
  const named = optionsOf(argv, 'config-file').at(-1);
  const paths = named === undefined ? usualFiles(pid, argv) : [named];
  const text = paths.map((path) => readText(`/proc/${pid}/root${path}`)).find((it) => it !== '') ?? '';
  const settings = { ...settingsOf(argv, text), ...optional('writesTo', iptablesOf(pid)) };
  return Object.keys(settings).length > 0 ? settings : undefined;
}

/** Pure: arguments, and the text of a configuration file (empty: there is none). */
export function settingsOf(argv: readonly string[], text: string): EngineSettings | undefined {
  const file = parsed(text);
  const written = optionsOf(argv, 'iptables').at(-1);
  const iptables = written === undefined ? file['iptables'] : written !== 'false' && written !== '0';
  const nameServers = [...optionsOf(argv, 'dns'), ...stringsField(file, 'dns')];
  const settings: EngineSettings = {
    ...(iptables === false ? { iptables } : {}),
    ...optional('nameServers', nameServers.length > 0 ? nameServers : undefined),
  };
  return Object.keys(settings).length > 0 ? settings : undefined;
}

/** The values of an option of one's own, in both ways of writing it; of a flag without a value `true`. */
function optionsOf(argv: readonly string[], name: string): readonly string[] {
  return argv.flatMap((word, index) => {
    if (word.startsWith(`--${name}=`)) return [word.slice(name.length + 3)];
    if (word !== `--${name}`) return [];
    const next = argv[index + 1];
    return [FLAGS.has(name) || next === undefined ? 'true' : next];
  });
}

const FLAGS: ReadonlySet<string> = new Set(['iptables']);

/** Root's; and that of a user whose engine runs without root. */
function usualFiles(pid: number, argv: readonly string[]): readonly string[] {
  if (!argv.includes('--rootless')) return ['/etc/docker/daemon.json'];
  const environment = readText(`/proc/${pid}/environ`).split('\0');
  const value = (name: string): string | undefined =>
    environment.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1);
  const home =
    value('XDG_CONFIG_HOME') ?? (value('HOME') === undefined ? undefined : `${value('HOME')}/.config`);
  return home === undefined ? [] : [`${home}/docker/daemon.json`];
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}
