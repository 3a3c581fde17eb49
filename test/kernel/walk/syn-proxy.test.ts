import { expect, test } from 'vitest';
import { ask, brief } from '../../support/cause-case.ts';
import { buildNetwork } from '../../support/network.ts';
import { routedPair } from '../../support/pairs.ts';

const RULES: Readonly<Record<string, readonly string[]>> = {
  'iptables-nft': [
    'iptables-nft -t raw -A PREROUTING -p tcp --dport 80 --syn -j CT --notrack',
    'iptables-nft -A FORWARD -p tcp --dport 80 -m conntrack --ctstate INVALID,UNTRACKED -j SYNPROXY --sack-perm --timestamp --wscale 7 --mss 1460',
    'iptables-nft -A FORWARD -m conntrack --ctstate INVALID -j DROP',
  ],
  'iptables-legacy': [
    'iptables-legacy -t raw -A PREROUTING -p tcp --dport 80 --syn -j CT --notrack',
    'iptables-legacy -A FORWARD -p tcp --dport 80 -m conntrack --ctstate INVALID,UNTRACKED -j SYNPROXY --sack-perm --timestamp --wscale 7 --mss 1460',
    'iptables-legacy -A FORWARD -m conntrack --ctstate INVALID -j DROP',
  ],
  nft: [
    'nft add table ip x',
    'nft add chain ip x raw { type filter hook prerouting priority raw; }',
    'nft add rule ip x raw tcp dport 80 tcp flags syn notrack',
    'nft add chain ip x c { type filter hook forward priority filter; }',
    'nft add rule ip x c tcp dport 80 ct state invalid,untracked synproxy mss 1460 wscale 7 timestamp sack-perm',
    'nft add rule ip x c ct state invalid drop',
  ],
};

test.each(Object.keys(RULES))('who accepts connections for another is named: %s', async (tool) => {
  await using net = await buildNetwork();
  await routedPair(net);
  await net.listen('blue', { protocol: 'udp', port: 53 });
  await net.run('router', 'sysctl -w net.netfilter.nf_conntrack_tcp_loose=0');
  for (const rule of RULES[tool] ?? []) await net.run('router', rule);
  const diagnosis = await ask({ from: 'netns:red', to: '10.0.2.2:80' });
  const said = brief(diagnosis);
  expect.soft(diagnosis.verdict, said).toBe('reachable');
  expect.soft(diagnosis.legs[0]?.forward.disposition, said).toBe('delivered');
  expect.soft(diagnosis.legs[0]?.forward.certain, said).toBe(false);
  expect.soft(said).toContain('accepts connections for the destination (SYNPROXY)');
  const other = await ask({ from: 'netns:red', to: '10.0.2.2:53', protocol: 'udp' });
  expect.soft(other.verdict, brief(other)).toBe('reachable');
  expect.soft(other.legs[0]?.forward.certain, brief(other)).toBe(true);
});
