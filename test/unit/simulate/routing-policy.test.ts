import { describe, expect, it } from 'vitest';
import { predict } from '../../../diagnostics/simulate/answer/predict.ts';
import { ask, ROUTED, change } from '../../support/walked-networks.ts';

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
