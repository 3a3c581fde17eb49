import { describe, expect, it } from 'vitest';
import { runHook } from '../../../../diagnostics/simulate/netfilter/run-hook.ts';
import type { HookInput } from '../../../../diagnostics/simulate/netfilter/types.ts';
import { filter, hookInput } from '../../../support/hook-input.ts';

/** What a forward chain with one dropping rule makes of the packet: `drop` where the rule matches. */
function verdict(match: string, input: HookInput): string {
  const outcomes = runHook(filter(`-A FORWARD ${match} -j DROP`), 'forward', input);
  return outcomes.length === 1 && outcomes[0]?.certain ? outcomes[0].verdict : 'maybe';
}

const syn = hookInput();
const echo = hookInput({ protocol: 'icmp', icmp: { type: 8, code: 0 }, sourcePort: 0, destinationPort: 0 });
const answer = hookInput({ tcpFlags: 'SA' }, { connection: { state: 'established', direction: 'reply' } });
const marked = hookInput({ mark: 0x1234 }, { connection: { mark: 0x5 } });
const translated = hookInput(
  {},
  {
    connection: {
      dnat: true,
      original: { source: '9.9.9.9', sourcePort: 40000, destination: '8.8.8.8', destinationPort: 8080 },
    },
  },
);
const bridged = hookInput(
  {},
  { physicalIn: 'veth1', physicalOut: 'veth2', etherSource: '02:00:00:00:00:0A' },
);
const toLocal = hookInput({}, { addressType: (address) => (address === '10.0.1.1' ? 'local' : 'unicast') });
const untracked = hookInput({}, { connection: { state: 'untracked' } });
const invalid = hookInput({ tcpFlags: 'SA' }, { connection: { state: 'invalid' } });
const fragile = hookInput({}, { leavesBy: () => false });

const ofUser = hookInput({}, { sender: { uid: 1000, gid: 100 } });
const ofNobody = hookInput({}, { sender: null });

