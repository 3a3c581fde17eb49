import { existsSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { TestNetwork } from './network.ts';

export interface Peer {
  readonly key: string;
  readonly allowed: string;
  readonly endpoint?: string;
}

/** A key pair of wg(8)'s; the private one is given to it by standard input. */
export interface Keys {
  readonly own: string;
  readonly key: string;
}

export async function newKeys(net: TestNetwork): Promise<Keys> {
  const own = await net.run('host', 'wg genkey');
  return { own, key: (await net.run('host', 'wg pubkey', own)).trim() };
}

/** WireGuard in a namespace, by a program: this kernel has none. An interface is named after its namespace: its control socket is a file of all. */
export async function startWireguard(
  net: TestNetwork,
  namespace: string,
  { own }: Keys,
  addresses: readonly string[],
): Promise<void> {
  const device = `wg-${namespace}`;
  await net.run('host', 'mkdir -p /run/wireguard');
  // Of another network's, whose program was killed.
  await net.run('host', `rm -f /run/wireguard/${device}.sock`);
  await net.spawn(namespace, `env LOG_LEVEL=silent wireguard-go -f ${device}`);
  while (!existsSync(`/run/wireguard/${device}.sock`)) await wait(20);
  await net.run(namespace, `wg set ${device} private-key /dev/stdin listen-port 51820`, own);
  for (const address of addresses)
    await net.run(namespace, `ip addr add ${address} dev ${device}${address.includes(':') ? ' nodad' : ''}`);
  await net.run(namespace, `ip link set ${device} up`);
}

/** n1 and n2 with a router between them, and WireGuard over it: each knows the other. */
export async function wireguardPair(net: TestNetwork): Promise<readonly [Keys, Keys]> {
  await net.namespaces('n1', 'router', 'n2');
  await net.wire('n1/eth0 10.1.0.2/24', 'router/r1 10.1.0.1/24');
  await net.wire('n2/eth0 10.2.0.2/24', 'router/r2 10.2.0.1/24');
  await net.run('router', 'sysctl -qw net.ipv4.ip_forward=1');
  for (const n of [1, 2]) await net.run(`n${n}`, `ip route add default via 10.${n}.0.1`);
  const [one, two] = [await newKeys(net), await newKeys(net)];
  await startWireguard(net, 'n1', one, ['10.9.0.1/24', 'fd00:9::1/64']);
  await startWireguard(net, 'n2', two, ['10.9.0.2/24', 'fd00:9::2/64']);
  await addPeer(net, 'n1', {
    key: two.key,
    allowed: '10.9.0.2/32,fd00:9::2/128',
    endpoint: '10.2.0.2:51820',
  });
  await addPeer(net, 'n2', {
    key: one.key,
    allowed: '10.9.0.1/32,fd00:9::1/128',
    endpoint: '10.1.0.2:51820',
  });
  await net.listen('n2', { protocol: 'tcp', port: 80, address: '::' });
  return [one, two];
}

export const addPeer = async (
  net: TestNetwork,
  namespace: string,
  { key, allowed, endpoint }: Peer,
): Promise<void> => {
  const at = endpoint === undefined ? '' : ` endpoint ${endpoint}`;
  await net.run(namespace, `wg set wg-${namespace} peer ${key} allowed-ips ${allowed}${at}`);
};
