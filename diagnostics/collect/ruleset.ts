import type { FoundNamespace, Output } from '../host/machine.ts';
import { known } from '../model/fact.ts';
import type { Table } from '../model/ruleset.ts';
import type { NamespaceFacts } from '../model/namespace.ts';
import { assembleRuleset } from './assemble-ruleset.ts';
import { isObject, objectField, objects, parseJson, stringField } from '../host/external-json.ts';
import { INCOMPATIBLE_TABLE } from './iptables-save.ts';
import { readHiddenLegacy, type LegacyFamily } from './hidden-legacy.ts';
import { readKernelModules } from './kernel-modules.ts';
import { readLegacyArptables, readLegacyEbtables } from './legacy-frames.ts';
import { mentionsIpsets } from './ipset.ts';
import { mentionsRecent, RECENT_DIRECTORY } from './iptables/recent.ts';
import { readChainTables, type ChainTable } from './native/chain-tables.ts';
import { mayHideFamilies } from './nftables/bytecode.ts';
import { refusal, runIn, type ReadContext } from './read-context.ts';
import { readSurroundings } from './ruleset-surroundings.ts';
import { LEGACY_TABLES, readSettings } from './sysctls.ts';

/** Thousands of rules take their time. */
const TIMEOUT_MILLISECONDS = 20_000;

type Family = 'ip' | 'ip6';
type Run = (argv: readonly string[]) => Promise<Output>;

const FAMILIES = ['ip', 'ip6'] as const;
const LEGACY_FAMILIES: readonly LegacyFamily[] = ['ip', 'ip6', 'arp'];

/** The tables that ebtables-nft has. */
const EBTABLES = ['filter', 'nat'];

/** The tables that iptables has; in nftables they may be iptables-nft's, or somebody's own of the same name. */
const IPTABLES_TABLES = ['filter', 'nat', 'mangle', 'raw', 'security'];

/**
 * Netfilter's rules from every backend of one namespace. Most have none, which a list of chains says soonest. iptables-nft is
 * asked only where nft lists tables that may be its own; legacy iptables only where the kernel has its tables, since asking makes
 * them. assembleRuleset() puts the listings together.
 */
export async function readRuleset(
  context: ReadContext,
  namespace: FoundNamespace,
): Promise<Partial<NamespaceFacts>> {
  const asking =
    (slow: boolean): Run =>
    (argv) =>
      runIn(context, namespace, argv, { slow, timeoutMilliseconds: TIMEOUT_MILLISECONDS });
  const run = asking(false);
  const list = asking(true);
  const [own, { listings, unreadable }, modules] = await Promise.all([
    context.machine.within({ host: namespace.host, namespace: namespace.id }, readChainTables),
    readSettings(context, namespace),
    readKernelModules(context, namespace),
  ]);
  const names = own?.value ? null : await run(['nft', '-j', 'list', 'chains']);
  const unnamed = names?.problem === 'missing-tool';
  const unsupported = names !== null && /not supported/i.test(names.stderr);
  const refusedNames =
    names === null || unsupported || unnamed ? null : refusal(names, 'firewall rules', 'nft');
  if (refusedNames) return { ruleset: refusedNames };

  const named = own?.value ?? (unsupported || unnamed ? [] : namedTables(names?.stdout ?? ''));
  // Without a list nobody knows: then iptables-nft is asked for both.
  const maybeIptables = (family: Family): boolean => unnamed || mayBeIptables(named, family);
  const hasLegacy = (family: Family): boolean => listings[LEGACY_TABLES[family]] !== undefined;
  const [native, compat, legacy] = await Promise.all([
    named?.length === 0 ? null : list(['nft', '-j', 'list', 'ruleset']),
    readFamilies(maybeIptables, (family) => readIptablesNft(list, family)),
    readFamilies(hasLegacy, (family) => readLegacy(list, family)),
  ]);
  const hidden = LEGACY_FAMILIES.filter((family) => unreadable.includes(LEGACY_TABLES[family]));
  const hiddenLegacy = await readHiddenLegacy(list, hidden, modules);
  const legacyFrames = await Promise.all([
    ...(listings[LEGACY_TABLES.arp] !== undefined ? [readLegacyArptables(list)] : []),
    readLegacyEbtables(list, modules),
  ]);
  const missingTool = unnamed || native?.problem === 'missing-tool';
  const refused = native && !missingTool ? refusal(native, 'firewall rules', 'nft') : null;
  if (refused) return { ruleset: refused };
  const withoutNft = unsupported || missingTool;
  // Null: the kernel itself said that there are none.
  const json = (native ?? names)?.stdout ?? null;
  const texts = [json ?? '', ...Object.values(compat), ...Object.values(legacy)];
  const wordless = native === null || withoutNft || areSaved(named, compat);
  const [text, bytecode, frames, ipsets, recent, asked] = await Promise.all([
    wordless ? '' : list(['nft', '-a', 'list', 'ruleset']).then(({ stdout }) => stdout),
    json !== null && mayHideFamilies(json)
      ? list(['nft', '--debug=netlink', 'list', 'ruleset']).then(printed)
      : null,
    hasFrameTables(named) ? list(['ebtables-nft-save']).then(printed) : null,
    texts.some(mentionsIpsets) ? run(['ipset', 'save']).then(printed) : null,
    texts.some(mentionsRecent) ? run(['grep', '-rs', '', RECENT_DIRECTORY]).then(printedOrNothing) : null,
    readSurroundings(run, texts),
  ]);
  const { tables, unknowns } = assembleRuleset({
    compat,
    legacy,
    frames,
    ipsets,
    recent,
    ...(withoutNft || json === null ? {} : { nft: { json, text, bytecode } }),
  });
  return {
    ruleset: known({
      ...asked,
      tables: [...tables, ...legacyFrames.flatMap((found) => found.tables)],
      unknowns: [
        ...(withoutNft || native === null ? [] : listingErrors(native)),
        ...(missingTool ? ['Native nftables rules could not be read, because nft is not installed.'] : []),
        ...FAMILIES.filter((family) => hasLegacy(family) && legacy[family] === undefined).map(
          (family) =>
            `The rules of legacy ${toolName(family)} could not be read: its save command does not work here.`,
        ),
        ...unknowns,
        ...(named === null || withoutNft ? [] : unlisted(tables, named)),
        ...FAMILIES.flatMap((family) =>
          legacy[family] === undefined
            ? []
            : unlistedLegacy(tables, family, listings[LEGACY_TABLES[family]] ?? ''),
        ),
        ...legacyFrames.flatMap((found) => found.unknowns),
        ...hiddenLegacy,
      ],
    }),
  };
}

