import { MAC, macvlans, furthermore, type Kind, type RowsOf, type Row } from './row.ts';

const tunnels: Row['make'] = async (net) => {
  await net.namespaces('n1', 'n2');
  await net.wire('n1/eth0 10.1.0.1/24', 'n2/eth0 10.1.0.2/24');
  await net.run('n1', 'ip link add vx0 type vxlan id 42 dstport 4789 remote 10.1.0.2');
  await net.run('n1', 'ip address add 10.9.0.1/24 dev vx0');
  await net.run('n1', 'ip address add fd09::1/64 dev vx0 nodad');
  await net.run('n1', 'ip link set vx0 up');
  await net.run('n1', 'ip route add 10.77.0.0/16 via 10.9.0.2');
  await net.run('n1', 'ip neighbour add 10.9.0.5 lladdr 02:00:00:00:00:05 dev vx0 nud permanent');
  await net.run('n1', 'bridge fdb append 02:00:00:00:00:05 dev vx0 dst 10.1.0.2');
};

export const STACKED_ROWS = {
  'add-macvlan': {
    'of a host': {
      make: macvlans,
      actions: ({ id }) => [
        {
          ...{ kind: 'add-macvlan', namespace: id('netns:node'), lower: 'eth0', name: 'mvhost' },
          ...{ address: '10.0.0.10', source: '10.0.0.1' },
        },
      ],
      drawn: ['mvhost'],
    },
  },
  'set-macvlan-mode': {
    'of a container': {
      make: macvlans,
      actions: ({ id }) => [{ kind: 'set-macvlan-mode', namespace: id('netns:c0'), dev: 'mv0' }],
    },
  },
  'allow-source': {
    'of a container': {
      make: furthermore(
        macvlans,
        ['c0', 'ip link set dev mv0 type macvlan mode source'],
        ['c0', `ip link set dev mv0 type macvlan macaddr add ${MAC}`],
      ),
      actions: ({ id }) => [
        { kind: 'allow-source', namespace: id('netns:c0'), dev: 'mv0', mac: '02:00:00:00:00:78' },
      ],
    },
  },
  'point-tunnel': {
    'everything, and one address': {
      make: tunnels,
      actions: ({ id }) => [
        {
          ...{ kind: 'point-tunnel', namespace: id('netns:n1'), dev: 'vx0', mac: '00:00:00:00:00:00' },
          ...{ before: '10.1.0.2', remote: '10.1.0.9' },
        },
        {
          ...{ kind: 'point-tunnel', namespace: id('netns:n1'), dev: 'vx0', mac: '02:00:00:00:00:05' },
          ...{ before: '10.1.0.2', remote: '10.1.0.8' },
        },
      ],
    },
  },
  'remake-tunnel': {
    'with all that goes with it': {
      make: tunnels,
      actions: ({ id }) => [
        { kind: 'remake-tunnel', namespace: id('netns:n1'), dev: 'vx0', id: 43, port: 8472 },
      ],
    },
  },
} satisfies Partial<Record<Kind, RowsOf>>;
