import { describe, expect, it } from 'vitest';
import { type Snapshot } from '../../../diagnostics/model/snapshot.ts';
import { predict } from '../../../diagnostics/simulate/answer/predict.ts';
import { walkFlow } from '../../../diagnostics/simulate/walk.ts';
import { idOf, macOf } from '../../support/sketch-links.ts';
import { sketchSnapshot } from '../../support/snapshot.ts';
import { ask, ROUTED, change } from '../../support/walked-networks.ts';

describe('a packet through a router', () => {
  it('arrives, and its answer comes back', () => {
    const trip = ask(sketchSnapshot(ROUTED), 'red', '10.0.2.2', 'tcp', 80);
    expect(trip.forward.disposition).toBe('delivered');
    expect(trip.forward.hops.map((hop) => [hop.namespace, hop.inDev, hop.outDev])).toEqual([
      [idOf('red'), null, 'eth0'],
      [idOf('router'), 'r0', 'r1'],
      [idOf('blue'), 'eth0', null],
    ]);
    expect(trip.back?.disposition).toBe('delivered');
    expect(predict(trip)).toEqual({ outcome: 'reply', certain: true });
  });

  const broken: readonly [string, Snapshot, string, string, string][] = [
    ['no route at the sender', change(ROUTED, 'red', { routes: [] }), 'no-route', 'red', 'unreachable'],
    [
      'a blackhole at the sender',
      change(ROUTED, 'red', { routes: ['blackhole 10.0.2.0/24'] }),
      'blackhole',
      'red',
      'unreachable',
    ],
    [
      'a prohibit route at the sender',
      change(ROUTED, 'red', { routes: ['prohibit 10.0.2.0/24'] }),
      'prohibited',
      'red',
      'prohibited',
    ],
    ['forwarding off', change(ROUTED, 'router', { forwarding: false }), 'not-forwarded', 'router', 'timeout'],
    [
      'a blackhole at the router',
      change(ROUTED, 'router', { routes: ['blackhole 10.0.2.2/32'] }),
      'blackhole',
      'router',
      'timeout',
    ],
    [
      'an unreachable route at the router',
      change(ROUTED, 'router', { routes: ['unreachable 10.0.2.2/32'] }),
      'no-route',
      'router',
      'unreachable',
    ],
    [
      'a prohibit route at the router',
      change(ROUTED, 'router', { routes: ['prohibit 10.0.2.2/32'] }),
      'prohibited',
      'router',
      'unreachable',
    ],
    [
      'no such host behind the router',
      change(ROUTED, 'blue', { links: ['eth0 10.0.2.9/24 -> router/r1'] }),
      'neighbour-unresolved',
      'router',
      'unreachable',
    ],
    [
      'the far interface down',
      change(ROUTED, 'blue', { links: ['eth0 10.0.2.2/24 down -> router/r1'] }),
      'link-down',
      'router',
      'unreachable',
    ],
    [
      'a strict reverse path filter',
      change(ROUTED, 'router', {
        routes: ['10.0.1.2/32 via 10.0.2.2'],
        sysctls: { 'net/ipv4/conf/r0/rp_filter': '1' },
      }),
      'filtered-source',
      'router',
      'unreachable',
    ],
    [
      'the same, with the neighbour known from before',
      sketchSnapshot({
        ...ROUTED,
        red: { ...ROUTED['red'], neighbours: [`10.0.1.1 dev eth0 ${macOf(1, 2)} reachable`] },
        router: {
          ...ROUTED['router'],
          routes: ['10.0.1.2/32 via 10.0.2.2'],
          sysctls: { 'net/ipv4/conf/r0/rp_filter': '1' },
        },
      }),
      'filtered-source',
      'router',
      'timeout',
    ],
    [
      'a martian: the sender claims an address of the router',
      change(ROUTED, 'red', {
        links: ['eth0 10.0.1.2/24 10.0.2.1/32 -> router/r0'],
        routes: ['default via 10.0.1.1 src 10.0.2.1'],
      }),
      'filtered-source',
      'router',
      'unreachable',
    ],
  ];
  it.each(broken)('%s', (_, snapshot, disposition, where, outcome) => {
    const trip = ask(snapshot, 'red', '10.0.2.2', 'tcp', 80);
    expect({
      disposition: trip.forward.disposition,
      where: trip.forward.hops.at(-1)?.namespace,
      predicted: predict(trip),
    }).toEqual({ disposition, where: idOf(where), predicted: { outcome, certain: true } });
  });

  it('no way back: it arrives, and the answer is lost where it is made', () => {
    const trip = ask(change(ROUTED, 'blue', { routes: [] }), 'red', '10.0.2.2');
    expect([trip.forward.disposition, trip.back?.disposition]).toEqual(['delivered', 'no-route']);
    expect(predict(trip).outcome).toBe('timeout');
  });

  it('two routers that send it to each other are a loop', () => {
    const snapshot = sketchSnapshot({
      red: { links: ['eth0 10.0.1.2/24 -> one/r0'], routes: ['default via 10.0.1.1'] },
      one: {
        links: ['r0 10.0.1.1/24 -> red/eth0', 'r1 10.0.2.1/24 -> two/r0'],
        routes: ['default via 10.0.2.2'],
        forwarding: true,
      },
      two: { links: ['r0 10.0.2.2/24 -> one/r1'], routes: ['default via 10.0.2.1'], forwarding: true },
    });
    const trip = ask(snapshot, 'red', '10.9.9.9');
    expect(trip.forward.disposition).toBe('loop');
    expect(trip.forward.hops.length).toBeLessThan(8);
    expect(predict(trip).outcome).toBe('unreachable');
  });
});

