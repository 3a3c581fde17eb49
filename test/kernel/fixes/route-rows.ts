import { MAC, six, furthermore, type Kind, type RowsOf } from './row.ts';
import { routedPair } from '../../support/pairs.ts';

export const ROUTE_ROWS = {
  'add-route': {
    'through a gateway': {
      make: furthermore(six, ['red', 'ip route del default'], ['red', 'ip -6 route del default']),
      actions: ({ id }) => [
        {
          ...{ kind: 'add-route', namespace: id('netns:red'), dev: 'eth0', via: '10.0.1.1' },
          destination: { address: '0.0.0.0', length: 0 },
        },
        {
          ...{ kind: 'add-route', namespace: id('netns:red'), dev: 'eth0', via: 'fd00:1::1' },
          destination: { address: '::', length: 0 },
        },
      ],
    },
    'on the link': {
      make: routedPair,
      actions: ({ id }) => [
        {
          ...{ kind: 'add-route', namespace: id('netns:red'), dev: 'eth0' },
          destination: { address: '10.9.9.0', length: 24 },
        },
        {
          ...{ kind: 'add-route', namespace: id('netns:red'), dev: 'eth0', via: '10.99.0.1', onlink: true },
          destination: { address: '10.98.0.0', length: 16 },
        },
      ],
    },
  },
  'add-policy-rule': {
    'a table for what is given to a proxy': {
      make: furthermore(six, ['router', 'ip -6 rule add pref 5 to fd00:9::/64 prohibit']),
      actions: ({ id }) =>
        ([4, 6] as const).map((family) => ({
          ...{ kind: 'add-policy-rule', namespace: id('netns:router') },
          ...{ family, mark: 1, table: 100 },
        })),
    },
    'the rule of the local table, which is gone': {
      make: furthermore(six, ['red', 'ip rule del pref 0'], ['red', 'ip -6 rule del pref 0']),
      actions: ({ id }) =>
        ([4, 6] as const).map((family) => ({
          ...{ kind: 'add-policy-rule', namespace: id('netns:red') },
          ...{ family, table: 255 },
        })),
    },
    'the rule of the main table, which is gone': {
      make: furthermore(six, ['red', 'ip rule del pref 32766'], ['red', 'ip -6 rule del pref 32766']),
      actions: ({ id }) =>
        ([4, 6] as const).map((family) => ({
          ...{ kind: 'add-policy-rule', namespace: id('netns:red') },
          ...{ family, table: 254 },
        })),
    },
  },
  'add-local-route': {
    'of both families': {
      make: six,
      actions: ({ id }) =>
        ([4, 6] as const).map((family) => ({
          ...{ kind: 'add-local-route', namespace: id('netns:router') },
          ...{ family, table: 100 },
        })),
    },
    'of own addresses that are not in the local table': {
      make: furthermore(
        six,
        ['red', 'ip route del local 10.0.1.2 dev eth0 table local'],
        ['red', 'ip -6 route del local fd00:1::2 dev eth0 table local'],
      ),
      actions: ({ id }) =>
        (
          [
            [4, '10.0.1.2'],
            [6, 'fd00:1::2'],
          ] as const
        ).map(([family, address]) => ({
          ...{ kind: 'add-local-route', namespace: id('netns:red') },
          ...{ family, table: 255, own: { address, dev: 'eth0' } },
        })),
    },
  },
  'replace-route': {
    'of both families': {
      make: six,
      actions: ({ id, route }) => [
        {
          ...{ kind: 'replace-route', namespace: id('netns:red'), via: '10.0.1.9', dev: 'eth0' },
          route: route('netns:red', 'default via 10.0.1.1'),
        },
        {
          ...{ kind: 'replace-route', namespace: id('netns:red'), via: 'fd00:1::9', dev: 'eth0' },
          route: route('netns:red', 'default via fd00:1::1'),
        },
      ],
    },
  },
  'change-next-hop': {
    'another, and none, among several': {
      make: furthermore(
        six,
        [
          'red',
          'ip route add 10.5.0.0/16 src 10.0.1.2 metric 7 nexthop via 10.0.1.1 weight 3 nexthop via 10.0.1.8',
        ],
        ['red', 'ip route add 10.6.0.0/16 table 77 nexthop via 10.0.1.1 nexthop via 10.0.1.8'],
        ['red', 'ip -6 route add fd00:5::/64 nexthop via fd00:1::1 nexthop via fd00:1::8'],
        ['red', 'ip nexthop add id 1 via 10.0.1.1 dev eth0'],
        ['red', 'ip nexthop add id 2 via 10.0.1.8 dev eth0'],
        ['red', 'ip nexthop add id 3 group 1/2'],
        ['red', 'ip route add 10.7.0.0/16 nhid 3'],
      ),
      actions: ({ id, route }) =>
        [
          { text: '10.5.0.0/16', to: { via: '10.0.1.9', dev: 'eth0' } },
          { text: '10.6.0.0/16', to: null },
          { text: 'fd00:5::/64', to: { via: 'fd00:1::9', dev: 'eth0' } },
          { text: '10.7.0.0/16', to: null },
        ].flatMap(({ text, to }) => {
          const found = route('netns:red', text);
          const hop = found.nextHops.find(({ via }) => via?.endsWith('8'));
          const where = { kind: 'change-next-hop', namespace: id('netns:red') } as const;
          return hop ? [{ ...where, route: found, hop, to }] : [];
        }),
    },
  },
  'forget-source': {
    'of several kinds': {
      make: furthermore(
        six,
        ['red', 'ip address add 172.16.0.9/32 dev lo'],
        ['red', 'ip -6 address add fd00:99::9/128 dev lo nodad'],
        ['red', 'ip route add 10.5.0.0/16 via 10.0.1.1 src 172.16.0.9 metric 7 mtu 1400'],
        ['red', 'ip route add 10.6.0.0/16 dev eth0 src 172.16.0.9 table 77'],
        ['red', 'ip -6 route add fd00:5::/64 via fd00:1::1 src fd00:99::9'],
      ),
      actions: ({ id, route }) =>
        ['10.5.0.0/16', '10.6.0.0/16', 'fd00:5::/64'].map((text) => ({
          kind: 'forget-source',
          namespace: id('netns:red'),
          route: route('netns:red', text),
        })),
    },
  },
  'delete-route': {
    'of several kinds': {
      make: furthermore(
        six,
        ['red', 'ip route add blackhole 10.5.0.0/16'],
        ['red', 'ip route add 10.6.0.0/16 via 10.0.1.1 table 77 metric 5'],
        ['red', 'ip -6 route add unreachable fd00:5::/64'],
      ),
      actions: ({ id, route }) =>
        ['blackhole 10.5', '10.6.0.0/16', 'unreachable fd00:5', 'default via fd00:1::1'].map((text) => ({
          kind: 'delete-route',
          namespace: id('netns:red'),
          route: route('netns:red', text),
        })),
    },
  },
  'add-neighbour': {
    'one that is not known': {
      make: routedPair,
      actions: ({ id }) => [
        { kind: 'add-neighbour', namespace: id('netns:red'), dev: 'eth0', address: '10.0.1.9', mac: MAC },
      ],
    },
  },
  'delete-neighbour': {
    'one that was written': {
      make: furthermore(routedPair, [
        'red',
        `ip neighbour add 10.0.1.9 lladdr ${MAC} dev eth0 nud permanent`,
      ]),
      actions: ({ id }) => [
        { kind: 'delete-neighbour', namespace: id('netns:red'), dev: 'eth0', address: '10.0.1.9' },
      ],
    },
  },
  'delete-policy-rule': {
    'of both families': {
      make: furthermore(
        six,
        ['red', 'ip rule add pref 5 to 10.0.2.2 prohibit'],
        ['red', 'ip -6 rule add pref 6 from fd00:1::2 lookup 77'],
      ),
      actions: ({ id, policyRule }) =>
        ['prohibit', 'fd00:1::2'].map((text) => ({
          kind: 'delete-policy-rule',
          namespace: id('netns:red'),
          rule: policyRule('netns:red', text),
        })),
    },
  },
  'write-sysctl': {
    'forwarding of IPv4': {
      make: furthermore(six, ['router', 'sysctl -qw net.ipv4.ip_forward=0']),
      actions: ({ id }) => [
        { kind: 'write-sysctl', namespace: id('netns:router'), key: 'net/ipv4/ip_forward', value: '1' },
      ],
    },
    'forwarding of IPv6': {
      make: furthermore(six, ['router', 'sysctl -qw net.ipv6.conf.all.forwarding=0']),
      actions: ({ id }) => [
        ...[{ kind: 'write-sysctl', namespace: id('netns:router') } as const].map((one) => ({
          ...one,
          key: 'net/ipv6/conf/all/forwarding',
          value: '1',
        })),
      ],
    },
    'of one interface': {
      make: six,
      actions: ({ id }) => [
        {
          ...{ kind: 'write-sysctl', namespace: id('netns:router') },
          ...{ key: 'net/ipv4/conf/ra/rp_filter', value: '2' },
        },
      ],
    },
    'IPv6 on one interface': {
      make: furthermore(six, ['red', 'sysctl -qw net.ipv6.conf.eth0.disable_ipv6=1']),
      actions: ({ id }) => [
        {
          ...{ kind: 'write-sysctl', namespace: id('netns:red') },
          ...{ key: 'net/ipv6/conf/eth0/disable_ipv6', value: '0' },
        },
        { kind: 'add-address', namespace: id('netns:red'), dev: 'eth0', address: 'fd00:1::2', length: 64 },
      ],
    },
    'IPv6 everywhere': {
      make: furthermore(six, ['red', 'sysctl -qw net.ipv6.conf.all.disable_ipv6=1']),
      actions: ({ id }) => [
        {
          ...{ kind: 'write-sysctl', namespace: id('netns:red') },
          ...{ key: 'net/ipv6/conf/all/disable_ipv6', value: '0' },
        },
      ],
    },
  },
} satisfies Partial<Record<Kind, RowsOf>>;
