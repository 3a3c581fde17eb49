import { describe, expect, test } from 'vitest';
import { ask, brief } from '../../support/cause-case.ts';
import { hasty } from '../../support/hasty.ts';
import { buildNetwork } from '../../support/network.ts';
import { routedPair } from '../../support/pairs.ts';

const STATEFUL = [
  'iptables-TOOL -A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT',
  'iptables-TOOL -A FORWARD -i ra -m conntrack --ctstate NEW -j ACCEPT',
  'iptables-TOOL -A FORWARD -j DROP',
];
const ZONE = (device: string, words: string): string =>
  `iptables-TOOL -t raw -A PREROUTING -i ${device} -j CT ${words}`;
const NFT = (device: string, words: string): string => `nft add rule ip z c iifname ${device} ${words}`;

/** Zones at the router between red and blue, and whether what red asks of blue is answered. */
const CASES: readonly (readonly [name: string, rules: readonly string[], answered: boolean])[] = [
  ['both ways in one zone', [ZONE('ra', '--zone 5'), ZONE('rb', '--zone 5'), ...STATEFUL], true],
  ['the answer in another zone is nobody’s', [ZONE('ra', '--zone 5'), ...STATEFUL], false],
  ['a zone of the question’s direction only', [ZONE('ra', '--zone-orig 5'), ...STATEFUL], true],
  ['a zone of the answer’s direction only', [ZONE('ra', '--zone-reply 5'), ...STATEFUL], false],
  [
    'which the answer has to be in too',
    [ZONE('ra', '--zone-reply 5'), ZONE('rb', '--zone-reply 5'), ...STATEFUL],
    true,
  ],
  [
    'by the mark',
    [
      'iptables-TOOL -t raw -A PREROUTING -j MARK --set-mark 7',
      ZONE('ra', '--zone mark'),
      ZONE('rb', '--zone 7'),
      ...STATEFUL,
    ],
    true,
  ],
  ['without rules that ask for states', [ZONE('ra', '--zone 5')], true],
  [
    'what is translated in a zone is not translated back in another',
    [
      'iptables-TOOL -t nat -A PREROUTING -p tcp --dport 80 -j DNAT --to-destination :8080',
      ZONE('ra', '--zone 5'),
    ],
    false,
  ],
  [
    'but in the same',
    [
      'iptables-TOOL -t nat -A PREROUTING -p tcp --dport 80 -j DNAT --to-destination :8080',
      ZONE('ra', '--zone 5'),
      ZONE('rb', '--zone 5'),
    ],
    true,
  ],
  ['nft: the answer in another zone', [NFT('ra', 'ct zone set 5'), ...STATEFUL], false],
  ['nft: both', [NFT('ra', 'ct zone set 5'), NFT('rb', 'ct zone set 5'), ...STATEFUL], true],
  ['nft: one direction', [NFT('ra', 'ct original zone set 5'), ...STATEFUL], true],
  ['nft: by a map', ['nft add rule ip z c ct zone set iifname map { ra : 5, rb : 6 }', ...STATEFUL], false],
  [
    'nft: by a map that is fair',
    ['nft add rule ip z c ct zone set iifname map { ra : 5, rb : 5 }', ...STATEFUL],
    true,
  ],
  [
    'nft: a rule asks for the zone',
    [NFT('ra', 'ct zone set 5'), NFT('rb', 'ct zone set 5'), 'nft add rule ip z f ct zone 5 drop'],
    false,
  ],
];

describe.each(['iptables-nft', 'iptables-legacy'])('zones of conntrack (%s)', (tool) => {
  test.each(CASES)('%s', async (_, rules, answered) => {
    await using net = await buildNetwork();
    await routedPair(net);
    await net.listen('blue', { protocol: 'tcp', port: 8080 });
    await hasty(net, 'red', 'router', 'blue');
    await net.run('router', 'nft add table ip z');
    await net.run('router', 'nft add chain ip z c { type filter hook prerouting priority -300; }');
    await net.run('router', 'nft add chain ip z f { type filter hook forward priority 5; }');
    for (const rule of rules) await net.run('router', rule.replace('iptables-TOOL', tool));
    const diagnosis = await ask({ from: 'netns:red', to: '10.0.2.2:80' });
    const [leg] = diagnosis.legs;
    const said = brief(diagnosis);
    expect.soft(diagnosis.verdict, said).toBe(answered ? 'reachable' : 'unreachable');
    expect.soft(leg?.forward.certain, said).toBe(true);
    if (leg?.back) expect.soft(leg.back.certain, said).toBe(true);
    expect.soft(diagnosis.probe.agrees, said).toBe(true);
  });
});

/** What the way back says of zones, where these are why it is not recognised. */
test.each<readonly [string, readonly string[], object | null]>([
  ['another zone', [ZONE('ra', '--zone 5'), ...STATEFUL], { asked: 0, followed: 5 }],
  ['a third', [ZONE('ra', '--zone 5'), ZONE('rb', '--zone 6'), ...STATEFUL], { asked: 6, followed: 5 }],
  ['the same zone', [ZONE('ra', '--zone 5'), ZONE('rb', '--zone 5'), ...STATEFUL], null],
  [
    'not translated back',
    [
      'iptables-TOOL -t nat -A PREROUTING -p tcp --dport 80 -j DNAT --to-destination :8080',
      ZONE('ra', '--zone 5'),
    ],
    { asked: 0, followed: 5 },
  ],
  [
    'an answer of its own',
    [ZONE('ra', '--zone 5'), 'iptables-TOOL -P INPUT ACCEPT'],
    { asked: 0, followed: 5 },
  ],
])('the answer is told to be in another zone: %s', async (name, rules, zones) => {
  await using net = await buildNetwork();
  await routedPair(net);
  await net.listen('blue', { protocol: 'tcp', port: 8080 });
  await net.listen('router', { protocol: 'tcp', port: 80 });
  await hasty(net, 'red', 'router', 'blue');
  for (const rule of rules) await net.run('router', rule.replace('iptables-TOOL', 'iptables'));
  const to = name === 'an answer of its own' ? '10.0.1.1:80' : '10.0.2.2:80';
  const { legs } = await ask({ from: 'netns:red', to });
  const steps = legs[0]?.back?.hops.flatMap((hop) => hop.steps) ?? [];
  expect(steps.find(({ kind }) => kind === 'zone')).toEqual(zones ? { kind: 'zone', ...zones } : undefined);
});
