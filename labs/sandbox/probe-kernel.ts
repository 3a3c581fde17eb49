import { execa } from 'execa';
import { searchPath } from './tools.ts';
import { openUserNamespace, planIdMap } from './user-namespace.ts';

interface Part {
  readonly name: string;
  /** The module that an ordinary user cannot load. */
  readonly module: string;
  /** Tries it in a network namespace of its own. */
  readonly argv: readonly string[];
}

const link = (kind: string, ...more: readonly string[]): Part => ({
  name: kind,
  module: kind,
  argv: ['ip', 'link', 'add', 'try0', 'type', kind, ...more],
});

const PARTS: readonly Part[] = [
  link('veth', 'peer', 'name', 'try1'),
  link('bridge'),
  link('vxlan', 'id', '7', 'dstport', '4789', 'remote', '127.0.0.1'),
  { name: 'nftables', module: 'nf_tables', argv: ['nft', 'add', 'table', 'ip', 'try'] },
  {
    name: 'iptables-nft',
    module: 'nft_compat',
    argv: ['iptables-nft', '-A', 'FORWARD', '-m', 'conntrack', '--ctstate', 'NEW'],
  },
  { name: 'iptables-legacy', module: 'iptable_filter', argv: ['iptables-legacy', '-S'] },
  {
    name: 'nat',
    module: 'nft_chain_nat',
    argv: ['iptables-nft', '-t', 'nat', '-A', 'POSTROUTING', '-j', 'MASQUERADE'],
  },
  {
    name: 'br_netfilter',
    module: 'br_netfilter',
    argv: ['cat', '/proc/sys/net/bridge/bridge-nf-call-iptables'],
  },
];

/** What labs build with, by whether the kernel can make it here (`veth`, `bridge` …). */
export interface KernelProbe {
  readonly present: readonly string[];
  readonly missing: readonly string[];
  /** What would provide the missing ones. */
  readonly modules: readonly string[];
}

/**
 * Tries what labs build of in network namespaces that are gone at once. A kernel loads a module for a sandbox only in part by itself.
 * @throws SandboxError where no sandbox can be made
 */
export async function probeKernel(): Promise<KernelProbe> {
  const namespace = await openUserNamespace(await planIdMap());
  try {
    const tried = await Promise.all(
      PARTS.map(async (part) => ({ part, works: await works(namespace.enter, part) })),
    );
    const missing = tried.filter((one) => !one.works).map(({ part }) => part);
    return {
      present: tried.filter((one) => one.works).map(({ part }) => part.name),
      missing: missing.map(({ name }) => name),
      modules: missing.map(({ module }) => module),
    };
  } finally {
    await namespace.close();
  }
}

async function works(enter: readonly string[], { argv }: Part): Promise<boolean> {
  const [file = '', ...words] = [...enter, 'unshare', '--net', '--mount', ...argv];
  const { exitCode } = await execa(file, words, {
    reject: false,
    stdin: 'ignore',
    // Where iptables-legacy keeps its lock, an ordinary user may not write.
    env: { PATH: searchPath(), XTABLES_LOCKFILE: '/dev/null' },
    cwd: '/',
  });
  return exitCode === 0;
}
