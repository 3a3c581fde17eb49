import { describe, expect, it } from 'vitest';
import { predict } from '../../../diagnostics/simulate/answer/predict.ts';
import { idOf, macOf } from '../../support/sketch-links.ts';
import { sketchSnapshot, type NamespaceSketch } from '../../support/snapshot.ts';
import { ask, lastStep, ROUTED, BRIDGED, change } from '../../support/walked-networks.ts';

describe('a bridge', () => {
  it('carries a frame from port to port', () => {
    const trip = ask(sketchSnapshot(BRIDGED), 'a', '10.0.0.3');
    expect(trip.forward.hops.map((hop) => [hop.namespace, hop.inDev, hop.outDev])).toEqual([
      [idOf('a'), null, 'eth0'],
      [idOf('host'), 'v1', 'v2'],
      [idOf('b'), 'eth0', null],
    ]);
    expect(predict(trip)).toEqual({ outcome: 'reply', certain: true });
  });

  it('speaks with its own address', () => {
    expect(predict(ask(sketchSnapshot(BRIDGED), 'host', '10.0.0.3')).outcome).toBe('reply');
    expect(predict(ask(sketchSnapshot(BRIDGED), 'a', '10.0.0.1')).outcome).toBe('reply');
  });

  const links = (...ports: readonly string[]): NamespaceSketch => ({
    links: ['br0 10.0.0.1/24 bridge', ...ports],
  });
  it.each([
    [
      'two isolated ports',
      links('v1 master br0 isolated -> a/eth0', 'v2 master br0 isolated -> b/eth0'),
      'filtered-source',
    ],
    ['a blocked port', links('v1 master br0 -> a/eth0', 'v2 master br0 blocked -> b/eth0'), 'link-down'],
    ['a port that is down', links('v1 master br0 -> a/eth0', 'v2 master br0 down -> b/eth0'), 'link-down'],
    [
      'a wire that was not attached',
      links('v1 master br0 -> a/eth0', 'v2 -> b/eth0'),
      'neighbour-unresolved',
    ],
    [
      'the bridge down',
      { links: ['br0 10.0.0.1/24 bridge down', 'v1 master br0 -> a/eth0', 'v2 master br0 -> b/eth0'] },
      'link-down',
    ],
  ] as const)('%s', (_, host, disposition) => {
    const trip = ask(sketchSnapshot({ ...BRIDGED, host }), 'a', '10.0.0.3');
    expect(trip.forward.disposition).toBe(disposition);
  });
});

describe('neighbours', () => {
  it('a permanent entry with a wrong address: the frame reaches nobody', () => {
    const wrong = change(ROUTED, 'red', { neighbours: ['10.0.1.1 dev eth0 02:00:00:00:00:99 permanent'] });
    const trip = ask(wrong, 'red', '10.0.2.2');
    expect(lastStep(trip)).toEqual({ kind: 'receive', dev: 'r0', problem: 'not-for-this-mac' });
    expect(predict(trip)).toEqual({ outcome: 'timeout', certain: true });
  });

  it('a failed entry is asked for again', () => {
    const failed = change(ROUTED, 'red', { neighbours: ['10.0.1.1 dev eth0 failed'] });
    expect(predict(ask(failed, 'red', '10.0.2.2')).outcome).toBe('reply');
  });

  it('any address of a machine answers on any interface, unless arp_ignore is set', () => {
    const routes = ['10.0.2.1/32 dev eth0'];
    expect(predict(ask(change(ROUTED, 'red', { routes }), 'red', '10.0.2.1')).outcome).toBe('reply');
    const ignoring = sketchSnapshot({
      ...ROUTED,
      red: { ...ROUTED['red'], routes },
      router: { ...ROUTED['router'], sysctls: { 'net/ipv4/conf/all/arp_ignore': '1' } },
    });
    expect(ask(ignoring, 'red', '10.0.2.1').forward.disposition).toBe('neighbour-unresolved');
  });

  it('proxy_arp speaks for the other side', () => {
    const remote = { routes: ['10.0.2.0/24 dev eth0'] };
    expect(ask(change(ROUTED, 'red', remote), 'red', '10.0.2.2').forward.disposition).toBe(
      'neighbour-unresolved',
    );
    const proxied = sketchSnapshot({
      ...ROUTED,
      red: { ...ROUTED['red'], ...remote },
      router: {
        ...ROUTED['router'],
        sysctls: { 'net/ipv4/conf/r0/forwarding': '1', 'net/ipv4/conf/r0/proxy_arp': '1' },
      },
    });
    expect(predict(ask(proxied, 'red', '10.0.2.2')).outcome).toBe('reply');
  });

  it('knows the interface by its hardware address', () => {
    const trip = ask(sketchSnapshot(ROUTED), 'red', '10.0.1.1');
    expect(trip.forward.hops[0]?.steps).toContainEqual({
      kind: 'neighbour',
      address: '10.0.1.1',
      dev: 'eth0',
      mac: macOf(1, 2),
      by: 'owner',
      owner: idOf('router'),
    });
  });
});
