import { describe, expect, it } from 'vitest';
import { unread } from '../../../diagnostics/model/fact.ts';
import { UNREAD_FACTS } from '../../../diagnostics/model/snapshot.ts';
import { predict } from '../../../diagnostics/simulate/answer/predict.ts';
import { idOf } from '../../support/sketch-links.ts';
import { sketchSnapshot } from '../../support/snapshot.ts';
import { ask, ROUTED, BRIDGED, change, type Sketches } from '../../support/walked-networks.ts';

describe('facts that were not read', () => {
  it('are named all at once, namespace by namespace', () => {
    const snapshot = change(ROUTED, 'router', { facts: UNREAD_FACTS });
    const trip = ask(snapshot, 'red', '10.0.2.2');
    expect(trip.forward.disposition).toBe('unknown');
    const silent = ['ipsec', 'trafficControl', 'virtualServices', 'socketPrograms'];
    const path = ['routes', 'rules', 'neighbours', 'fdb', 'sysctls', 'ruleset'];
    expect(trip.forward.missing.map((one) => one.fact)).toEqual(['links', ...path, ...silent]);
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
