import { testCause } from '../../support/cause-case.ts';
import { macOf, type TestNetwork } from '../../support/network.ts';
import { bridgedPair, bridgedPair6 } from '../../support/pairs.ts';

const ask = { from: 'netns:red', to: '10.0.0.3:80' };

const forget = async (net: TestNetwork): Promise<void> => {
  for (const name of ['red', 'blue']) await net.run(name, 'ip neighbour flush all');
};

/** A late packet of blue's would ask for red, who learns of blue by that: nothing is under way any more. */
const forgetInQuiet = async (net: TestNetwork): Promise<void> => {
  const closed = 'until [ -z "$(ss -Htn state connected exclude time-wait)" ]; do :; done';
  await net.run('blue', ['sh', '-c', closed]);
  await forget(net);
};

const forgetBoth = async (net: TestNetwork): Promise<void> => {
  for (const name of ['red', 'blue']) await net.run(name, 'ip -6 neighbour flush all');
};

testCause({
  fault: 'the sender’s port is locked, and does not know it',
  healthy: bridgedPair,
  breakIt: async (net) => {
    await net.run('host', 'bridge link set dev vr learning off locked on');
    await net.run('host', `bridge fdb del ${await macOf(net, 'red', 'eth0')} dev vr master`);
    await forget(net);
  },
  ask,
  causes: ['mac-filtered'],
  at: ['host'],
  forget,
});

testCause({
  fault: 'the bridge may not try the receiver’s port, and never learns there',
  healthy: bridgedPair,
  breakIt: async (net) => {
    await net.run('host', 'bridge link set dev vb learning off flood off');
    await net.run('host', `bridge fdb del ${await macOf(net, 'blue', 'eth0')} dev vb master`);
    await forget(net);
  },
  ask,
  causes: ['mac-filtered'],
  at: ['host'],
});

testCause({
  fault: 'the bridge learns nothing, and answers for those behind a port, to which it floods nothing',
  healthy: bridgedPair,
  breakIt: async (net) => {
    await net.run('host', 'ip link set br0 type bridge ageing_time 0');
    await net.run('host', 'ip link set dev vr type bridge_slave proxy_arp on');
    await forget(net);
  },
  ask,
  causes: ['mac-filtered'],
  at: ['host'],
});

testCause({
  fault: 'the bridge sends no multicasts to the receiver: IPv6 asks for neighbours by these',
  healthy: bridgedPair6,
  breakIt: async (net) => {
    await net.run('host', 'bridge link set dev vb mcast_flood off');
    await forgetBoth(net);
  },
  ask: { from: 'netns:red', to: '[fd00::3]:80' },
  causes: ['mac-filtered'],
  at: ['host'],
  forget: forgetBoth,
});

testCause({
  fault: 'the bridge sends no broadcasts to the receiver',
  healthy: bridgedPair,
  breakIt: async (net) => {
    await net.run('host', 'bridge link set dev vb bcast_flood off');
    await forgetInQuiet(net);
  },
  ask,
  causes: ['mac-filtered'],
  at: ['host'],
  forget: forgetInQuiet,
});

testCause({
  fault: 'an entry of the bridge that was written leads to another port',
  healthy: async (net) => {
    await bridgedPair(net);
    await net.namespaces('green');
    await net.wire('green/eth0 10.0.0.4/24', 'host/vg');
    await net.run('host', 'ip link set vg master br0');
  },
  breakIt: async (net) => {
    const mac = await macOf(net, 'blue', 'eth0');
    await net.run('host', 'bridge link set dev vb learning off');
    await net.run('host', `bridge fdb replace ${mac} dev vg master static`);
  },
  ask,
  causes: ['stale-fdb'],
  at: ['host'],
});

testCause({
  fault: 'an entry was written without “static”: the bridge takes the address for its own',
  healthy: bridgedPair,
  breakIt: async (net) => {
    await net.run('host', `bridge fdb replace ${await macOf(net, 'blue', 'eth0')} dev vb master permanent`);
  },
  ask,
  causes: ['stale-fdb'],
  at: ['host'],
});