describe('a rule matches', () => {
  it.each<[string, HookInput, string]>([
    ['-s 10.0.0.0/24', syn, 'drop'],
    ['! -s 10.0.0.0/24', syn, 'accept'],
    ['-s 10.0.0.0/255.255.0.0 -d 10.0.1.1/32', syn, 'drop'],
    ['-s ! 10.0.0.0/24', syn, 'accept'],
    ['-i a -o b', syn, 'drop'],
    ['! -i a', syn, 'accept'],
    ['-i a+', syn, 'drop'],
    ['-i ab+', syn, 'accept'],
    ['-i +', syn, 'drop'],
    ['-p tcp', syn, 'drop'],
    ['! -p udp', syn, 'drop'],
    ['-p all', syn, 'drop'],
    ['-p 6', syn, 'drop'],
    ['-p tcp -m tcp --dport 80', syn, 'drop'],
    ['-p tcp -m tcp --dport 81:90', syn, 'accept'],
    ['-p tcp -m tcp ! --dport 80', syn, 'accept'],
    ['-p tcp -m tcp --dport ! 80', syn, 'accept'],
    ['-p tcp -m tcp --sport 1024:65535', syn, 'drop'],
    ['-p tcp -m tcp --dport :80', syn, 'drop'],
    ['-p tcp -m tcp --dport 81:', syn, 'accept'],
    ['-p tcp -m multiport --dports 22,80,443', syn, 'drop'],
    ['-p tcp -m multiport --dports 22,70:90', syn, 'drop'],
    ['-p tcp -m multiport ! --dports 22,80', syn, 'accept'],
    ['-p tcp -m multiport --ports 40000', syn, 'drop'],
    ['-p tcp -m multiport --ports 80', syn, 'drop'],
    ['-p tcp -m multiport ! --ports 80', syn, 'accept'],
    ['-p tcp -m multiport ! --ports 81', syn, 'drop'],
    ['-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN', syn, 'drop'],
    ['-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN', answer, 'accept'],
    ['-p tcp -m tcp ! --syn', answer, 'drop'],
    ['-p tcp -m tcp --tcp-flags SYN,RST SYN -m tcpmss --mss 1400:65495', syn, 'maybe'],
    ['-p icmp', echo, 'drop'],
    ['-p icmp -m icmp --icmp-type 8', echo, 'drop'],
    ['-p icmp -m icmp --icmp-type echo-reply', echo, 'accept'],
    ['-p icmp -m icmp ! --icmp-type 0', echo, 'drop'],
    ['-p icmp -m icmp --icmp-type any', echo, 'drop'],
    ['-p icmp -m icmp --icmp-type 3/4', echo, 'accept'],
    ['-m conntrack --ctstate NEW', syn, 'drop'],
    ['-m conntrack --ctstate RELATED,ESTABLISHED', syn, 'accept'],
    ['-m conntrack --ctstate RELATED,ESTABLISHED', answer, 'drop'],
    ['-m conntrack ! --ctstate NEW', answer, 'drop'],
    ['-m state --state NEW', syn, 'drop'],
    ['-m conntrack --ctstate DNAT', translated, 'drop'],
    ['-m conntrack ! --ctstate DNAT', translated, 'accept'],
    ['-m conntrack --ctstate DNAT', syn, 'accept'],
    ['-m conntrack --ctstate UNTRACKED', untracked, 'drop'],
    ['-m conntrack --ctstate INVALID', invalid, 'drop'],
    ['-m conntrack --ctorigdst 8.8.8.8', translated, 'drop'],
    ['-m conntrack --ctorigdst 10.0.1.1', translated, 'accept'],
    ['-p tcp -m conntrack --ctorigdstport 8080', translated, 'drop'],
    ['-m conntrack --ctdir REPLY', answer, 'drop'],
    ['-m conntrack --ctstatus SEEN_REPLY', answer, 'drop'],
    ['-m conntrack --ctstatus SEEN_REPLY', syn, 'accept'],
    ['-m conntrack --ctstatus ASSURED', answer, 'maybe'],
    ['-m addrtype --dst-type LOCAL', toLocal, 'drop'],
    ['-m addrtype ! --dst-type LOCAL', toLocal, 'accept'],
    ['-m addrtype --src-type LOCAL', toLocal, 'accept'],
    ['-m addrtype --dst-type LOCAL,BROADCAST --limit-iface-in', toLocal, 'drop'],
    ['-m addrtype --dst-type LOCAL', hookInput({}, { addressType: () => null }), 'maybe'],
    ['-m mark --mark 0x1234', marked, 'drop'],
    ['-m mark --mark 0x34/0xff', marked, 'drop'],
    ['-m mark ! --mark 0x34/0xff', marked, 'accept'],
    ['-m connmark --mark 0x5', marked, 'drop'],
    ['-m connmark --mark 0x4/0x6', marked, 'drop'],
    ['-m mac --mac-source 02:00:00:00:00:0a', bridged, 'drop'],
    ['-m mac ! --mac-source 02:00:00:00:00:0B', bridged, 'drop'],
    ['-m physdev --physdev-in veth1', bridged, 'drop'],
    ['-m physdev --physdev-out veth+', bridged, 'drop'],
    ['-m physdev --physdev-is-bridged', bridged, 'drop'],
    ['-m physdev --physdev-is-bridged', syn, 'accept'],
    ['-m physdev ! --physdev-is-bridged', syn, 'drop'],
    ['-m physdev --physdev-is-in', syn, 'accept'],
    ['-m iprange --src-range 10.0.0.1-10.0.0.9', syn, 'drop'],
    ['-m iprange ! --dst-range 10.0.1.0-10.0.1.9', syn, 'accept'],
    ['-m length --length 60', syn, 'drop'],
    ['-m length --length 100:', syn, 'accept'],
    ['-m ttl --ttl-eq 64', syn, 'drop'],
    ['-m ttl --ttl-lt 64', syn, 'accept'],
    ['-m ttl --ttl-gt 1', syn, 'drop'],
    ['-m pkttype --pkt-type broadcast', syn, 'accept'],
    ['-m pkttype --pkt-type unicast', syn, 'drop'],
    ['-m comment --comment "a \\"quoted\\" ! -j ACCEPT"', syn, 'drop'],
    ['-m comment --comment -x', syn, 'drop'],
    ['-f', syn, 'accept'],
    ['! -f', syn, 'drop'],
    ['-m owner --uid-owner 1000', ofUser, 'drop'],
    ['-m owner ! --uid-owner 1000', ofUser, 'accept'],
    ['-m owner --uid-owner 1001-1010', ofUser, 'accept'],
    ['-m owner --uid-owner 0', ofNobody, 'accept'],
    ['-m owner ! --uid-owner 0', ofNobody, 'drop'],
    ['-m owner --socket-exists', ofNobody, 'accept'],
    ['-m owner --uid-owner 0', syn, 'maybe'],
    ['-m cgroup --path system.slice', ofNobody, 'accept'],
    ['-m cgroup --path system.slice', ofUser, 'maybe'],
    ['-m dscp --dscp 0x00', syn, 'drop'],
    ['-m dscp --dscp 0x2e', hookInput({ tos: 0xb8 }), 'drop'],
    ['-m tos --tos 0x10/0x10', syn, 'accept'],
    ['-m conntrack --ctreplsrc 10.0.1.1 --ctreplsrcport 80', syn, 'drop'],
    ['-m conntrack --ctrepldst 10.0.1.1', syn, 'accept'],
    ['-m policy --dir in --pol none', syn, 'maybe'],
    ['-m nfacct --nfacct-name bytes', syn, 'drop'],
    ['-m rpfilter --invert', fragile, 'drop'],
    ['-m rpfilter', fragile, 'accept'],
    ['-m rpfilter', syn, 'maybe'],
    ['-m limit --limit 5/min', syn, 'maybe'],
    ['-m statistic --mode random --probability 0.5', syn, 'maybe'],
    ['-m recent --rcheck --name SSH', syn, 'maybe'],
    ['-m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 5 --hashlimit-name x', syn, 'maybe'],
    ['-m set --match-set blocked src', syn, 'maybe'],
    ['-m time --timestart 10:00', syn, 'maybe'],
    ['-m quota --quota 100', syn, 'maybe'],
    ['-m invented --by-nobody 5', syn, 'maybe'],
    ['-p udp -m invented --by-nobody 5', syn, 'accept'],
  ])('%s', (match, input, expected) => {
    expect(verdict(match, input)).toBe(expected);
  });
});
