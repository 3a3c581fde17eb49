import { expect, test } from 'vitest';
import { ask, brief } from '../../support/cause-case.ts';
import { buildNetwork } from '../../support/network.ts';
import { bridgedPair } from '../../support/pairs.ts';

/** A server that has a password for one address (struct tcp_md5sig of include/uapi/linux/tcp.h). */
const program = (peer: string, port: number): string => `
import socket, struct, time
server = socket.socket()
server.bind(('0.0.0.0', ${port}))
server.listen(8)
address = struct.pack('=HH4s120x', socket.AF_INET, 0, socket.inet_aton('${peer}'))
key = b'unguessable'
server.setsockopt(socket.IPPROTO_TCP, 14, address + struct.pack('=BBHi80s', 0, 0, len(key), 0, key))
time.sleep(1000000)
`;

test('signature-expected: a password for the asker (TCP_MD5SIG), and none for another', async () => {
  await using net = await buildNetwork();
  await bridgedPair(net);
  await net.spawn('blue', ['python3', '-c', program('10.0.0.77', 179)]);
  await net.spawn('blue', ['python3', '-c', program('10.0.0.2', 1179)]);
  await expect
    .poll(() => net.run('blue', 'ss -Hlnti'))
    .toMatch(/10\.0\.0\.77[^]*10\.0\.0\.2\/32|10\.0\.0\.2\/32[^]*10\.0\.0\.77/);

  const healthy = await ask({ from: 'netns:red', to: '10.0.0.3', port: 179 });
  expect([healthy.verdict, healthy.probe.agrees, healthy.causes], brief(healthy)).toEqual([
    'reachable',
    true,
    [],
  ]);
  const broken = await ask({ from: 'netns:red', to: '10.0.0.3', port: 1179 });
  expect([broken.verdict, broken.probe.agrees], brief(broken)).toEqual(['unreachable', true]);
  expect(broken.causes.map(({ id, namespace, certainty }) => [id, namespace, certainty])).toEqual([
    ['signature-expected', 'netns:blue', 'certain'],
  ]);
  expect(JSON.stringify(broken)).not.toContain('unguessable');
  const chinese = await ask({ from: 'netns:red', to: '10.0.0.3', port: 1179 }, false, undefined, 'zh-cn');
  expect(chinese.causes[0]?.summary).toContain('TCP MD5');
});
