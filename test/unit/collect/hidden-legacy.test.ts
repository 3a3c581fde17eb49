import { expect, test } from 'vitest';
import { readHiddenLegacy, type LegacyFamily } from '../../../diagnostics/collect/hidden-legacy.ts';
import { parseModules } from '../../../diagnostics/collect/kernel-modules.ts';
import type { Output } from '../../../diagnostics/host/machine.ts';

const FILTER = parseModules(
  'iptable_filter 12288 1 - Live 0x0000000000000000\nip_tables 36864 1 iptable_filter, Live 0x0000000000000000\n',
);
const hooksOf = (functions: string): Output => ({
  exitCode: 0,
  stdout: `family ip {\n\thook forward {\n\t\t 0000000000 ${functions}\n\t}\n}\n`,
  stderr: '',
});
const FAILED: Output = { exitCode: 1, stdout: '', stderr: 'Error: Operation not supported' };
const NOTHING: Output = { exitCode: 0, stdout: '', stderr: '' };

test.each<readonly [string, readonly LegacyFamily[], ReturnType<typeof parseModules>, Output, boolean]>([
  ['nothing is hidden', [], null, FAILED, false],
  ['the kernel has no module that is such a table', ['ip', 'ip6'], ['ip_tables', 'nf_tables'], FAILED, false],
  ['it has one of another family', ['ip6', 'arp'], FILTER, FAILED, false],
  ['it has one, and does not list its hooks', ['ip'], FILTER, FAILED, true],
  ['it has one, and lists none', ['ip'], FILTER, NOTHING, true],
  [
    'it has one, and only others have hooks here',
    ['ip'],
    FILTER,
    hooksOf('nft_do_chain_inet [nf_tables]'),
    false,
  ],
  ['it has one, with a hook here', ['ip'], FILTER, hooksOf('ipt_do_table [ip_tables]'), true],
  ['addresses are translated by one or the other', ['ip'], FILTER, hooksOf('nf_nat_ipv4_in [nf_nat]'), true],
  ['all is built in', ['ip'], parseModules(''), FAILED, true],
  ['all is built in, and others have hooks here', ['arp'], null, hooksOf('nft_do_chain_arp'), false],
])('rules of legacy tables that cannot be seen: %s', async (_, hidden, modules, hooks, possible) => {
  const said = await readHiddenLegacy(() => Promise.resolve(hooks), hidden, modules);
  expect(said).toHaveLength(possible ? 1 : 0);
});
