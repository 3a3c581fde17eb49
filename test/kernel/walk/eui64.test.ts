import { expect, test } from 'vitest';
import { ask, brief } from '../../support/cause-case.ts';
import { buildNetwork, macOf } from '../../support/network.ts';

/** RFC 4291, appendix A. */
const madeOf = (mac: string): string => {
  const [first = '', b = '', c = '', d = '', e = '', f = ''] = mac.split(':');
  const turned = (Number.parseInt(first, 16) ^ 2).toString(16);
  return `fd00::${turned}${b}:${c}ff:fe${d}:${e}${f}`;
};

test.each(['ip6tables-nft', 'ip6tables-legacy'])(
  'an address that is made of the hardware address: %s',
  async (tool) => {
    await using net = await buildNetwork();
    await net.namespaces('red', 'blue');
    await net.wire('red/eth0', 'blue/eth0 fd00::fe/64');
    await net.listen('blue', { protocol: 'tcp', port: 80, address: '::' });
    await net.run('blue', `${tool} -A INPUT -p tcp -m eui64 -j DROP`);
    for (const [address, taken] of [
      ['fd00::2', false],
      [madeOf(await macOf(net, 'red', 'eth0')), true],
    ] as const) {
      await net.run('red', `ip -6 addr add ${address}/64 dev eth0 nodad`);
      const diagnosis = await ask({ from: 'netns:red', to: '[fd00::fe]:80' });
      const said = brief(diagnosis);
      expect.soft(diagnosis.verdict, said).toBe(taken ? 'unreachable' : 'reachable');
      expect.soft(diagnosis.legs[0]?.forward.certain, said).toBe(true);
      expect.soft(diagnosis.probe.agrees, said).toBe(true);
      await net.run('red', `ip -6 addr del ${address}/64 dev eth0`);
    }
  },
);
