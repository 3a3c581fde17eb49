import type { Hook } from '../../model/ruleset.ts';
import { ICMP } from '../ip/icmp-numbers.ts';
import type { Answer } from '../journey.ts';

const HOST_UNREACHABLE_CODES: Readonly<Record<string, number>> = {
  'icmp-net-unreachable': 0,
  'icmp-host-unreachable': 1,
  'icmp-proto-unreachable': 2,
  'icmp-port-unreachable': 3,
  'icmp-net-prohibited': 9,
  'icmp-host-prohibited': 10,
  'icmp-admin-prohibited': 13,
};

const UNREACHABLE_CODES_6: Readonly<Record<string, number>> = {
  'icmp6-no-route': 0,
  'icmp6-adm-prohibited': 1,
  'icmp6-addr-unreachable': 3,
  'icmp6-port-unreachable': 4,
  'icmp6-policy-fail': 5,
  'icmp6-reject-route': 6,
};

/** What a REJECT rule sends back (nf_reject_ipv4.c and nf_reject_ipv6.c of net/…/netfilter). */
export const rejection = (word: string | undefined, hook: Hook, family: 4 | 6): Answer => {
  if (word === 'tcp-reset') return { kind: 'reset' };
  const codes = family === 4 ? HOST_UNREACHABLE_CODES : UNREACHABLE_CODES_6;
  const { type, code } = ICMP[family].portUnreachable;
  return {
    kind: 'icmp',
    type,
    code: codes[word ?? ''] ?? code,
    speaks: hook === 'input' ? 'destination' : 'router',
  };
};
