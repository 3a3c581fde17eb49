import { MAC, macvlans, six, furthermore, type Kind, type RowsOf } from './row.ts';
import { bridgedPair, routedPair } from '../../support/pairs.ts';

export const LINK_ROWS = {
  'arp-on': {
    'of a router': {
      make: furthermore(six, ['router', 'ip link set ra arp off']),
      actions: ({ id }) => [{ kind: 'arp-on', namespace: id('netns:router'), dev: 'ra' }],
    },
  },
  'link-up': {
    'of a namespace with both families': {
      make: furthermore(six, ['red', 'ip link set eth0 down']),
      actions: ({ id }) => [{ kind: 'link-up', namespace: id('netns:red'), dev: 'eth0' }],
    },
    'of a router': {
      make: furthermore(six, ['router', 'ip link set ra down']),
      actions: ({ id }) => [{ kind: 'link-up', namespace: id('netns:router'), dev: 'ra' }],
    },
    'whose peer is down': {
      make: furthermore(routedPair, ['red', 'ip link set eth0 down'], ['router', 'ip link set ra down']),
      actions: ({ id }) => [{ kind: 'link-up', namespace: id('netns:red'), dev: 'eth0' }],
    },
    'both ends of a wire': {
      make: furthermore(six, ['red', 'ip link set eth0 down'], ['router', 'ip link set ra down']),
      actions: ({ id }) => [
        { kind: 'link-up', namespace: id('netns:red'), dev: 'eth0' },
        { kind: 'link-up', namespace: id('netns:router'), dev: 'ra' },
      ],
    },
    'the only port of a bridge': {
      make: furthermore(
        async (net) => {
          await net.namespaces('red');
          await net.wire('red/eth0 10.0.0.2/24', 'host/vr');
          await net.bridge('host/br0 10.0.0.1/24', 'vr');
        },
        ['host', 'ip link set vr down'],
      ),
      actions: ({ id }) => [{ kind: 'link-up', namespace: id('host'), dev: 'vr' }],
    },
    'a bridge': {
      make: furthermore(bridgedPair, ['host', 'ip link set br0 down']),
      actions: ({ id }) => [{ kind: 'link-up', namespace: id('host'), dev: 'br0' }],
    },
    loopback: {
      make: furthermore(six, ['red', 'ip link set lo down']),
      actions: ({ id }) => [{ kind: 'link-up', namespace: id('netns:red'), dev: 'lo' }],
    },
    'what a macvlan stands on': {
      make: furthermore(macvlans, ['node', 'ip link set eth0 down']),
      actions: ({ id }) => [{ kind: 'link-up', namespace: id('netns:node'), dev: 'eth0' }],
    },
  },
  'make-bridge': {
    'with a port': {
      make: furthermore(
        async (net) => {
          await net.namespaces('red');
          await net.wire('red/eth0 10.0.0.2/24', 'host/vr');
          await net.bridge('host/br0 10.0.0.1/24 fd00::1/64', 'vr');
        },
        ['host', 'ip link delete br0'],
      ),
      actions: ({ id }) => [
        {
          kind: 'make-bridge',
          namespace: id('host'),
          bridge: 'br0',
          mac: '02:42:0a:00:00:01',
          addresses: [
            { address: '10.0.0.1', length: 24 },
            { address: 'fd00::1', length: 64 },
          ],
        },
        { kind: 'set-master', namespace: id('host'), dev: 'vr', bridge: 'br0' },
      ],
    },
  },
  'set-master': {
    'beside other ports': {
      make: furthermore(bridgedPair, ['host', 'ip link set vr nomaster']),
      actions: ({ id }) => [{ kind: 'set-master', namespace: id('host'), dev: 'vr', bridge: 'br0' }],
    },
    'as the only port': {
      make: furthermore(
        async (net) => {
          await net.namespaces('red');
          await net.wire('red/eth0 10.0.0.2/24', 'host/vr');
          await net.bridge('host/br0 10.0.0.1/24 fd00::1/64', 'vr');
        },
        ['host', 'ip link set vr nomaster'],
      ),
      actions: ({ id }) => [{ kind: 'set-master', namespace: id('host'), dev: 'vr', bridge: 'br0' }],
    },
    'with a smaller MTU': {
      make: furthermore(
        bridgedPair,
        ['host', 'ip link set vr nomaster'],
        ['host', 'ip link set vr mtu 1400'],
      ),
      actions: ({ id }) => [{ kind: 'set-master', namespace: id('host'), dev: 'vr', bridge: 'br0' }],
    },
  },
  'stop-snooping': {
    'of a bridge that asks who has joined which group': {
      make: furthermore(
        bridgedPair,
        ['host', 'ip link set br0 type bridge mcast_querier 1'],
        ['host', 'bridge mdb add dev br0 port vr grp 239.1.1.1 permanent'],
      ),
      actions: ({ id }) => [{ kind: 'stop-snooping', namespace: id('host'), bridge: 'br0' }],
    },
  },
  'open-port': {
    'each thing': {
      make: furthermore(
        bridgedPair,
        ['host', 'bridge link set dev vr isolated on'],
        ['host', 'bridge link set dev vr flood off'],
        ['host', 'ip link set dev vr type bridge_slave proxy_arp on'],
        ['host', 'bridge link set dev vb state 4'],
      ),
      actions: ({ id }) => [
        { kind: 'open-port', namespace: id('host'), dev: 'vr', what: 'isolated' },
        { kind: 'open-port', namespace: id('host'), dev: 'vr', what: 'flood' },
        { kind: 'open-port', namespace: id('host'), dev: 'vr', what: 'proxied' },
        { kind: 'open-port', namespace: id('host'), dev: 'vr', what: 'hairpin' },
        { kind: 'open-port', namespace: id('host'), dev: 'vb', what: 'state' },
      ],
    },
  },
  'set-mac': {
    'of a bridge’s port': {
      make: bridgedPair,
      actions: ({ id }) => [{ kind: 'set-mac', namespace: id('host'), dev: 'vr', mac: '00:00:00:00:00:01' }],
    },
    'of an end': {
      make: furthermore(six, ['red', `ip neighbour add 10.0.1.9 lladdr ${MAC} dev eth0 nud permanent`]),
      actions: ({ id }) => [{ kind: 'set-mac', namespace: id('netns:red'), dev: 'eth0', mac: MAC }],
    },
  },
  'set-mtu': {
    'of a bridge’s port': {
      make: bridgedPair,
      actions: ({ id }) => [{ kind: 'set-mtu', namespace: id('host'), dev: 'vr', mtu: 1400 }],
    },
    'of an end': {
      make: six,
      actions: ({ id }) => [{ kind: 'set-mtu', namespace: id('netns:red'), dev: 'eth0', mtu: 1300 }],
    },
  },
  'forget-mac': {
    'what was written': {
      make: furthermore(bridgedPair, ['host', `bridge fdb replace ${MAC} dev vr master static`]),
      actions: ({ id }) => [
        {
          ...{ kind: 'forget-mac', namespace: id('host'), bridge: 'br0', port: 'vr' },
          ...{ mac: MAC, state: 'static' },
        },
      ],
    },
  },
} satisfies Partial<Record<Kind, RowsOf>>;
