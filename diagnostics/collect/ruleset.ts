import type { FoundNamespace, Output } from '../host/machine.ts';
import { known } from '../model/fact.ts';
import type { NamespaceFacts } from '../model/namespace.ts';
import { assembleRuleset } from './assemble-ruleset.ts';
import { isObject, objectField, objects, parseJson, stringField } from './external-json.ts';
import { mentionsIpsets } from './ipset.ts';
import { mayHideFamilies } from './nftables/bytecode.ts';
import { refusal, type ReadContext } from './read-context.ts';
import { readSurroundings } from './ruleset-surroundings.ts';

/** Thousands of rules take their time. */
const TIMEOUT_MILLISECONDS = 20_000;

type Family = 'ip' | 'ip6';
type Run = (argv: readonly string[]) => Promise<Output>;

const FAMILIES = ['ip', 'ip6'] as const;

/** The tables that iptables has; in nftables they may be iptables-nft's, or somebody's own of the same name. */
const IPTABLES_TABLES = ['filter', 'nat', 'mangle', 'raw', 'security'];

/**
 * Netfilter's rules from every backend of one namespace. iptables-nft is asked only where nft lists tables that may be its own;
 * legacy iptables only where the kernel has its tables, since asking makes them. assembleRuleset() puts the listings together.
 */
export async function readRuleset(
  context: ReadContext,
  namespace: FoundNamespace,
): Promise<Partial<NamespaceFacts>> {
  const run: Run = (argv) =>
    context.machine.run(
      { host: namespace.host, namespace: namespace.id },
      {
        argv,
        timeoutMilliseconds: TIMEOUT_MILLISECONDS,
        ...(context.signal ? { signal: context.signal } : {}),
      },
    );
  const [listed, written, legacyNames] = await Promise.all([
    run(['nft', '-j', 'list', 'ruleset']),
    run(['nft', '-a', 'list', 'ruleset']),
    run(['grep', '-s', '.', '/proc/net/ip_tables_names', '/proc/net/ip6_tables_names']),
  ]);
  const missingTool = listed.problem === 'missing-tool';
  const withoutNft = /not supported/i.test(listed.stderr) || missingTool;
  const refused = withoutNft ? null : refusal(listed, 'firewall rules', 'nft');
  if (refused) return { ruleset: refused };

  // Without nft's list nobody knows: then iptables-nft is asked for both.
  const maybeIptables = (family: Family): boolean =>
    missingTool || (!withoutNft && listsIptablesTable(listed.stdout, family));
  const hasLegacy = (family: Family): boolean => legacyNames.stdout.includes(`/${family}_tables_names:`);
  const [bytecode, compat, legacy] = await Promise.all([
    mayHideFamilies(listed.stdout) ? run(['nft', '--debug=netlink', 'list', 'ruleset']).then(printed) : null,
    readFamilies(maybeIptables, (family) => readIptablesNft(run, family)),
    readFamilies(hasLegacy, (family) => readLegacy(run, family)),
  ]);
  const listings = [listed.stdout, ...Object.values(compat), ...Object.values(legacy)].join('\n');
  const [ipsets, asked] = await Promise.all([
    mentionsIpsets(listings) ? run(['ipset', 'save']).then(printed) : null,
    readSurroundings(run, listings),
  ]);
  const { tables, unknowns } = assembleRuleset({
    compat,
    legacy,
    ipsets,
    ...(withoutNft ? {} : { nft: { json: listed.stdout, text: written.stdout, bytecode } }),
  });
  return {
    ruleset: known({
      ...asked,
      tables,
      unknowns: [
        ...(missingTool ? ['Native nftables rules could not be read, because nft is not installed.'] : []),
        ...FAMILIES.filter((family) => hasLegacy(family) && legacy[family] === undefined).map(
          (family) =>
            `The rules of legacy ${toolName(family)} could not be read: its save command does not work here.`,
        ),
        ...unknowns,
      ],
    }),
  };
}

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

/** A damaged list may hold any. */
function listsIptablesTable(json: string, family: Family): boolean {
  const listing = parseJson(json);
  if (!isObject(listing)) return true;
  return objects(listing['nftables']).some((item) => {
    const table = objectField(item, 'table');
    const name = stringField(table, 'name');
    return stringField(table, 'family') === family && name !== undefined && IPTABLES_TABLES.includes(name);
  });
}
