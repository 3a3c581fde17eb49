import { describe, expect, it } from 'vitest';
import { assembleRuleset } from '../../../diagnostics/collect/assemble-ruleset.ts';
import { runHook } from '../../../diagnostics/simulate/netfilter/run-hook.ts';
import type { HookInput } from '../../../diagnostics/simulate/netfilter/types.ts';
import { hookInput } from '../../support/hook-input.ts';

const SETS = `create f2b-sshd hash:ip family inet hashsize 1024 maxelem 65536 timeout 600 bucketsize 12 initval 0x1
add f2b-sshd 10.0.0.1 timeout 512 comment "he said nomatch"
create nets hash:net family inet hashsize 1024 maxelem 65536
add nets 10.0.0.0/16
add nets 10.0.0.0/24 nomatch
create services hash:ip,port family inet hashsize 1024 maxelem 65536
add services 10.0.1.1,tcp:80
add services 10.0.1.1,icmp:8/0
create ports bitmap:port range 0-1023
add ports 79-81
create triple hash:ip,port,net family inet hashsize 1024 maxelem 65536
add triple 10.0.0.1,tcp:80,10.0.1.0/24
create twos hash:net,net family inet
add twos 10.0.0.0/24,10.0.0.0/16
add twos 10.0.0.0/8,10.0.1.1 nomatch
create all list:set size 8
add all f2b-sshd
create widened hash:ip family inet netmask 24
add widened 10.0.0.0
create masked hash:ip family inet bitmask 0.0.0.255
add masked 0.0.0.1
create odd hash:ip family inet skbinfo
add odd 10.0.0.1 skbmark what
create by-device hash:net,iface family inet
add by-device 10.0.0.0/24,a
`;

function verdict(match: string, input: HookInput = hookInput(), before = '', ipsets = SETS): string {
  const ip = `*filter
:FORWARD ACCEPT [0:0]
${before}-A FORWARD -m set ${match} -j DROP
COMMIT
`;
  const outcomes = runHook(assembleRuleset({ compat: { ip }, ipsets }), 'forward', input);
  return outcomes.length === 1 && outcomes[0]?.certain ? outcomes[0].verdict : 'maybe';
}

const elsewhere = hookInput({ source: '10.0.2.1' });
const echo = hookInput({ protocol: 'icmp', icmp: { type: 8, code: 0 }, sourcePort: 0, destinationPort: 0 });

describe('a set of ipset holds', () => {
  it.each<[string, HookInput, string]>([
    ['--match-set f2b-sshd src', hookInput(), 'drop'],
    ['! --match-set f2b-sshd src', hookInput(), 'accept'],
    ['--match-set f2b-sshd dst', hookInput(), 'accept'],
    ['--match-set nets src', hookInput(), 'accept'],
    ['--match-set nets src', elsewhere, 'drop'],
    ['--match-set services dst,dst', hookInput(), 'drop'],
    ['--match-set services dst,dst', hookInput({ protocol: 'udp' }), 'accept'],
    ['--match-set services dst,dst', echo, 'maybe'],
    ['--match-set services dst', hookInput(), 'accept'],
    ['! --match-set services dst', hookInput(), 'drop'],
    ['--match-set ports dst', hookInput(), 'drop'],
    ['--match-set ports src', hookInput(), 'accept'],
    ['--match-set triple src,dst,dst', hookInput(), 'drop'],
    ['--match-set twos src,dst', hookInput(), 'drop'],
    ['--match-set twos src,dst --return-nomatch', elsewhere, 'drop'],
    ['--match-set all src', hookInput(), 'drop'],
    ['--match-set by-device src,src', hookInput(), 'drop'],
    ['--match-set by-device src,dst', hookInput(), 'accept'],
    ['--match-set widened src', hookInput(), 'drop'],
    ['--match-set widened src', elsewhere, 'accept'],
    ['--match-set masked src', hookInput(), 'maybe'],
    ['--match-set odd src', hookInput(), 'maybe'],
    ['--match-set nowhere src', hookInput(), 'maybe'],
    ['--match-set f2b-sshd src --packets-gt 5', hookInput(), 'maybe'],
  ])('-m set %s', (match, input, expected) => {
    expect(verdict(match, input)).toBe(expected);
  });

  it('what a rule has just put into it', () => {
    const filling = '-A FORWARD -p tcp -j SET --add-set f2b-sshd src\n';
    expect(verdict('--match-set f2b-sshd src', elsewhere)).toBe('accept');
    expect(verdict('--match-set f2b-sshd src', elsewhere, filling)).toBe('drop');
  });
});

describe('a set of ipset is not known', () => {
  it.each([
    ['where the listing is cut', SETS.slice(0, -12)],
    ['where it is cut in the head of a set', SETS.slice(0, 30)],
    ['where a line of it is no line', SETS.replace('add ports', 'adx ports')],
    ['where an element belongs to no set', SETS.replace('create ports', 'create qorts')],
  ])('%s', (_, ipsets) => {
    expect(verdict('--match-set f2b-sshd src', hookInput(), '', ipsets)).toBe('maybe');
  });
});
