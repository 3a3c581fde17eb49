import { expect, it } from 'vitest';
import { ask, brief } from '../../support/cause-case.ts';
import { disturb, hasty } from '../../support/hasty.ts';
import { buildNetwork } from '../../support/network.ts';

const ENDS = { 4: ['10.0', '10.9.9.9', 32], 6: ['fd00:', 'fd00:9::9', 128] } as const;

const address = (family: 4 | 6, net: 1 | 2, host: 1 | 2): string =>
  `${ENDS[family][0]}${family === 4 ? `.${net}.` : `${net}::`}${host}`;

it.each([
  [4, 'ipv4.conf.all', 'reachable'],
  [4, 'ipv4.conf.u1', 'reachable'],
  [4, 'ipv6.conf.all', 'unreachable'],
  [6, 'ipv6.conf.all', 'reachable'],
  [6, 'ipv6.conf.u1', 'reachable'],
  [6, 'ipv4.conf.all', 'unreachable'],
] as const)('IPv%d passes over a route without carrier, or not: %s', async (family, conf, verdict) => {
  await using net = await buildNetwork();
  await net.namespaces('red', 'one', 'two');
  const [, asked, full] = ENDS[family];
  const ip = `ip -${family}`;
  for (const [index, router] of [
    [1, 'one'],
    [2, 'two'],
  ] as const) {
    await net.wire(`red/u${index}`, `${router}/eth0`);
    for (const [name, dev, host] of [
      ['red', `u${index}`, 2],
      [router, 'eth0', 1],
    ] as const)
      await net.run(
        name,
        `${ip} address add ${address(family, index, host)}/${family === 4 ? 24 : 64} dev ${dev} ${family === 6 ? 'nodad' : ''}`.trim(),
      );
    await net.run(router, `${ip} address add ${asked}/${full} dev lo`);
    await net.run('red', `${ip} route add default via ${address(family, index, 1)} metric ${index}00`);
  }
  // Only a host passes by a gateway of IPv6 that does not answer.
  await net.run('red', 'sysctl -qw net.ipv6.conf.all.forwarding=1');
  await hasty(net, 'red');
  await net.run('red', `sysctl -qw net.${conf}.ignore_routes_with_linkdown=1`);
  await disturb(net, 'one', ['ip link set eth0 down']);
  const answer = await ask({ from: 'netns:red', to: asked });
  expect(answer, brief(answer)).toMatchObject({ verdict, probe: { agrees: true } });
});
