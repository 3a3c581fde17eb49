import { describe, expect, it } from 'vitest';
import {
  invert,
  recognise,
  tupleOf,
  type Tracked,
} from '../../../../diagnostics/simulate/netfilter/conntrack.ts';
import type { Zone } from '../../../../diagnostics/simulate/netfilter/types.ts';
import { asTracked } from '../../../../diagnostics/simulate/netfilter/as-tracked.ts';
import { parseConntrack } from '../../../../diagnostics/collect/conntrack.ts';
import { PACKET } from '../../../support/hook-input.ts';

const answer = {
  ...PACKET,
  source: PACKET.destination,
  sourcePort: PACKET.destinationPort,
  destination: PACKET.source,
  destinationPort: PACKET.sourcePort,
  tcpFlags: 'SA' as const,
};
const zone = (directions: Zone['directions'], id = 5): Zone => ({ id, directions });
const tracked = (of?: Zone): Tracked => ({
  original: tupleOf(PACKET),
  reply: invert(tupleOf(PACKET)),
  dnat: false,
  snat: false,
  mark: 0,
  ...(of ? { zone: of } : {}),
});

/** nf_ct_zone_equal(): in a direction that a zone is not for, it is zone 0. */
describe('an answer is found by', () => {
  it.each([
    [undefined, undefined, true],
    [zone('both'), zone('both'), true],
    [zone('both'), zone('both', 6), false],
    [zone('both'), undefined, false],
    [zone('original'), undefined, true],
    [zone('original'), zone('original', 6), true],
    [zone('original'), zone('reply'), false],
    [zone('reply'), zone('reply'), true],
    [zone('reply'), zone('both'), true],
    [zone('reply'), undefined, false],
  ])('connection in %j, packet in %j: %s', (of, seen, found) => {
    expect(recognise([tracked(of)], answer, null, seen).state).toBe(found ? 'established' : 'invalid');
  });
});

it('conntrack tells the zone of what it remembers', () => {
  const line = (word: string): string =>
    `udp      17 25 src=10.0.0.1 dst=10.0.0.2 sport=5 dport=53 ${word} src=10.0.0.2 dst=10.0.0.1 sport=53 dport=5 mark=0 use=1`;
  const zones = ['zone=5', 'zone-orig=6', 'zone-reply=7', ''].map(
    (word) => parseConntrack(line(word)).flatMap(asTracked)[0]?.zone,
  );
  expect(zones).toEqual([zone('both', 5), zone('original', 6), zone('reply', 7), undefined]);
});
