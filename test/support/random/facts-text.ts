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
  ['ip', '-o', '-d', 'link', 'show'],
  ['ip', '-4', 'route', 'show', 'table', 'all'],
  ['ip', '-4', 'rule', 'show'],
  ['iptables-save'],
  ['iptables-legacy-save'],
  ['nft', 'list', 'ruleset'],
  ['sysctl', '-a', '--pattern', 'net.ipv4.(ip_forward|conf.*.(forwarding|rp_filter)|icmp_echo_ignore_all)'],
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
