import { six, furthermore, type Kind, type RowsOf } from './row.ts';
import { bridgedPair, routedPair } from '../../support/pairs.ts';

export const ADDRESS_ROWS = {
  'add-address': {
    'the first one of an interface': {
      make: furthermore(
        routedPair,
        ['blue', 'ip link add spare type veth peer name spare1'],
        ['blue', 'ip link set spare up'],
      ),
      actions: ({ id }) => [
        { kind: 'add-address', namespace: id('netns:blue'), dev: 'spare', address: '10.7.0.1', length: 24 },
      ],
    },
    'a second one of a network': {
      make: routedPair,
      actions: ({ id }) => [
        { kind: 'add-address', namespace: id('netns:blue'), dev: 'eth0', address: '10.0.2.9', length: 24 },
      ],
    },
    'of an interface that is down': {
      make: furthermore(routedPair, ['blue', 'ip link set eth0 down']),
      actions: ({ id }) => [
        { kind: 'add-address', namespace: id('netns:blue'), dev: 'eth0', address: '10.0.9.9', length: 24 },
        { kind: 'link-up', namespace: id('netns:blue'), dev: 'eth0' },
      ],
    },
    'IPv6, on a router': {
      make: six,
      actions: ({ id }) => [
        { kind: 'add-address', namespace: id('netns:router'), dev: 'ra', address: 'fd00:7::1', length: 64 },
      ],
    },
    'IPv6, alone': {
      make: six,
      actions: ({ id }) => [
        { kind: 'add-address', namespace: id('netns:red'), dev: 'eth0', address: 'fd00:7::2', length: 128 },
      ],
    },
  },
  'add-proxy-neighbour': {
    'IPv4 and IPv6': {
      make: six,
      actions: ({ id }) =>
        ['10.0.1.77', 'fd00:1::77'].map((address) => ({
          kind: 'add-proxy-neighbour',
          namespace: id('netns:router'),
          dev: 'ra',
          address,
        })),
    },
  },
  'remove-address': {
    'a single one of the loopback’s, and one of IPv6': {
      make: furthermore(
        six,
        ['blue', 'ip address add 10.9.9.9/32 dev lo'],
        ['blue', 'ip address add fd00:9::9/128 dev eth0'],
      ),
      actions: ({ id }) => [
        { kind: 'remove-address', namespace: id('netns:blue'), dev: 'lo', address: '10.9.9.9' },
        { kind: 'remove-address', namespace: id('netns:blue'), dev: 'eth0', address: 'fd00:9::9' },
      ],
    },
  },
  'retry-address': {
    'of IPv6': {
      make: six,
      actions: ({ id }) => [
        {
          ...{ kind: 'retry-address', namespace: id('netns:red'), dev: 'eth0' },
          ...{ address: 'fd00:1::2', length: 64 },
        },
      ],
    },
  },
  renumber: {
    'the only address': {
      make: bridgedPair,
      actions: ({ id }) => [
        {
          ...{ kind: 'renumber', namespace: id('netns:red'), dev: 'eth0' },
          ...{ from: '10.0.0.2', to: '10.0.0.77', length: 24 },
        },
      ],
    },
    'with routes through it': {
      make: routedPair,
      actions: ({ id }) => [
        {
          ...{ kind: 'renumber', namespace: id('netns:red'), dev: 'eth0' },
          ...{ from: '10.0.1.2', to: '10.0.1.77', length: 24 },
        },
      ],
    },
    'where second addresses are not promoted': {
      make: furthermore(routedPair, [
        'red',
        'sysctl -qw net.ipv4.conf.all.promote_secondaries=0 net.ipv4.conf.eth0.promote_secondaries=0',
      ]),
      actions: ({ id }) => [
        {
          ...{ kind: 'renumber', namespace: id('netns:red'), dev: 'eth0' },
          ...{ from: '10.0.1.2', to: '10.0.1.77', length: 24 },
        },
      ],
    },
    IPv6: {
      make: six,
      actions: ({ id }) => [
        {
          ...{ kind: 'renumber', namespace: id('netns:red'), dev: 'eth0' },
          ...{ from: 'fd00:1::2', to: 'fd00:1::77', length: 64 },
        },
      ],
    },
  },
  'replace-address': {
    wider: {
      make: furthermore(
        bridgedPair,
        ['red', 'ip address add 10.0.0.2/32 dev eth0'],
        ['red', 'ip address del 10.0.0.2/24 dev eth0'],
      ),
      actions: ({ id }) => [
        {
          ...{ kind: 'replace-address', namespace: id('netns:red'), dev: 'eth0' },
          ...{ address: '10.0.0.2', from: 32, to: 24 },
        },
      ],
    },
    'narrower, with a gateway': {
      make: furthermore(
        routedPair,
        ['red', 'ip address add 10.0.1.2/8 dev eth0'],
        ['red', 'ip address del 10.0.1.2/24 dev eth0'],
      ),
      actions: ({ id }) => [
        {
          ...{ kind: 'replace-address', namespace: id('netns:red'), dev: 'eth0' },
          ...{ address: '10.0.1.2', from: 8, to: 24 },
        },
      ],
    },
    IPv6: {
      make: six,
      actions: ({ id }) => [
        {
          ...{ kind: 'replace-address', namespace: id('netns:blue'), dev: 'eth0' },
          ...{ address: 'fd00:2::2', from: 64, to: 48 },
        },
      ],
    },
  },
} satisfies Partial<Record<Kind, RowsOf>>;
