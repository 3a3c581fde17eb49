import { ANY, type RuleSpec } from '../../../diagnostics/fixes/rule-spec.ts';
import { furthermore, type Kind, type RowsOf } from './row.ts';
import { bridgedPair, routedPair } from '../../support/pairs.ts';

const filtered = (family: 'ip' | 'ip6') => ({ family, table: 'filter' }) as const;
const accept: RuleSpec = {
  ...ANY,
  source: '10.0.1.2/32',
  destination: '10.0.2.2/32',
  protocol: 'tcp',
  destinationPort: 80,
  action: { type: 'accept' },
};

export const FIREWALL_ROWS = {
  'insert-rule': {
    ebtables: {
      make: furthermore(
        bridgedPair,
        ['host', 'ebtables -A FORWARD -p IPv4 --ip-proto tcp --ip-dport 80 -j DROP'],
        ['host', 'ebtables -A FORWARD -p IPv6 -j DROP'],
      ),
      actions: ({ id }) =>
        [
          { ...accept, outDev: 'vb' },
          { ...accept, source: 'fd00::1', destination: 'fd00::2' },
          { ...ANY, icmp6Type: 135, protocol: 'icmp' as const, action: { type: 'accept' as const } },
        ].map((spec) => ({
          kind: 'insert-rule',
          place: {
            ...{ namespace: id('host'), backend: 'nft', family: 'bridge', table: 'filter', chain: 'FORWARD' },
          },
          before: { number: 2 },
          spec,
        })),
    },
    'iptables, both backends': {
      make: furthermore(
        routedPair,
        ['router', 'iptables -A FORWARD -s 10.9.9.9 -j DROP'],
        ['router', 'iptables -A FORWARD -d 10.0.2.2 -j DROP'],
        ['router', 'iptables-legacy -A FORWARD -d 10.0.2.2 -j DROP'],
      ),
      actions: ({ id }) => [
        {
          kind: 'insert-rule',
          place: {
            ...filtered('ip'),
            namespace: id('netns:router'),
            backend: 'iptables-nft',
            chain: 'FORWARD',
          },
          before: { number: 2 },
          spec: accept,
        },
        {
          kind: 'insert-rule',
          place: { ...filtered('ip'), namespace: id('netns:router'), backend: 'legacy', chain: 'FORWARD' },
          before: null,
          spec: { ...accept, established: true, sourcePort: 80, destinationPort: null },
        },
        {
          kind: 'insert-rule',
          place: {
            ...{ namespace: id('netns:router'), backend: 'iptables-nft', family: 'ip', table: 'nat' },
            chain: 'POSTROUTING',
          },
          before: null,
          spec: { ...ANY, source: '10.0.1.0/24', outDev: 'rb', action: { type: 'masquerade' } },
        },
        {
          kind: 'insert-rule',
          place: {
            ...{ namespace: id('netns:router'), backend: 'iptables-nft', family: 'ip', table: 'nat' },
            chain: 'PREROUTING',
          },
          before: null,
          spec: {
            ...{ ...ANY, destination: '10.0.1.1', protocol: 'tcp', destinationPort: 8080 },
            action: { type: 'dnat', address: '10.0.2.2', port: 80 },
          },
        },
      ],
    },
    'nft, in the middle': {
      make: furthermore(
        routedPair,
        ['router', 'nft add table inet f'],
        ['router', 'nft add chain inet f c { type filter hook forward priority 0 ; }'],
        ['router', 'nft add rule inet f c ip saddr 10.9.9.9 drop'],
        ['router', 'nft add rule inet f c ip daddr 10.0.2.2 drop'],
      ),
      actions: ({ id, rule }) => [
        {
          kind: 'insert-rule',
          place: { namespace: id('netns:router'), backend: 'nft', family: 'inet', table: 'f', chain: 'c' },
          before: rule('netns:router', 'c', '10.0.2.2'),
          spec: accept,
        },
        {
          kind: 'insert-rule',
          place: { namespace: id('netns:router'), backend: 'nft', family: 'inet', table: 'f', chain: 'c' },
          before: null,
          spec: { ...accept, destination: 'fd00:2::2', source: null },
        },
      ],
    },
  },
  'delete-rule': {
    'of each backend': {
      make: furthermore(
        routedPair,
        ['router', 'iptables -A FORWARD -s 10.9.9.9 -j DROP'],
        ['router', 'iptables -A FORWARD -d 10.0.2.2 -p tcp --dport 80 -j REJECT'],
        ['router', 'ip6tables-legacy -A INPUT -p ipv6-icmp -j DROP'],
        ['router', 'nft add table inet f'],
        ['router', 'nft add chain inet f c { type filter hook forward priority 0 ; }'],
        ['router', 'nft add rule inet f c ip saddr 10.9.9.9 drop'],
        ['router', 'nft add rule inet f c ip daddr 10.0.2.2 drop'],
      ),
      actions: ({ id, rule }) => [
        {
          kind: 'delete-rule',
          place: {
            ...filtered('ip'),
            namespace: id('netns:router'),
            backend: 'iptables-nft',
            chain: 'FORWARD',
          },
          rule: rule('netns:router', 'FORWARD', '10.0.2.2'),
        },
        {
          kind: 'delete-rule',
          place: { ...filtered('ip6'), namespace: id('netns:router'), backend: 'legacy', chain: 'INPUT' },
          rule: rule('netns:router', 'INPUT', 'icmp'),
        },
        {
          kind: 'delete-rule',
          place: { namespace: id('netns:router'), backend: 'nft', family: 'inet', table: 'f', chain: 'c' },
          rule: rule('netns:router', 'c', '10.9.9.9'),
        },
      ],
    },
  },
  'leave-set': {
    'of nft and of ipset': {
      make: furthermore(
        routedPair,
        ['router', 'nft add table inet f'],
        ['router', 'nft add set inet f bad { type ipv4_addr ; flags timeout ; }'],
        ['router', 'nft add element inet f bad { 10.0.1.2 timeout 1h , 10.9.9.9 }'],
        ['router', 'nft add chain inet f c { type filter hook forward priority 0 ; }'],
        ['router', 'nft add rule inet f c ip saddr @bad drop'],
        ['router', 'ipset create worse hash:ip'],
        ['router', 'ipset add worse 10.0.1.2'],
        ['router', 'ipset add worse 10.9.9.9'],
        ['router', 'iptables -A FORWARD -m set --match-set worse src -j DROP'],
      ),
      actions: ({ id }) => [
        {
          kind: 'leave-set',
          place: { namespace: id('netns:router'), backend: 'nft', family: 'inet', table: 'f', set: 'bad' },
          address: '10.0.1.2',
        },
        {
          kind: 'leave-set',
          place: {
            ...filtered('ip'),
            namespace: id('netns:router'),
            backend: 'iptables-nft',
            set: 'ipset worse',
          },
          address: '10.0.1.2',
        },
      ],
    },
  },
  'set-policy': {
    'of each backend': {
      make: furthermore(
        routedPair,
        ['router', 'iptables -P FORWARD DROP'],
        ['router', 'ip6tables-legacy -P FORWARD DROP'],
        ['router', 'nft add table inet f'],
        ['router', 'nft add chain inet f c { type filter hook forward priority 0 ; policy drop ; }'],
      ),
      actions: ({ id }) => [
        {
          kind: 'set-policy',
          place: {
            ...filtered('ip'),
            namespace: id('netns:router'),
            backend: 'iptables-nft',
            chain: 'FORWARD',
          },
        },
        {
          kind: 'set-policy',
          place: { ...filtered('ip6'), namespace: id('netns:router'), backend: 'legacy', chain: 'FORWARD' },
        },
        {
          kind: 'set-policy',
          place: { namespace: id('netns:router'), backend: 'nft', family: 'inet', table: 'f', chain: 'c' },
        },
      ],
    },
  },
  'clamp-mss': {
    'in a table of its own': {
      make: routedPair,
      actions: ({ id }) => [{ kind: 'clamp-mss', namespace: id('netns:router'), family: 4, mss: 1200 }],
    },
    'beside other rules, to what the route takes': {
      make: furthermore(routedPair, ['router', 'iptables -A FORWARD -s 10.9.9.9 -j DROP']),
      actions: ({ id }) => [{ kind: 'clamp-mss', namespace: id('netns:router'), family: 4, mss: null }],
    },
  },
} satisfies Partial<Record<Kind, RowsOf>>;
