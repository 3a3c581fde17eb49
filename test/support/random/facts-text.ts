import type { TestNetwork } from '../network.ts';

/** What a person could compare before and after: addresses, routes, rules, settings, firewalls, bridge ports of some nodes. */
export async function factsText(net: TestNetwork, nodes: readonly string[]): Promise<string> {
  const texts = await Promise.all(
    nodes.map(async (node) => {
      const parts = await Promise.all(READINGS.map((argv) => net.run(node, argv)));
      return `== ${node}\n${parts.map(steady).join('--\n')}`;
    }),
  );
  return texts.join('');
}

const READINGS: readonly (readonly string[])[] = [
  ['ip', '-4', '-o', 'address', 'show'],
  ['ip', '-6', '-o', 'address', 'show', 'scope', 'global'],
  ['ip', '-o', '-d', 'link', 'show'],
  ['ip', '-4', 'route', 'show', 'table', 'all'],
  ['ip', '-6', 'route', 'show', 'table', 'all'],
  ['ip', '-4', 'rule', 'show'],
  ['ip', '-6', 'rule', 'show'],
  ['iptables-save'],
  ['iptables-legacy-save'],
  ['ip6tables-save'],
  ['ip6tables-legacy-save'],
  ['nft', 'list', 'ruleset'],
  ['sysctl', '-a', '--pattern', 'net.ipv4.(ip_forward|conf.*.(forwarding|rp_filter)|icmp_echo_ignore_all)'],
  ['sysctl', '-a', '--pattern', 'net.ipv6.(icmp.echo_ignore_all|conf.*.(forwarding|disable_ipv6))'],
];

/** Without counters, times, and what changes by itself; sorted, since equal lists may be told in another order. */
const steady = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !/^[#:]/.test(line) || /^:\S+ (ACCEPT|DROP)/.test(line))
    .map((line) =>
      line
        .replace(/\[\d+:\d+\]/g, '')
        .replace(/packets \d+ bytes \d+/g, '')
        .replace(/\b\S*(timer|valid_lft|gc_timer|max_age|hello)\S* +\S+/g, '')
        .replace(/(designated|topology|root|bridge_id|root_id|tc)\S* \S+/g, '')
        .trim(),
    )
    .filter((line) => line !== '')
    .sort()
    .join('\n')
    .concat('\n');
