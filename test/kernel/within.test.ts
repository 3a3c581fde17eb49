import { readFileSync, readlinkSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openMachine } from '../../diagnostics/host/local-machine.ts';
import type { Machine, Place } from '../../diagnostics/host/machine.ts';
import { NetlinkError, openNetlink } from '../../diagnostics/host/native/netlink.ts';
import { attributesIn, textOf } from '../../diagnostics/host/native/netlink-message.ts';
import { buildNetwork, type TestNetwork } from '../support/network.ts';

const NETLINK_ROUTE = 0;
const RTM_GETLINK = 18;
const IFLA_IFNAME = 3;
const INTERFACE_HEADER = Buffer.alloc(16);

let net: TestNetwork;
let machine: Machine;
let place: Place;
beforeAll(async () => {
  net = await buildNetwork();
  await net.namespaces('red', 'blue');
  await net.run('red', 'ip link add port type veth peer name other');
  await net.run('red', 'sysctl -q -w net.ipv4.ip_forward=1');
  machine = openMachine();
  const { namespaces } = await machine.scan();
  const red = namespaces.find(({ names }) => names.some((it) => it.type === 'netns' && it.name === 'red'));
  place = { host: 'machine', namespace: red?.id ?? '' };
});
afterAll(() => net.close());

const linkNames = (where: Place) =>
  machine.within(where, ({ calls }) => {
    const netlink = openNetlink(calls, NETLINK_ROUTE);
    try {
      return netlink
        .dump(RTM_GETLINK, INTERFACE_HEADER)
        .map(({ body }) => textOf(attributesIn(body, INTERFACE_HEADER.length).get(IFLA_IFNAME) ?? body));
    } finally {
      netlink.close();
    }
  });

test('what is opened inside a namespace is that namespace’s, and afterwards this process is where it was', async () => {
  const before = readlinkSync('/proc/thread-self/ns/net');
  const inside = await linkNames(place);
  expect(inside?.value).toEqual(expect.arrayContaining(['lo', 'port', 'other']));
  const own = await linkNames({ host: 'machine', namespace: null });
  expect(own?.value).toContain('lo');
  expect(own?.value).not.toContain('port');
  const forwarding = await machine.within(place, () => readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8'));
  expect(forwarding?.value).toBe('1\n');
  expect(readlinkSync('/proc/thread-self/ns/net')).toBe(before);
});

test('what work throws is thrown, outside', async () => {
  const before = readlinkSync('/proc/thread-self/ns/net');
  await expect(
    machine.within(place, ({ calls }) => {
      const netlink = openNetlink(calls, NETLINK_ROUTE);
      try {
        return netlink.ask(RTM_GETLINK, Buffer.from([0, 0, 0, 0, 255, 255, 255, 0, ...Buffer.alloc(8)]));
      } finally {
        netlink.close();
      }
    }),
  ).rejects.toThrow(NetlinkError);
  expect(readlinkSync('/proc/thread-self/ns/net')).toBe(before);
});

test('a namespace that is gone is answered by nothing', async () => {
  expect(await machine.within({ host: 'machine', namespace: 'machine/1' }, () => 1)).toBeNull();
});
