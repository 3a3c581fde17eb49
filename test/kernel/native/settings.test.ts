import { afterAll, beforeAll, expect, test } from 'vitest';
import { readBothWays, type BothWays } from '../../support/both-ways.ts';
import { namespaceNamed, value } from '../../support/facts.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';

let net: TestNetwork;
let read: BothWays;
beforeAll(async () => {
  net = await buildNetwork();
  await net.namespaces('red', 'blue');
  await net.wire('red/eth0 10.0.1.2/24 fd01::2/64', 'blue/eth0 10.0.1.1/24');
  await net.wire('red/eth0.5', 'blue/ip_forward');
  await net.bridge('blue/br0', 'ip_forward');
  await net.run(
    'red',
    'sysctl -qw net.ipv4.ip_forward=1 net.ipv4.ip_local_port_range=20000\t30000'.split(' '),
  );
  await net.run('red', 'sysctl -qw net/ipv4/conf/eth0.5/rp_filter=2 net.ipv6.conf.eth0.disable_ipv6=1');
  await net.run('blue', 'sysctl -qw net.ipv4.conf.ip_forward.proxy_arp=1');
  read = await readBothWays(['sysctls', 'virtualServices']);
});
afterAll(() => net.close());

test('settings that this process reads itself are those that grep finds, in every namespace', () => {
  for (const { id, names, facts } of read.commands.namespaces) {
    const own = read.itself.namespaces.find((it) => it.id === id);
    expect(own?.facts.sysctls, JSON.stringify(names)).toEqual(facts.sysctls);
    expect(own?.facts.virtualServices).toEqual(facts.virtualServices);
  }
  const { facts } = namespaceNamed(read.itself, 'netns:red');
  expect(value(facts.sysctls)).toMatchObject({
    'net/ipv4/ip_forward': '1',
    'net/ipv4/ip_local_port_range': '20000\t30000',
    'net/ipv4/conf/eth0.5/rp_filter': '2',
    'net/ipv6/conf/eth0/disable_ipv6': '1',
  });
  const blue = value(namespaceNamed(read.itself, 'netns:blue').facts.sysctls);
  expect(blue).toMatchObject({ 'net/ipv4/ip_forward': '0', 'net/ipv4/conf/ip_forward/proxy_arp': '1' });
});

test('nothing is started for them', () => {
  expect(read.started.filter(([tool]) => tool === 'grep')).toEqual([]);
});

test('an interface whose name is no text is left to grep', async () => {
  await net.run('blue', ['sh', '-c', 'exec ip link add "$(printf "bad\\377")" type bridge']);
  const again = await readBothWays(['sysctls']);
  expect(again.started.filter(([tool]) => tool === 'grep')).toHaveLength(1);
  const settings = value(namespaceNamed(again.itself, 'netns:blue').facts.sysctls);
  expect(Object.keys(settings).filter((name) => name.includes('/bad'))).not.toEqual([]);
  expect(settings).toEqual(value(namespaceNamed(again.commands, 'netns:blue').facts.sysctls));
});

test('each setting of an interface is told from every other', async () => {
  // What is one on which of these interfaces is the number of the setting: no two of them look alike.
  const digits = [0, 1, 2, 3, 4, 5];
  for (const digit of digits) {
    await net.run('blue', `ip link add digit${digit} type bridge`);
    for (const family of ['ipv4', 'ipv6']) {
      const files = `/proc/sys/net/${family}/conf/digit${digit}/*`;
      const write = `i=0; for f in ${files}; do i=$((i+1)); echo $((i >> ${digit} & 1)) >"$f"; done 2>/dev/null; :`;
      await net.run('blue', ['sh', '-c', write]);
    }
  }
  const again = await readBothWays(['sysctls']);
  const [own, told] = [again.itself, again.commands].map((all) =>
    value(namespaceNamed(all, 'netns:blue').facts.sysctls),
  );
  expect(own).toEqual(told);
  const numbers = Object.keys(own ?? {})
    .filter((key) => key.includes('/conf/digit0/'))
    .map((key) => digits.map((digit) => own?.[key.replace('digit0', `digit${digit}`)]).join(''));
  // Nearly all can be written: those that cannot are alike.
  expect(new Set(numbers).size).toBeGreaterThan(18);
});
