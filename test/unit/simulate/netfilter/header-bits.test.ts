import { describe, expect, it } from 'vitest';
import type { Packet } from '../../../../diagnostics/model/packet.ts';
import { runHook } from '../../../../diagnostics/simulate/netfilter/run-hook.ts';
import { filter, hookInput } from '../../../support/hook-input.ts';

/** What becomes of a TCP SYN from 10.0.0.1 to 10.0.1.1:80, size 60, where a rule with this match drops. */
const fate = (match: string, packet: Partial<Packet> = {}): string =>
  runHook(filter(`-A FORWARD ${match} -j DROP`), 'forward', hookInput(packet))
    .map(({ verdict }) => verdict)
    .toSorted()
    .join(' or ');

describe('u32', () => {
  it.each([
    ['the protocol', '"0x6&0xff=0x6"', 'drop'],
    ['another protocol', '"0x6&0xff=0x11"', 'accept'],
    ['a port behind a header of any length', '"0x0>>0x16&0x3c@0x0&0xffff=0x50"', 'drop'],
    ['the flags of a SYN', '"0x0>>0x16&0x3c@0xc>>0x10&0xff=0x2"', 'drop'],
    ['all of several tests', '"0x6&0xff=0x6&&0x8>>0x18=0x1:0x3f"', 'accept'],
    ['a place behind the end of the packet', '"0x39=0x0:0xffffffff"', 'accept'],
    ['the sequence number, which is anybody’s guess', '"0x0>>0x16&0x3c@0x4=0x5"', 'accept or drop'],
    ['the sequence number, whatever it is', '"0x0>>0x16&0x3c@0x4=0x0:0xffffffff"', 'drop'],
    ['one bit of a byte of which others are not known', '"0x4&0x1fff=0x0"', 'drop'],
  ])('looks at %s', (_what, program, expected) => {
    expect(fate(`-m u32 --u32 ${program}`)).toBe(expected);
  });
  it('is turned round by !', () => {
    expect(fate('-m u32 ! --u32 "0x6&0xff=0x6"')).toBe('accept');
  });
  it('that is not understood is followed both ways', () => {
    expect(fate('-m u32 --u32 "0x6^0xff=0x6"')).toBe('accept or drop');
  });
});

describe('groups of interfaces', () => {
  it('that are not known are followed both ways', () => {
    expect(fate('-m devgroup --src-group 0x5')).toBe('accept or drop');
  });
});
