import { assembleRuleset } from '../../../../diagnostics/collect/assemble-ruleset.ts';
import { aheadOfUtc } from '../../../../diagnostics/collect/nftables/clock.ts';
import { parseBoundQueues, parsePolicyCount } from '../../../../diagnostics/collect/ruleset-surroundings.ts';
import type { Ruleset } from '../../../../diagnostics/model/ruleset.ts';
import type { TestNetwork } from '../../../support/network.ts';
import { SEEN_IN } from './seen.ts';

export type Backend = 'iptables-nft' | 'legacy' | 'nft';

/** Adds rules to the router's: a text that its backend's own tool restores. */
export async function loadRules(
  net: TestNetwork,
  backend: Backend,
  family: 4 | 6,
  text: string,
): Promise<void> {
  const tool = family === 4 ? 'iptables' : 'ip6tables';
  if (backend === 'nft') await loadNft(net, text);
  else await net.run('router', `${tool}-${backend === 'legacy' ? 'legacy' : 'nft'}-restore`, text);
}

/** Loads what nft takes of random rules: a line that it refuses (`tcp dport 80 icmp type 8`) is left out. */
async function loadNft(net: TestNetwork, text: string): Promise<void> {
  const lines = text.split('\n');
  for (;;) {
    const refusal = await net.run('router', 'nft -f -', lines.join('\n')).then(
      () => null,
      (error: unknown) => String(error),
    );
    if (refusal === null) return;
    const refused = [...refusal.matchAll(/^\/dev\/stdin:(\d+):[\d-]+: Error/gm)].map(
      ([, line]) => Number(line) - 1,
    );
    const rules = refused.filter((line) => lines[line]?.startsWith('    '));
    if (rules.length === 0) throw new Error(`${refusal}\n${lines.join('\n')}`);
    for (const line of rules) lines[line] = '';
  }
}

const BUILTINS: Readonly<Record<string, readonly string[]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
};

const emptyTable = (table: string): string =>
  [`*${table}`, ...(BUILTINS[table] ?? []).map((chain) => `:${chain} ACCEPT [0:0]`), 'COMMIT', ''].join('\n');

/** Leaves the router no rules but those that write down what arrives. */
export async function clearRules(net: TestNetwork): Promise<void> {
  await net.run('router', 'nft flush ruleset');
  for (const family of ['', '6'])
    for (const table of ['raw', 'mangle', 'nat', 'filter'])
      if ((await net.run('router', `cat /proc/net/ip${family}_tables_names`)).split('\n').includes(table)) {
        await net.run('router', `ip${family}tables-legacy-restore`, emptyTable(table));
      }
  await net.run('router', 'nft -f -', SEEN_IN.router);
}

/** What the product reads of the router's rules. */
export async function readRules(net: TestNetwork): Promise<Ruleset> {
  const save = (tool: string): Promise<string> => net.run('router', `${tool}-save`);
  const names = await net.run('router', 'cat /proc/net/ip_tables_names /proc/net/ip6_tables_names');
  const listed = assembleRuleset({
    // Its last line's end is not handed on.
    ipsets: `${await net.run('router', 'ipset save')}\n`,
    recent: await net.run('router', ['sh', '-c', 'grep -rs "" /proc/net/xt_recent || true']),
    compat: { ip: await save('iptables-nft'), ip6: await save('ip6tables-nft') },
    ...(names.trim() === ''
      ? {}
      : { legacy: { ip: await save('iptables-legacy'), ip6: await save('ip6tables-legacy') } }),
    nft: {
      json: await net.run('router', 'nft -j list ruleset'),
      bytecode: await net.run('router', 'nft --debug=netlink list ruleset'),
      text: await net.run('router', 'nft -a list ruleset'),
    },
  });
  return {
    ...listed,
    boundQueues: parseBoundQueues(await net.run('router', 'cat /proc/net/netfilter/nfnetlink_queue')),
    clock: Math.floor(Date.now() / 1000),
    clockAhead: aheadOfUtc(),
    ipsecPolicies: parsePolicyCount(await net.run('router', 'ip xfrm policy count')) ?? true,
  };
}
