import { expect, it } from 'vitest';
import type { Packet } from '../../../../diagnostics/model/packet.ts';
import { runHook } from '../../../../diagnostics/simulate/netfilter/run-hook.ts';
import { filter, hookInput } from '../../../support/hook-input.ts';

const verdicts = (match: string, packet: Partial<Packet> = {}): readonly string[] =>
  runHook(filter(`-A FORWARD -m string ${match} --algo bm -j DROP`), 'forward', hookInput(packet))
    .map(({ verdict }) => verdict)
    .toSorted();

const DATA = { tcpFlags: 'A', size: 400 } as const;
const DATAGRAM = { protocol: 'udp', size: 60 } as const;

/** The packet goes from 10.0.0.1 to 10.0.1.1: that stands in its header. */
it.each([
  ['what opens a connection carries no text', '--string "GET /"', {}, ['accept']],
  ['and the opposite', '! --string "GET /"', {}, ['drop']],
  ['what programs write nobody knows', '--string "GET /"', DATA, ['accept', 'drop']],
  ['of a datagram neither', '--string "GET /"', DATAGRAM, ['accept', 'drop']],
  ['but there is an end', '--string "GET /" --from 58', DATAGRAM, ['accept']],
  ['and a header', '--string "GET /" --to 20', DATAGRAM, ['accept']],
  ['addresses are bytes like others', '--hex-string "|0a 00 00 01 0a000101|"', {}, ['drop']],
  ['where they stand', '--hex-string "|0a0000010a000101|" --from 13', {}, ['accept']],
  [
    'a number that nobody can tell may be any',
    '--hex-string "|40 06|" --from 10 --to 12',
    {},
    ['accept', 'drop'],
  ],
  ['what is no number is not understood', '--hex-string "|zz|"', {}, ['accept', 'drop']],
] as const)('%s: %s', (_, match, packet, expected) => {
  expect(verdicts(match, packet)).toEqual(expected);
});
