/** A table of nft with the rules, one a line, at each of these hooks. */
export const nftAt = (hooks: readonly string[], rules: string): string =>
  `table inet t {\n${hooks
    .map((hook) => `  chain ${hook} { type filter hook ${hook} priority 0;\n${rules}\n  }`)
    .join('\n')}\n}`;

/** A table of iptables-restore with the rules in each of these chains. */
export const iptablesAt = (
  rules: readonly string[],
  table = 'filter',
  chains: readonly string[] = ['INPUT', 'FORWARD', 'OUTPUT'],
): string =>
  [
    `*${table}`,
    ...chains.flatMap((chain) => [`:${chain} ACCEPT [0:0]`, ...rules.map((rule) => `-A ${chain} ${rule}`)]),
    'COMMIT',
    '',
  ].join('\n');
