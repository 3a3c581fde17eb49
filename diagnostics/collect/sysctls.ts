import type { FoundNamespace, Output } from '../host/machine.ts';
import { absent, known } from '../model/fact.ts';
import type { NamespaceFacts } from '../model/namespace.ts';
import { readSettingFiles } from './native/setting-files.ts';
import { onceEach } from './once-each.ts';
import { refusal, type ReadContext } from './read-context.ts';
import { parseVirtualServices, VIRTUAL_SERVICES_FILE } from './virtual-services.ts';

/** Settings that can decide what becomes of a packet; by file name, under whichever interface. */
const NAMES = [
  ...['ip_forward', 'forwarding', 'mc_forwarding', 'force_forwarding', 'disable_ipv6'],
  ...['rp_filter', 'accept_local', 'route_localnet', 'src_valid_mark', 'log_martians', 'bc_forwarding'],
  ...['arp_ignore', 'arp_filter', 'arp_announce', 'arp_accept', 'proxy_arp', 'proxy_arp_pvlan', 'proxy_ndp'],
  ...['drop_unicast_in_l2_multicast', 'drop_gratuitous_arp', 'accept_ra', 'accept_source_route'],
  ...['icmp_echo_ignore_all', 'icmp_echo_ignore_broadcasts', 'echo_ignore_all'],
  ...[
    'ip_unprivileged_port_start',
    'ip_nonlocal_bind',
    'ip_local_port_range',
    'ip_default_ttl',
    'bindv6only',
  ],
  // Whether answers carry the mark of what they answer.
  ...['tcp_fwmark_accept', 'fwmark_reflect'],
  ...['ip_no_pmtu_disc', 'ip_forward_use_pmtu', 'fib_multipath_hash_policy', 'ping_group_range'],
  // What becomes of other addresses when one goes, and whether an interface makes a link-local one.
  ...['promote_secondaries', 'addr_gen_mode'],
  // The MTU of an IPv6 interface, and the smallest that routers are believed.
  ...['mtu', 'min_pmtu', 'min_adv_mss', 'hop_limit'],
  ...['tcp_l3mdev_accept', 'udp_l3mdev_accept', 'raw_l3mdev_accept', 'ignore_routes_with_linkdown'],
  ...['nf_conntrack_max', 'nf_conntrack_count', 'nf_conntrack_tcp_loose', 'nf_conntrack_tcp_be_liberal'],
  'nf_conntrack_checksum',
  // Interfaces that IPsec leaves alone.
  ...['disable_policy', 'disable_xfrm'],
  'bridge-nf-*',
];

const DIRECTORIES = [
  ...['/proc/sys/net/ipv4', '/proc/sys/net/ipv6', '/proc/sys/net/bridge', '/proc/sys/net/netfilter'],
];

/** The tables that legacy iptables has in the kernel, by family. */
const LEGACY_TABLES = ['ip_tables_names', 'ip6_tables_names'];

const FILES = {
  names: [...NAMES, 'ip_vs', ...LEGACY_TABLES],
  directories: DIRECTORIES,
  files: [VIRTUAL_SERVICES_FILE, ...LEGACY_TABLES.map((name) => `/proc/net/${name}`)],
};

/** All of them by one process: grep prints `FILE:VALUE`. */
const COMMAND: readonly string[] = [
  ...['grep', '-rs', ...FILES.names.map((name) => `--include=${name}`), ''],
  ...FILES.directories,
  ...FILES.files,
];

/** The text of all these files, a line `FILE:VALUE` for each. */
export const readSettings = onceEach(
  async ({ machine, signal }: ReadContext, { host, id: namespace }: FoundNamespace): Promise<Output> => {
    const read = await machine.within({ host, namespace }, (calls) => readSettingFiles(calls, FILES));
    return typeof read?.value === 'string'
      ? { exitCode: 0, stdout: read.value, stderr: '' }
      : machine.run({ host, namespace }, { argv: COMMAND, ...(signal ? { signal } : {}) });
  },
);

/** `/proc/sys/net/ipv4/ip_forward:1` → `net/ipv4/ip_forward` → `1`. Interface names contain neither `:` nor `/`. */
export function parseSysctls(text: string): Record<string, string> {
  const values: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const line of text.split('\n')) {
    const match = /^\/proc\/sys\/([^:]+):(.*)$/.exec(line);
    if (match?.[1] !== undefined) values[match[1]] = match[2] ?? '';
  }
  return values;
}

/** The settings, and services of IPVS beside them. */
export async function readSysctls(
  context: ReadContext,
  namespace: FoundNamespace,
): Promise<Pick<NamespaceFacts, 'sysctls' | 'virtualServices'>> {
  const output = await readSettings(context, namespace);
  const values = parseSysctls(output.stdout);
  const prefix = `${VIRTUAL_SERVICES_FILE}:`;
  const lines = output.stdout.split('\n').filter((line) => line.startsWith(prefix));
  const services = lines.map((line) => line.slice(prefix.length)).join('\n');
  const virtualServices = lines.length === 0 ? absent : known(parseVirtualServices(services));
  // grep says 2 where one file of many could not be read (no br_netfilter, a setting only root may see).
  if (output.problem === undefined && Object.keys(values).length > 0)
    return { sysctls: known({ ...values }), virtualServices };
  return { sysctls: refusal(output, 'kernel settings', 'grep') ?? known({}), virtualServices };
}

export const readVirtualServices = async (
  context: ReadContext,
  namespace: FoundNamespace,
): Promise<Pick<NamespaceFacts, 'virtualServices'>> => ({
  virtualServices: (await readSysctls(context, namespace)).virtualServices,
});
