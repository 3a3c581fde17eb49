import { describe, expect, it } from 'vitest';
import { unread } from '../../../diagnostics/model/fact.ts';
import type { Protocol } from '../../../diagnostics/model/flow.ts';
import { UNREAD_FACTS, type Snapshot } from '../../../diagnostics/model/snapshot.ts';
import { predict } from '../../../diagnostics/simulate/predict.ts';
import { walkFlow, type RoundTrip } from '../../../diagnostics/simulate/walk.ts';
import { idOf, macOf, sketchSnapshot, type NamespaceSketch } from '../../support/snapshot.ts';

type Sketches = Readonly<Record<string, NamespaceSketch>>;

const ask = (
  snapshot: Snapshot,
  from: string,
  to: string,
  protocol: Protocol = 'icmp',
  port: number | null = null,
) => walkFlow(snapshot, { from: 'namespace', namespace: idOf(from), destination: to, protocol, port });

const lastStep = (trip: RoundTrip) => trip.forward.hops.at(-1)?.steps.at(-1);

/** red — router — blue, all well. */
const ROUTED: Sketches = {
  red: {
    links: ['eth0 10.0.1.2/24 -> router/r0'],
    routes: ['default via 10.0.1.1'],
    sockets: ['tcp 0.0.0.0:22'],
  },
  router: { links: ['r0 10.0.1.1/24 -> red/eth0', 'r1 10.0.2.1/24 -> blue/eth0'], forwarding: true },
  blue: {
    links: ['eth0 10.0.2.2/24 -> router/r1'],
    routes: ['default via 10.0.2.1'],
    sockets: ['tcp 0.0.0.0:80', 'tcp 127.0.0.1:81', 'udp 0.0.0.0:53'],
  },
};

/** Three namespaces on a bridge of the host. */
const BRIDGED: Sketches = {
  host: {
    links: [
      'br0 10.0.0.1/24 bridge',
      'v1 master br0 -> a/eth0',
      'v2 master br0 -> b/eth0',
      'v3 master br0 -> c/eth0',
    ],
  },
  a: { links: ['eth0 10.0.0.2/24 -> host/v1'] },
  b: { links: ['eth0 10.0.0.3/24 -> host/v2'] },
  c: { links: ['eth0 10.0.0.4/24 -> host/v3'] },
};

const change = (sketches: Sketches, name: string, to: NamespaceSketch): Snapshot =>
  sketchSnapshot({ ...sketches, [name]: { ...sketches[name], ...to } });

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

describe('routing policy', () => {
  it('a rule for the source of the answer leads it astray', () => {
    const astray = change(ROUTED, 'blue', {
      rules: ['from 10.0.2.2 lookup 100'],
      routes: ['default via 10.0.2.1', 'blackhole default table 100'],
    });
    const trip = ask(astray, 'red', '10.0.2.2');
    expect([trip.forward.disposition, trip.back?.disposition]).toEqual(['delivered', 'blackhole']);
  });

  it('connect() looks the route up again with the source it found; ping sends by a socket that does not', () => {
    const ruled = change(ROUTED, 'red', { rules: ['from 10.0.1.2 unreachable'] });
    expect(ask(ruled, 'red', '10.0.2.2', 'tcp', 80).forward.disposition).toBe('no-route');
    expect(ask(ruled, 'red', '10.0.2.2').forward.disposition).toBe('no-route');
    const led = change(ROUTED, 'red', {
      rules: ['from 10.0.1.2 lookup 100'],
      routes: ['default via 10.0.1.1', 'default via 10.0.1.9 table 100'],
    });
    expect(ask(led, 'red', '10.0.2.2', 'tcp', 80).forward.disposition).toBe('neighbour-unresolved');
    expect(ask(led, 'red', '10.0.2.2').forward.disposition).toBe('delivered');
  });

  it('the longest prefix wins, then the lowest metric', () => {
    const routes = [
      'default via 10.0.1.9',
      '10.0.2.0/24 via 10.0.1.9 metric 20',
      '10.0.2.0/24 via 10.0.1.1 metric 10',
    ];
    expect(predict(ask(change(ROUTED, 'red', { routes }), 'red', '10.0.2.2')).outcome).toBe('reply');
  });

  it('a rule with a selector that is not modelled leaves a doubt', () => {
    const ruled = change(ROUTED, 'red', {
      rules: ['from all uidrange 0-99 lookup 100'],
      routes: ['default via 10.0.1.1', 'blackhole default table 100'],
    });
    const trip = ask(ruled, 'red', '10.0.2.2');
    expect([trip.forward.disposition, predict(trip).certain]).toEqual(['unknown', false]);
    expect(trip.forward.doubts.join()).toContain('uidrange');
  });
});

describe('facts that were not read', () => {
  it('are named all at once, namespace by namespace', () => {
    const snapshot = change(ROUTED, 'router', { facts: UNREAD_FACTS });
    const trip = ask(snapshot, 'red', '10.0.2.2');
    expect(trip.forward.disposition).toBe('unknown');
    const path = ['routes', 'rules', 'neighbours', 'fdb', 'sysctls', 'ruleset'];
    expect(trip.forward.missing.map((one) => one.fact)).toEqual(['links', ...path]);
    const onlyLinks = change(ROUTED, 'router', {
      facts: {
        routes: unread,
        rules: unread,
        neighbours: unread,
        fdb: unread,
        sysctls: unread,
        ruleset: unread,
      },
    });
    expect(ask(onlyLinks, 'red', '10.0.2.2').forward.missing.map((one) => one.fact)).toEqual(path);
  });

  it('sockets only where the packet arrives', () => {
    const snapshot = change(ROUTED, 'blue', { facts: { sockets: unread } });
    expect(ask(snapshot, 'red', '10.0.2.2', 'tcp', 80).forward.missing).toEqual([
      { namespace: idOf('blue'), fact: 'sockets' },
    ]);
    expect(ask(snapshot, 'red', '10.0.2.2').forward.disposition).toBe('delivered');
  });

  it('a frame for a known neighbour asks for no other port of the bridge', () => {
    const snapshot = sketchSnapshot({ ...BRIDGED, c: { ...BRIDGED['c'], facts: UNREAD_FACTS } });
    expect(predict(ask(snapshot, 'a', '10.0.0.3'))).toEqual({ outcome: 'reply', certain: true });
  });

  it('of a large bridge, those who are known to have the address first', () => {
    const ports = Array.from({ length: 40 }, (_, index) => `p${index}`);
    const sketches: Sketches = {
      host: { links: ['br0 10.9.0.1/16 bridge', ...ports.map((it) => `v${it} master br0 -> ${it}/eth0`)] },
      ...Object.fromEntries(
        ports.map((it, index) => [
          it,
          {
            links: [`eth0 10.9.1.${index}/16 -> host/v${it}`],
            facts: it === 'p0' ? {} : it === 'p7' ? { routes: unread } : UNREAD_FACTS,
          },
        ]),
      ),
    };
    const { missing } = ask(sketchSnapshot(sketches), 'p0', '10.9.1.7').forward;
    expect(missing).toEqual([{ namespace: idOf('p7'), fact: 'routes' }]);
    const others = ask(sketchSnapshot(sketches), 'p0', '10.9.1.8').forward.missing;
    expect(new Set(others.map(({ namespace }) => namespace)).size).toBe(38);
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
