import type { FoundNamespace, Output } from '../host/machine.ts';
import { known } from '../model/fact.ts';
import type { NamespaceFacts } from '../model/namespace.ts';
import type { Backend, Table } from '../model/ruleset.ts';
import { isObject, numberField, objectField, objects, parseJson, stringField } from './external-json.ts';
import { parseIptablesSave } from './iptables-save.ts';
import { refusal, type ReadContext } from './read-context.ts';

/** Thousands of rules take their time. */
const TIMEOUT_MILLISECONDS = 20_000;

type Family = 'ip' | 'ip6';
type Run = (argv: readonly string[]) => Promise<Output>;

/** The tables that iptables has; in nftables they may be iptables-nft's, or somebody's own of the same name. */
const IPTABLES_TABLES = ['filter', 'nat', 'mangle', 'raw', 'security'];

/**
 * Netfilter's rules from every backend of one namespace. nft(8) lists what iptables-nft made too, but its matches are opaque
 * there: these tables are read with iptables-nft-save, and each table is counted once. Legacy iptables is asked only where the
 * kernel has its tables, since asking makes them.
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
  const [listed, legacyNames] = await Promise.all([
    run(['nft', '-j', 'list', 'ruleset']),
    run(['grep', '-s', '.', '/proc/net/ip_tables_names', '/proc/net/ip6_tables_names']),
  ]);
  const withoutNft = /not supported/i.test(listed.stderr) || listed.problem === 'missing-tool';
  const refused = withoutNft ? null : refusal(listed, 'firewall rules', 'nft');
  if (refused) return { ruleset: refused };

  const nft = withoutNft ? [] : listedTables(listed.stdout);
  const unknowns: string[] = [];
  if (nft === null) unknowns.push('What nft lists was damaged and could not be understood.');
  if (listed.problem === 'missing-tool')
    unknowns.push('Native nftables rules could not be read, because nft is not installed.');
  // Without nft's list nobody knows: then iptables-nft is asked for both.
  const maybeIptables = (family: Family): boolean =>
    nft === null ||
    listed.problem === 'missing-tool' ||
    nft.some((table) => table.family === family && IPTABLES_TABLES.includes(table.name));
  const parts = await Promise.all([
    ...(['ip', 'ip6'] as const).filter(maybeIptables).map((family) => readIptablesNft(run, family)),
    ...(['ip', 'ip6'] as const)
      .filter((family) => legacyNames.stdout.includes(`/${family}_tables_names:`))
      .map((family) => readLegacy(run, family)),
  ]);
  const iptables = parts.flatMap(({ tables }) => tables);
  const isRead = ({ family, name }: NftTable): boolean =>
    iptables.some(
      (table) => table.backend === 'iptables-nft' && table.family === family && table.name === name,
    );
  const native = (nft ?? []).filter((table) => !isRead(table));
  unknowns.push(...parts.flatMap((part) => part.unknowns));
  unknowns.push(
    ...native.map(({ family, name }) => `The nftables table ${family} ${name} was not understood.`),
  );
  return {
    ruleset: known({ tables: withHandles(iptables, parseJson(listed.stdout)), unknowns }),
  };
}

interface Part {
  readonly tables: readonly Table[];
  readonly unknowns: readonly string[];
}

/** Nothing where it is not installed: nft then lists the same tables, less readable. */
async function readIptablesNft(run: Run, family: Family): Promise<Part> {
  const output = await run([`${family === 'ip' ? 'iptables' : 'ip6tables'}-nft-save`, '--counters']);
  if (output.problem !== undefined || output.exitCode !== 0) return { tables: [], unknowns: [] };
  return parseIptablesSave(output.stdout, { backend: 'iptables-nft', family });
}

async function readLegacy(run: Run, family: Family): Promise<Part> {
  const tool = family === 'ip' ? 'iptables' : 'ip6tables';
  let output = await run([`${tool}-legacy-save`, '--counters']);
  // Before there were two of them, the only one was this.
  if (output.problem === 'missing-tool') output = await run([`${tool}-save`, '--counters']);
  if (output.problem !== undefined || output.exitCode !== 0)
    return {
      tables: [],
      unknowns: [`The rules of legacy ${tool} could not be read: ${tool}-legacy-save does not work here.`],
    };
  return parseIptablesSave(output.stdout, { backend: 'legacy', family });
}

interface NftTable {
  readonly family: string;
  readonly name: string;
}

function listedTables(text: string): readonly NftTable[] | null {
  const listing = parseJson(text);
  if (!isObject(listing)) return null;
  return objects(listing['nftables']).flatMap((item) => {
    const table = objectField(item, 'table');
    const [family, name] = [stringField(table, 'family'), stringField(table, 'name')];
    return family === undefined || name === undefined ? [] : [{ family, name }];
  });
}

const IPTABLES_NFT: Backend = 'iptables-nft';

/** iptables does not print nft's handles, by which a rule can be named: both list a chain's rules in the same order. */
function withHandles(tables: readonly Table[], listing: unknown): readonly Table[] {
  const handles = new Map<string, number[]>();
  for (const item of isObject(listing) ? objects(listing['nftables']) : []) {
    const rule = objectField(item, 'rule');
    const handle = numberField(rule, 'handle');
    if (handle === undefined) continue;
    const key = ['family', 'table', 'chain'].map((field) => stringField(rule, field) ?? '').join('\0');
    handles.set(key, [...(handles.get(key) ?? []), handle]);
  }
  return tables.map((table) =>
    table.backend !== IPTABLES_NFT
      ? table
      : {
          ...table,
          chains: table.chains.map((chain) => {
            const known = handles.get([table.family, table.name, chain.name].join('\0'));
            if (known?.length !== chain.rules.length) return chain;
            return {
              ...chain,
              rules: chain.rules.map((rule, index) => {
                const handle = known[index];
                return handle === undefined ? rule : { ...rule, handle };
              }),
            };
          }),
        },
  );
}
