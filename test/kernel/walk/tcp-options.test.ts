import { afterEach, beforeEach, it } from 'vitest';
import { agreeForCertain, tcp } from '../../support/agree.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';
import { firewalledPair } from '../../support/pairs.ts';

let net: TestNetwork;
beforeEach(async () => {
  net = await buildNetwork();
  await firewalledPair(net);
});
afterEach(() => net.close());

const PASSES = ['delivered at blue', 'delivered at red'] as const;
const LOST = ['dropped at fw', 'nothing'] as const;
const ANSWER_LOST = ['delivered at blue', 'dropped at fw'] as const;

/** Settings of red and of blue, a rule of fw, and what becomes of a connection. */
it.each<readonly [string, string, string, string, readonly [string, string]]>([
  ['asked for', '', '', 'iifname "in" tcp option timestamp exists drop', LOST],
  ['not offered', 'tcp_timestamps=0', '', 'iifname "in" tcp option timestamp exists drop', PASSES],
  ['offered without another', 'tcp_sack=0', '', 'tcp option sack-perm exists drop', PASSES],
  ['nothing to fill up', 'tcp_window_scaling=0', '', 'iifname "in" tcp option nop exists drop', PASSES],
  [
    'filled up where one is missing',
    'tcp_window_scaling=0 tcp_sack=0',
    '',
    'iifname "in" tcp option nop exists drop',
    LOST,
  ],
  ['granted', '', '', 'iifname "out" tcp option sack-perm exists drop', ANSWER_LOST],
  ['not granted', '', 'tcp_sack=0', 'iifname "out" tcp option sack-perm exists drop', PASSES],
  [
    'not granted to who has not asked',
    'tcp_window_scaling=0',
    '',
    'iifname "out" tcp option window exists drop',
    PASSES,
  ],
  ['as long as its options', 'tcp_timestamps=0', '', 'iifname "in" ip length 52 drop', LOST],
  ['shorter', 'tcp_timestamps=0 tcp_sack=0', '', 'iifname "in" ip length 48 drop', LOST],
  [
    'the shortest',
    'tcp_timestamps=0 tcp_sack=0 tcp_window_scaling=0',
    '',
    'ip length 44 tcp doff 6 drop',
    LOST,
  ],
  ['an answer as long as its own', '', 'tcp_timestamps=0', 'iifname "out" ip length 52 drop', ANSWER_LOST],
  ['asks for notifications', 'tcp_ecn=1', '', 'iifname "in" tcp flags == syn | ecn | cwr drop', LOST],
  ['asks for none', '', '', 'iifname "in" tcp flags & (ecn | cwr) != 0 drop', PASSES],
  ['agrees to notifications', 'tcp_ecn=1', '', 'tcp flags == syn | ack | ecn drop', ANSWER_LOST],
  ['does not agree', 'tcp_ecn=1', 'tcp_ecn=0', 'iifname "out" tcp flags & ecn != 0 drop', PASSES],
])('options of TCP: %s (%s, %s): %s', async (_name, red, blue, rule, [there, back]) => {
  for (const setting of red.split(' ').filter(Boolean))
    await net.run('red', `sysctl -qw net.ipv4.${setting}`);
  for (const setting of blue.split(' ').filter(Boolean))
    await net.run('blue', `sysctl -qw net.ipv4.${setting}`);
  await net.run(
    'fw',
    'nft -f -',
    `table ip t { chain c { type filter hook forward priority 0; ${rule}; }; }`,
  );
  await agreeForCertain(tcp('red', '10.0.2.2', 80), there, back);
});

it('what a rule takes out is not granted', async () => {
  await net.run(
    'fw',
    'nft -f -',
    `table ip t { chain c { type filter hook forward priority 0;
      iifname "in" reset tcp option timestamp
      iifname "out" tcp option timestamp exists drop
    }; }`,
  );
  await agreeForCertain(tcp('red', '10.0.2.2', 80), ...PASSES);
});
