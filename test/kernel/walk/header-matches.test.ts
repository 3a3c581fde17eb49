import { expect, test } from 'vitest';
import { ask, brief } from '../../support/cause-case.ts';
import { buildNetwork, macOf } from '../../support/network.ts';
import { routedPair } from '../../support/pairs.ts';

/** Rules of the router that look at bits of the packet or at groups of interfaces, and whether they take what red asks of blue's port 80. */
const RULES: readonly (readonly [rule: string, takes: boolean])[] = [
  [
    'iptables-TOOL -A FORWARD -m u32 --u32 "0>>22&0x3C@0>>16=43000:43999 && 0>>22&0x3C@0&0xFFFF=81" -j DROP',
    false,
  ],
  ['iptables-TOOL -A FORWARD -p tcp -m u32 --u32 "0>>22&0x3C@0&0xFFFF=80" -j DROP', true],
  ['iptables-TOOL -A FORWARD -m u32 --u32 "6&0xFF=6 && 12&0xFFFFFF00=0x0A000100" -j DROP', true],
  ['iptables-TOOL -A FORWARD -m u32 ! --u32 "6&0xFF=6,17" -j DROP', false],
  ['iptables-TOOL -A FORWARD -m u32 --u32 "0>>22&0x3C@12>>16&0xFF=2" -j DROP', true],
  ['iptables-TOOL -A FORWARD -m u32 --u32 "4000=0" -j DROP', false],
  ['iptables-TOOL -A FORWARD -m string --algo bm --string "GET /" -j DROP', false],
  ['iptables-TOOL -A FORWARD -p tcp --syn -m string --algo kmp ! --string torrent -j DROP', true],
  ['iptables-TOOL -A FORWARD -p tcp -m string --algo bm --hex-string "|0a000102 0a000202|" -j DROP', true],
  [
    'iptables-TOOL -A FORWARD -p tcp -m string --algo bm --from 13 --hex-string "|0a000102 0a000202|" -j DROP',
    false,
  ],
  [
    'iptables-TOOL -A FORWARD -p tcp -m string --algo bm --to 19 --hex-string "|0a000102 0a0002|" -j DROP',
    true,
  ],
  ['iptables-TOOL -A FORWARD -m mac --mac-source RED -j DROP', true],
  ['iptables-TOOL -A FORWARD -i ra -m mac ! --mac-source RED -j DROP', false],
  ['iptables-TOOL -t mangle -A PREROUTING -m mac --mac-source 02:00:00:00:00:01 -j DROP', false],
  ['iptables-TOOL -A FORWARD -m devgroup --src-group 5 --dst-group default -j DROP', true],
  ['iptables-TOOL -A FORWARD -i ra -m devgroup ! --src-group 0x4/0x4 -j DROP', false],
  ['iptables-TOOL -A FORWARD -m devgroup --dst-group 9 -j DROP', false],
  ['nft add rule ip x c ether saddr RED drop', true],
  ['nft add rule ip x c iifname ra ether saddr != RED drop', false],
  ['nft add rule ip x c ether daddr OWN drop', true],
  ['nft add rule ip x c iifgroup 5 oifgroup default drop', true],
  ['nft add rule ip x c "iifgroup {6,7} drop"', false],
  ['nft add rule ip x c "meta l4proto tcp @th,104,8 & 0x12 == 0x02 drop"', true],
  ['nft add rule ip x c meta l4proto tcp @th,24,8 80 drop', true],
];

test.each(['iptables-nft', 'iptables-legacy', 'nft'])(
  'the kernel and the walk agree, and the walk is certain: %s',
  async (tool) => {
    await using net = await buildNetwork();
    await routedPair(net);
    await net.run('router', 'ip link set ra group 5');
    const [red, own] = [await macOf(net, 'red', 'eth0'), await macOf(net, 'router', 'ra')];
    for (const [text, takes] of RULES) {
      if (text.startsWith('nft') !== (tool === 'nft')) continue;
      const rule = text.replace('iptables-TOOL', tool).replace('RED', red).replace('OWN', own);
      await net.run('router', 'nft add table ip x');
      await net.run('router', 'nft add chain ip x c { type filter hook forward priority 5; }');
      // Quotes are part of the rule.
      await net.run('router', 'sh -s', rule);
      const diagnosis = await ask({ from: 'netns:red', to: '10.0.2.2:80' });
      const said = `${rule}\n${brief(diagnosis)}`;
      expect.soft(diagnosis.verdict, said).toBe(takes ? 'unreachable' : 'reachable');
      expect.soft(diagnosis.legs[0]?.forward.certain, said).toBe(true);
      expect.soft(diagnosis.probe.agrees, said).toBe(true);
      if (takes) expect.soft(diagnosis.causes.map(({ id }) => id)).toEqual(['filter-drop']);
      await net.run('router', 'nft delete table ip x');
      if (tool !== 'nft')
        for (const table of ['filter', 'mangle']) await net.run('router', `${tool} -t ${table} -F`);
    }
  },
);
