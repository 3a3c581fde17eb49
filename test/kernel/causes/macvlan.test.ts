import { testCause } from '../../support/cause-case.ts';
import { disturb, hasty } from '../../support/hasty.ts';
import { macOf, type TestNetwork } from '../../support/network.ts';

/** A host whose uplink goes to a switch; two macvlan interfaces on the uplink, and another machine on the switch. */
const onUplink =
  (mode: string) =>
  async (net: TestNetwork): Promise<void> => {
    await net.namespaces('node', 'sw', 'far', 'c0', 'c1');
    await net.wire('node/eth0 10.0.0.1/24', 'sw/pn');
    await net.wire('far/eth0 10.0.0.2/24', 'sw/pf');
    await net.bridge('sw/br0', 'pn', 'pf');
    for (const [at, name] of ['c0', 'c1'].entries()) {
      await net.run('node', `ip link add link eth0 name mv0 netns ${name} type macvlan mode ${mode}`);
      await net.run(name, `ip address add 10.0.0.1${at}/24 dev mv0`);
      await net.run(name, 'ip link set mv0 up');
      await net.listen(name, { protocol: 'tcp', port: 80 });
    }
    for (const name of ['node', 'far']) await net.listen(name, { protocol: 'tcp', port: 80 });
    await hasty(net, 'node', 'far', 'c0', 'c1');
  };

/** The switch reflects: then all reach all. */
const reflecting = async (net: TestNetwork): Promise<void> => {
  await onUplink('vepa')(net);
  await disturb(net, 'sw', ['bridge link set dev pn hairpin on']);
};

/** What was learned while they met would be used for a while. */
const forget = async (net: TestNetwork): Promise<void> => {
  for (const name of ['node', 'far', 'c0', 'c1']) await net.run(name, 'ip neighbour flush all');
};

const still = async (net: TestNetwork): Promise<void> => {
  await disturb(net, 'sw', ['bridge link set dev pn hairpin off']);
  await forget(net);
};

testCause({
  fault: 'a container asks its own host, whose switch reflects no longer',
  healthy: async (net) => {
    await onUplink('bridge')(net);
    await disturb(net, 'sw', ['bridge link set dev pn hairpin on']);
  },
  breakIt: still,
  ask: { from: 'netns:c0', to: '10.0.0.1:80' },
  causes: ['macvlan-host-isolation'],
  at: ['netns:node'],
  drawn: ['macvlan0'],
  forget,
});

testCause({
  fault: 'a host asks its own container of mode vepa',
  healthy: reflecting,
  breakIt: still,
  ask: { from: 'netns:node', to: '10.0.0.10:80' },
  causes: ['macvlan-host-isolation'],
  at: ['netns:node'],
  drawn: ['macvlan0'],
  forget,
});

testCause({
  fault: 'two containers of mode vepa, whose switch reflects no longer',
  healthy: reflecting,
  breakIt: still,
  ask: { from: 'netns:c0', to: '10.0.0.11:80' },
  causes: ['macvlan-mode'],
  forget,
});

testCause({
  fault: 'one of two containers is private',
  healthy: onUplink('bridge'),
  breakIt: async (net) => {
    await net.run('c1', 'ip link set dev mv0 type macvlan mode private');
    await forget(net);
  },
  ask: { from: 'netns:c0', to: '10.0.0.11:80' },
  causes: ['macvlan-mode'],
  at: ['netns:c1'],
  forget,
});

testCause({
  fault: 'a container listens to certain senders only (mode source)',
  healthy: async (net) => {
    await onUplink('source')(net);
    const mac = await macOf(net, 'far', 'eth0');
    await net.run('c0', `ip link set dev mv0 type macvlan macaddr add ${mac}`);
  },
  breakIt: async (net) => {
    await net.run('c0', 'ip link set dev mv0 type macvlan macaddr flush');
    await forget(net);
  },
  ask: { from: 'netns:far', to: '10.0.0.10:80' },
  causes: ['mac-filtered'],
  at: ['netns:c0'],
  forget,
});

testCause({
  fault:
    'one of two containers on a bridge keeps away from the other, which still knows its hardware address',
  healthy: async (net) => {
    await net.namespaces('node', 'far', 'c0', 'c1');
    await net.wire('node/p0', 'far/eth0 10.0.0.2/24');
    await net.bridge('node/br0 10.0.0.1/24', 'p0');
    for (const [at, name] of ['c0', 'c1'].entries()) {
      await net.run('node', `ip link add link br0 name mv0 netns ${name} type macvlan mode bridge`);
      await net.run(name, `ip address add 10.0.0.1${at}/24 dev mv0`);
      await net.run(name, 'ip link set mv0 up');
      await net.listen(name, { protocol: 'tcp', port: 80 });
    }
    await hasty(net, 'node', 'far', 'c0', 'c1');
    await net.run('c0', `ip neighbour replace 10.0.0.11 lladdr ${await macOf(net, 'c1', 'mv0')} dev mv0`);
  },
  breakIt: async (net) => void (await net.run('c1', 'ip link set dev mv0 type macvlan mode vepa')),
  ask: { from: 'netns:c0', to: '10.0.0.11:80' },
  causes: ['macvlan-mode'],
  at: ['netns:c1'],
});
