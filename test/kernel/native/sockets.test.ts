import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ListeningSocket } from '../../../diagnostics/model/socket.ts';
import { readBothWays, type BothWays } from '../../support/both-ways.ts';
import { namespaceNamed, value } from '../../support/facts.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';

/** Sockets of every kind, in one process that has an odd name. */
const PROGRAM = `
import os, signal, socket
V4, V6, TCP, UDP = socket.AF_INET, socket.AF_INET6, socket.SOCK_STREAM, socket.SOCK_DGRAM
kept = []
def open_one(family, kind, address, port, *options, backlog=7):
    it = socket.socket(family, kind)
    for option in options:
        it.setsockopt(*option)
    it.bind((address, port))
    if kind == TCP:
        it.listen(backlog)
    kept.append(it)
    return it
device = (socket.SOL_SOCKET, 25, b'eth0\\0')
mark = (socket.SOL_SOCKET, 36, 0x1f00)
only = lambda on: (socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, on)
open_one(V4, TCP, '0.0.0.0', 80)
open_one(V4, TCP, '127.0.0.1', 81, mark)
open_one(V6, TCP, '::', 82, only(0))
open_one(V6, TCP, '::', 83, only(1))
open_one(V6, TCP, '::ffff:10.0.1.2', 84, only(0))
open_one(V6, TCP, 'fd01::2', 85, only(0), mark)
open_one(V6, TCP, 'fd01::2', 86, device)
open_one(V4, TCP, '0.0.0.0', 87, device, (0, 19, 1))
open_one(V6, TCP, '::', 88, only(0), (41, 75, 1))
full = open_one(V4, TCP, '127.0.0.1', 89, backlog=1)
for _ in range(2):
    one = socket.socket()
    one.connect(('127.0.0.1', 89))
    kept.append(one)
open_one(V4, UDP, '0.0.0.0', 80)
open_one(V4, UDP, '10.0.1.2', 81, device, mark)
open_one(V6, UDP, '::', 82, only(0))
open_one(V6, UDP, '::', 83, only(1), (41, 75, 1))
open_one(V6, UDP, '::ffff:127.0.0.1', 84, only(0))
open_one(V4, UDP, '127.0.0.1', 85).connect(('127.0.0.1', 80))
open_one(V6, UDP, '::1', 86).connect(('::1', 82))
os.setuid(99)
orphan = socket.socket(V4, UDP)
orphan.bind(('0.0.0.0', 8087))
kept.append(orphan)
signal.pause()
`;

const NAMED = `
import os, socket, sys, signal
with open('/proc/self/comm', 'wb') as comm:
    comm.write(os.fsencode(sys.argv[1]))
it = socket.socket()
it.bind(('0.0.0.0', int(sys.argv[2])))
it.listen()
if os.fork() == 0:
    signal.pause()
signal.pause()
`;

/** What somebody may call a process to deceive who looks: comm takes 15 bytes. */
const HOSTILE = ['x",pid=1,fd=3', 'a)) ino:1 uid:', 'a\nudp b 0 0 c:1', '\u202eevil\u001b[2J'];

let net: TestNetwork;
let read: BothWays;
beforeAll(async () => {
  net = await buildNetwork();
  await net.namespaces('red', 'blue', 'odd');
  await net.wire('red/eth0 10.0.1.2/24 fd01::2/64', 'blue/eth0 10.0.1.1/24');
  await net.spawn('red', ['python3', '-c', PROGRAM]);
  await net.listen('blue', { protocol: 'udp', port: 53 });
  for (const [index, name] of HOSTILE.entries())
    await net.spawn('odd', ['python3', '-c', NAMED, name, String(90 + index)]);
  await until('red', 'ss -Hlun sport = :8087');
  for (const index of HOSTILE.keys()) await until('odd', `ss -Hltn sport = :${90 + index}`);
  read = await readBothWays(['sockets', 'datagramPorts']);
});
afterAll(() => net.close());

async function until(namespace: string, command: string): Promise<void> {
  while ((await net.run(namespace, command)) === '');
}

const order = (sockets: readonly ListeningSocket[]): readonly ListeningSocket[] =>
  sockets.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

test('sockets of every kind are told as ss tells them', () => {
  for (const name of ['red', 'blue'] as const) {
    const [itself, commands] = [read.itself, read.commands].map(
      (snapshot) => namespaceNamed(snapshot, `netns:${name}`).facts,
    );
    if (!itself || !commands) throw new Error('nothing was read');
    expect(order(value(itself.sockets))).toEqual(order(value(commands.sockets)));
    expect(value(itself.datagramPorts).toSorted()).toEqual(value(commands.datagramPorts).toSorted());
  }
});

test('what they differ in is there', () => {
  const { sockets, datagramPorts } = namespaceNamed(read.itself, 'netns:red').facts;
  const told = value(sockets);
  const one = (protocol: 'tcp' | 'udp', port: number): ListeningSocket | undefined =>
    told.find((socket) => socket.protocol === protocol && socket.port === port);
  expect(told).toHaveLength(16);
  expect(one('tcp', 80)).toMatchObject({ owner: 0, process: { name: 'python3' } });
  expect(one('tcp', 81)).toMatchObject({ address: '127.0.0.1', mark: 0x1f00 });
  expect([82, 83].map((port) => one('tcp', port)?.v6only)).toEqual([false, true]);
  expect(one('tcp', 84)).toMatchObject({ family: 4, address: '10.0.1.2', v6only: false });
  expect(one('tcp', 87)).toMatchObject({ device: 'eth0', transparent: true });
  expect(one('tcp', 88)).toMatchObject({ family: 6, transparent: true });
  expect(one('tcp', 89)).toMatchObject({ backlog: { used: 2, limit: 1 } });
  expect(one('udp', 81)).toMatchObject({ device: 'eth0', mark: 0x1f00, transparent: false });
  expect(one('udp', 85)).toBeUndefined();
  expect(one('udp', 8087)).toMatchObject({ owner: 99 });
  expect(value(datagramPorts)).toEqual(expect.arrayContaining([85, 86]));
});

test('a process is called what it calls itself, whatever that looks like', () => {
  const told = value(namespaceNamed(read.itself, 'netns:odd').facts.sockets);
  expect(told.map(({ port, process }) => [port, process?.name])).toEqual(
    expect.arrayContaining(
      HOSTILE.map((name, index) => [90 + index, Buffer.from(name).subarray(0, 15).toString()]),
    ),
  );
  expect(told.every(({ protocol, owner }) => protocol === 'tcp' && owner === 0)).toBe(true);
});

test('nothing is started for them', () => {
  expect(read.started.filter(([tool]) => tool === 'ss')).toEqual([]);
});