describe('who takes a packet', () => {
  it.each([
    ['tcp', 80, 'delivered', 'reply'],
    ['tcp', 81, 'refused', 'refused'],
    ['tcp', 99, 'refused', 'refused'],
    ['udp', 99, 'refused', 'refused'],
  ] as const)('%s port %i: %s', (protocol, port, disposition, outcome) => {
    const trip = ask(sketchSnapshot(ROUTED), 'red', '10.0.2.2', protocol, port);
    expect(trip.forward.disposition).toBe(disposition);
    expect(predict(trip)).toEqual({ outcome, certain: true });
  });

  it('a datagram may stay unanswered although it arrives', () => {
    const trip = ask(sketchSnapshot(ROUTED), 'red', '10.0.2.2', 'udp', 53);
    expect([trip.forward.disposition, predict(trip).certain]).toEqual(['delivered', false]);
  });

  it('echo requests may be ignored', () => {
    const deaf = change(ROUTED, 'blue', { sysctls: { 'net/ipv4/icmp_echo_ignore_all': '1' } });
    const trip = ask(deaf, 'red', '10.0.2.2');
    expect([trip.forward.disposition, predict(trip).outcome]).toEqual(['dropped', 'timeout']);
  });

  it('itself, by its own address, through the loopback', () => {
    const trip = ask(sketchSnapshot(ROUTED), 'blue', '10.0.2.2', 'tcp', 80);
    expect(trip.forward.hops.map((hop) => hop.namespace)).toEqual([idOf('blue')]);
    expect(predict(trip).outcome).toBe('reply');
  });

  it('the loopback down: not even itself', () => {
    const trip = ask(
      change(ROUTED, 'blue', { links: ['lo 127.0.0.1/8 down', 'eth0 10.0.2.2/24 -> router/r1'] }),
      'blue',
      '10.0.2.2',
      'tcp',
      80,
    );
    expect(trip.forward.disposition).toBe('link-down');
  });
});

describe('a question from outside', () => {
  it('comes in by the device, and its answer leaves by it', () => {
    const snapshot = sketchSnapshot({
      host: { links: ['eth0 192.0.2.1/24 physical'], sockets: ['tcp 0.0.0.0:80'] },
    });
    const trip = walkFlow(snapshot, {
      from: 'outside',
      namespace: idOf('host'),
      device: 'eth0',
      source: '192.0.2.9',
      destination: '192.0.2.1',
      protocol: 'tcp',
      port: 80,
    });
    expect([trip.forward.disposition, trip.back?.disposition]).toEqual(['delivered', 'exits-machine']);
    expect(predict(trip)).toEqual({ outcome: 'reply', certain: true });
  });
});
