import { afterEach, beforeEach, it } from 'vitest';
import { agreeForCertain, tcp } from '../../support/agree.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';
import { firewalledPair } from '../../support/pairs.ts';

let net: TestNetwork;
beforeEach(async () => {
  net = await buildNetwork();
  await firewalledPair(net);
  await net.listen('fw', { protocol: 'tcp', port: 80 });
});
afterEach(() => net.close());

const THERE = 'ip route replace 10.0.2.2 dev out realm 5';
const BACK = 'ip route replace 10.0.1.2 dev in realm 7';
const BOTH = 'ip route replace 10.0.2.2 dev out realms 3/5';
const RULE = 'ip rule add to 10.0.2.0/24 realms 9/11 table main';

/** Commands of fw, a chain, a rule, the destination, and whether it is dropped. */
it.each<readonly [string, readonly string[], string, string, string, boolean]>([
  ['of the route', [THERE], 'FORWARD', '--realm 5', '10.0.2.2', true],
  ['another', [THERE], 'FORWARD', '--realm 6', '10.0.2.2', false],
  ['with the source', [THERE, BACK], 'FORWARD', '--realm 0x70005', '10.0.2.2', true],
  ['under a mask', [THERE, BACK], 'FORWARD', '--realm 0x5/0xffff', '10.0.2.2', true],
  ['of the source alone', [BACK], 'FORWARD', '--realm 0x70000', '10.0.2.2', true],
  ['what the route says itself', [BOTH, BACK], 'FORWARD', '--realm 0x30005', '10.0.2.2', true],
  ['of the rule', [RULE], 'FORWARD', '--realm 0x9000b', '10.0.2.2', true],
  ['the route before the rule', [THERE, RULE], 'FORWARD', '--realm 0x90005', '10.0.2.2', true],
  ['of what is taken in', [BACK], 'INPUT', '--realm 0x70000', '10.0.1.1', true],
  ['of what is taken in, another', [THERE], 'INPUT', '--realm 5', '10.0.1.1', false],
  ['of an answer', [BACK], 'OUTPUT', '--realm 7', '10.0.1.1', true],
  ['where it leaves', [THERE, BACK], 'POSTROUTING', '--realm 0x70005', '10.0.2.2', true],
])('realms: %s (%j): %s %s', async (_name, commands, chain, match, to, drops) => {
  for (const command of commands) await net.run('fw', command);
  await net.run('fw', `iptables -t mangle -A ${chain} -m realm ${match} -j DROP`);
  const at = to === '10.0.2.2' ? 'blue' : 'fw';
  const ends = drops
    ? chain === 'OUTPUT'
      ? ['delivered at fw', 'dropped at fw']
      : ['dropped at fw', 'nothing']
    : [`delivered at ${at}`, 'delivered at red'];
  await agreeForCertain(tcp('red', to, 80), ...(ends as [string, string]));
});

it('nft asks for the same', async () => {
  for (const command of [THERE, BACK]) await net.run('fw', command);
  await net.run(
    'fw',
    'nft -f -',
    `table ip t { chain c { type filter hook forward priority 0;
      meta rtclassid 0x70006 drop
      rt classid 0x70005 drop
    }; }`,
  );
  await agreeForCertain(tcp('red', '10.0.2.2', 80), 'dropped at fw', 'nothing');
});