/** nft goes on without what it cannot read of a set (a type of which it knows no name), and lists rules without the match. */
const listingErrors = ({ stderr }: Output): readonly string[] =>
  [...new Set(stderr.split('\n').filter((line) => line.startsWith('netlink: Error')))]
    .slice(0, 1)
    .map((line) => `nft could not list all that its rules hold: ${line}`);

/** The kernel named tables that no listing has: it was cut off, or they went in between. */
const unlisted = (tables: readonly Table[], named: readonly ChainTable[]): readonly string[] => [
  ...new Set(
    named
      .filter(
        (one) =>
          !tables.some(
            ({ backend, family, name }) => backend !== 'legacy' && family === one.family && name === one.name,
          ),
      )
      .map(({ family = '?', name = '?' }) => `the listing of nft is without table ${family} ${name}`),
  ),
];

/** `names`: ip_tables_names of proc(5), a table a line. */
const unlistedLegacy = (tables: readonly Table[], family: Family, names: string): readonly string[] =>
  names
    .split('\n')
    .filter((name) => name !== '')
    .filter(
      (name) => !tables.some((one) => one.backend === 'legacy' && one.family === family && one.name === name),
    )
    .map((name) => `the listing of legacy ${toolName(family)} is without table ${name}`);

/** Of what ebtables' extensions ask nft says no more than their names. */
const hasFrameTables = (tables: readonly ChainTable[] | null): boolean =>
  tables === null ||
  tables.some(({ family, name }) => family === 'bridge' && name !== undefined && EBTABLES.includes(name));

/** Every table is iptables-nft's own, which shows its rules as they are written: nft is not asked for its own words. */
const areSaved = (tables: readonly ChainTable[] | null, saved: Listings): boolean =>
  tables !== null &&
  !Object.values(saved).some((text) => INCOMPATIBLE_TABLE.test(text)) &&
  tables.every(
    ({ family, name }) =>
      (family === 'ip' || family === 'ip6') &&
      name !== undefined &&
      IPTABLES_TABLES.includes(name) &&
      saved[family]?.includes(`*${name}\n`) === true,
  );

type Listings = { readonly [F in Family]?: string };

async function readFamilies(
  wanted: (family: Family) => boolean,
  read: (family: Family) => Promise<string | null>,
): Promise<Listings> {
  const [ip, ip6] = await Promise.all(FAMILIES.map((family) => (wanted(family) ? read(family) : null)));
  return { ...(typeof ip === 'string' && { ip }), ...(typeof ip6 === 'string' && { ip6 }) };
}

const toolName = (family: Family): string => (family === 'ip' ? 'iptables' : 'ip6tables');

/** Nothing where it is not installed: nft then lists the same tables, less readable. */
async function readIptablesNft(run: Run, family: Family): Promise<string | null> {
  return printed(await run([`${toolName(family)}-nft-save`, '--counters']));
}

async function readLegacy(run: Run, family: Family): Promise<string | null> {
  const output = await run([`${toolName(family)}-legacy-save`, '--counters']);
  // Before there were two of them, the only one was this.
  return printed(
    output.problem === 'missing-tool' ? await run([`${toolName(family)}-save`, '--counters']) : output,
  );
}

const printed = (output: Output): string | null =>
  output.problem === undefined && output.exitCode === 0 ? output.stdout : null;

/** grep says 1 where there is nothing to print. */
const printedOrNothing = (output: Output): string | null =>
  output.problem === undefined && output.exitCode === 1 ? '' : printed(output);

/** The tables with chains, of which `nft -j list chains` tells without looking at any rule; null where it is damaged. */
function namedTables(json: string): readonly ChainTable[] | null {
  const listing = parseJson(json);
  if (!isObject(listing)) return null;
  return objects(listing['nftables']).flatMap((item) => {
    if (!('chain' in item)) return [];
    const chain = objectField(item, 'chain');
    return [{ family: stringField(chain, 'family'), name: stringField(chain, 'table') }];
  });
}

/** A damaged list may hold any. */
const mayBeIptables = (tables: readonly ChainTable[] | null, wanted: Family): boolean =>
  tables === null ||
  tables.some(
    ({ family, name }) => family === wanted && name !== undefined && IPTABLES_TABLES.includes(name),
  );
