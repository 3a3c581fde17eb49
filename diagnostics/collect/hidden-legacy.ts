import type { Output } from '../host/machine.ts';
import type { KernelModules } from './kernel-modules.ts';

type Run = (argv: readonly string[]) => Promise<Output>;

/** Families of which legacy rules have a file of /proc/net that names their tables. */
export type LegacyFamily = 'ip' | 'ip6' | 'arp';

interface Traces {
  /** Modules that are tables. */
  readonly modules: RegExp;
  /**
   * Functions as `nft list hooks` names them: ipt_do_table(), iptable_mangle_hook(). A table nat stands behind nf_nat's own hooks, which
   * nft's rules have as well.
   */
  readonly hooks: RegExp;
}

const TRACES: Readonly<Record<LegacyFamily, Traces>> = {
  ip: { modules: /^iptable_/, hooks: /\b(?:ipt|iptable|nf_nat)_/ },
  ip6: { modules: /^ip6table_/, hooks: /\b(?:ip6t|ip6table|nf_nat)_/ },
  arp: { modules: /^arptable_/, hooks: /\barpt_/ },
};

/**
 * What may be there and may not be read, as a sentence. A network namespace that was made together with its user namespace
 * (`unshare --user --net`, rootless engines) shows the names of its legacy tables to nobody but the machine's root: the files have their
 * owner before user 0 stands for anybody (xt_proto_init() in net/netfilter/x_tables.c). To ask for a table makes it, so that only what
 * else shows that there is none is believed.
 */
export async function readHiddenLegacy(
  run: Run,
  hidden: readonly LegacyFamily[],
  modules: KernelModules,
): Promise<readonly string[]> {
  const possible = await Promise.all(
    hidden
      .filter((family) => modules?.some((name) => TRACES[family].modules.test(name)) !== false)
      .map(async (family) => {
        const { problem, exitCode, stdout } = await run(['nft', 'list', 'hooks', family]);
        const listed = problem === undefined && exitCode === 0 && /\bhook\b/.test(stdout);
        return !listed || TRACES[family].hooks.test(stdout);
      }),
  );
  return possible.includes(true)
    ? [
        'Rules of legacy iptables may be here that only an administrator of the machine may see: run the same with sudo to see them.',
      ]
    : [];
}
