import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLiveSource } from '../../diagnostics/collect/live-source.ts';
import { openMachine } from '../../diagnostics/host/local-machine.ts';
import type { MatrixPair, MatrixQuestion } from '../../diagnostics/model/reach-matrix.ts';
import { reachMatrix } from '../../diagnostics/reach-matrix.ts';
import { ask, brief } from '../support/cause-case.ts';
import { hoplab } from '../support/command-line.ts';
import { buildNetwork, type TestNetwork } from '../support/network.ts';

/** `dual` and `other` speak both families, `six` and `four` one each; IPv4 and IPv6 fail in different places. */
let net: TestNetwork;
const NAMES = ['dual', 'other', 'six', 'four'];

beforeAll(async () => {
  net = await buildNetwork();
  await net.namespaces('router', ...NAMES);
  await net.wire('dual/eth0 10.0.1.2/24 fd01::2/64', 'router/d0 10.0.1.1/24 fd01::1/64');
  await net.wire('other/eth0 10.0.2.2/24 fd02::2/64', 'router/o0 10.0.2.1/24 fd02::1/64');
  await net.wire('six/eth0 fd03::2/64', 'router/s0 fd03::1/64');
  await net.wire('four/eth0 10.0.4.2/24', 'router/f0 10.0.4.1/24');
  for (const [name, at] of [
    ['dual', 1],
    ['other', 2],
    ['four', 4],
  ] as const)
    await net.run(name, `ip route add default via 10.0.${at}.1`);
  for (const [name, at] of [
    ['dual', 1],
    ['other', 2],
    ['six', 3],
  ] as const)
    await net.run(name, `ip -6 route add default via fd0${at}::1`);
  await net.run('router', 'sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1');
  await net.run('router', 'iptables -A FORWARD -s 10.0.1.0/24 -d 10.0.2.0/24 -j DROP');
  await net.run('router', 'ip6tables -A FORWARD -d fd02::/64 -s fd03::/64 -p tcp --dport 80 -j REJECT');
  await net.run('other', 'ip6tables -A INPUT -p icmpv6 --icmpv6-type echo-request -j DROP');
  await net.listen('dual', { protocol: 'tcp', port: 80, address: '0.0.0.0' });
  await net.listen('other', { protocol: 'tcp', port: 80, address: '::' });
  await net.listen('six', { protocol: 'tcp', port: 80, address: '::' });
});
afterAll(() => net.close());

const QUESTIONS: readonly Omit<MatrixQuestion, 'family'>[] = [
  { protocol: 'icmp', port: null },
  { protocol: 'tcp', port: 80 },
];

const pairsOver = async (family?: 4 | 6): Promise<readonly MatrixPair[]> => {
  const questions = QUESTIONS.map((question) => (family ? { ...question, family } : question));
  const { pairs } = await reachMatrix(createLiveSource(openMachine()), questions, { language: 'en' });
  return pairs;
};

test.each([4, 6, undefined] as const)('every cell (family %s) is what the kernel says', async (family) => {
  const pairs = await pairsOver(family);
  const compare = async ({ from, to, protocol, port, address, verdict, stop }: MatrixPair): Promise<void> => {
    if (address === null) {
      expect(verdict).toBe('unreachable');
      expect(stop?.text).toBe(
        family === 6
          ? 'it has no IPv6 address but link-local ones'
          : `it has no ${family ? 'IPv4 ' : ''}address`,
      );
      return;
    }
    const question = { protocol, ...(port === null ? {} : { port }) };
    if (family) expect(address.includes(':'), address).toBe(family === 6);
    const answer = await ask({ from, to: address, ...question });
    expect(answer.probe.agrees, brief(answer)).toBe(true);
    expect({ from, to, port, verdict }, brief(answer)).toEqual({ from, to, port, verdict: answer.verdict });
    // Without a family a pair is asked as `why` asks it.
    if (!family) expect((await ask({ from, to, ...question })).verdict).toBe(verdict);
  };
  await Promise.all(pairs.map(compare));
});

test('where two ends have no IPv4 in common they are asked over IPv6', async () => {
  const pairs = await pairsOver();
  const addresses = NAMES.flatMap((name) =>
    pairs
      .filter(({ from, to, port }) => port === null && from === 'netns:six' && to === `netns:${name}`)
      .map(({ address }) => `${name} ${address}`),
  );
  expect(addresses).toEqual(['dual fd01::2', 'other fd02::2', 'four 10.0.4.2']);
  const back = pairs.filter(({ from, to }) => to === 'netns:six' && from !== 'host');
  expect(new Set(back.map(({ address }) => address))).toEqual(new Set(['fd03::2']));
});

test('hoplab matrix -6 says so, in text and JSON', async () => {
  const { stdout } = await hoplab(['matrix', '-6', '--port', '80', '--lang', 'en'], { columns: 100 });
  expect(stdout).toContain('Who reaches whom: tcp 80 over IPv6\n');
  expect(stdout).toContain('-A FORWARD -s fd03::/64 -d fd02::/64');
  expect(stdout).toContain('at the receiver: it has no IPv6 address but link-local ones');
  expect(stdout).toContain('hoplab why FROM ADDRESS');
  const json = await hoplab(['matrix', '-6', '--json']);
  expect(JSON.parse(json.stdout)).toMatchObject({ questions: [{ protocol: 'icmp', port: null, family: 6 }] });
  expect((await hoplab(['matrix', '-4', '-6'])).status).toBe(64);
});
