import type { FoundNamespace } from '../host/machine.ts';
import { absent, known, type Fact } from '../model/fact.ts';
import type { NamespaceFacts } from '../model/namespace.ts';
import { readSettingFiles, type SettingFiles } from './native/setting-files.ts';
import { onceEach } from './once-each.ts';
import { damaged, refusal, type ReadContext } from './read-context.ts';
import { INTERFACE_SETTINGS, SETTINGS } from './setting-names.ts';
import { parseVirtualServices, VIRTUAL_SERVICES } from './virtual-services.ts';

/** The tables that legacy iptables and arptables have in the kernel, by family. */
export const LEGACY_TABLES = {
  ip: 'ip_tables_names',
  ip6: 'ip6_tables_names',
  arp: 'arp_tables_names',
} as const;

/** Files of /proc/net. */
const LISTINGS = [VIRTUAL_SERVICES, ...Object.values(LEGACY_TABLES)];

const NAMES = new Set([
  ...Object.values(SETTINGS).flat(),
  ...Object.values(INTERFACE_SETTINGS).flat(),
  ...LISTINGS,
]);

/** All of them by one process: grep prints `FILE:VALUE`, and what it may not read as an error. */
const COMMAND: readonly string[] = [
  ...['grep', '-r', ...[...NAMES].map((name) => `--include=${name}`), ''],
  ...[...new Set(Object.keys(SETTINGS).map((directory) => `/proc/sys/net/${directory.split('/')[0]}`))],
  ...LISTINGS.map((name) => `/proc/net/${name}`),
];

interface Settings extends SettingFiles {
  /** Why there are none. */
  readonly refused: Fact<never> | null;
}

/** The settings, and what tells in a file of its own what the namespace has. */
export const readSettings = onceEach(
  async ({ machine, signal }: ReadContext, { host, id: namespace }: FoundNamespace): Promise<Settings> => {
    const read = await machine.within({ host, namespace }, (visit) => readSettingFiles(visit, LISTINGS));
    if (read?.value) return { ...read.value, refused: null };
    const output = await machine.run({ host, namespace }, { argv: COMMAND, ...(signal ? { signal } : {}) });
    const settings = parseSettings(output.stdout, output.stderr);
    // grep says 2 where one file of many could not be read (no br_netfilter, a setting only root may see).
    const some =
      output.problem === undefined && output.exitCode === 2 && Object.keys(settings.values).length > 0;
    const refused = some ? null : refusal(output, 'kernel settings', 'grep');
    return {
      ...settings,
      refused: refused ?? (isCut(output.stdout) ? damaged('kernel settings', 'grep') : null),
    };
  },
);

/** Each line has an end, and the settings of a family of protocols are never none. */
const isCut = (text: string): boolean =>
  !text.endsWith('\n') || text.split('\n').some((line) => line !== '' && !LINE.test(line));

const LINE = /^\/proc\/(sys|net)\/([^:]+):(.*)$/;

/** `/proc/sys/net/ipv4/ip_forward:1` → `net/ipv4/ip_forward` → `1`. Interface names contain neither `:` nor `/`. */
export function parseSettings(text: string, errors = ''): SettingFiles {
  const values = Object.create(null) as Record<string, string>;
  const listings = Object.create(null) as Record<string, string>;
  for (const line of text.split('\n')) {
    const [, place, name, value = ''] = LINE.exec(line) ?? [];
    if (name === undefined) continue;
    if (place === 'sys') values[name] = value;
    else listings[name] = `${listings[name] ?? ''}${value}\n`;
  }
  const unreadable = LISTINGS.filter((name) => errors.includes(`/proc/net/${name}: Permission denied`));
  return { values: { ...values }, listings: { ...listings }, unreadable };
}

/** The settings, and services of IPVS beside them. */
export async function readSysctls(
  context: ReadContext,
  namespace: FoundNamespace,
): Promise<Pick<NamespaceFacts, 'sysctls' | 'virtualServices'>> {
  const { values, listings, refused } = await readSettings(context, namespace);
  const services = listings[VIRTUAL_SERVICES];
  return {
    sysctls: refused ?? known(values),
    virtualServices: services === undefined ? absent : known(parseVirtualServices(services)),
  };
}

/** What IPVS does here, which is read together with the settings. */
export const readVirtualServices = async (
  context: ReadContext,
  namespace: FoundNamespace,
): Promise<Pick<NamespaceFacts, 'virtualServices'>> => ({
  virtualServices: (await readSysctls(context, namespace)).virtualServices,
});
