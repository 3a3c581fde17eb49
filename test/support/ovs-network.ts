import type { OpenvSwitch } from './openvswitch.ts';
import type { TestNetwork } from './network.ts';

/** A namespace on a port of a switch: `red/eth0 10.0.0.2/24`, and the port's name. Checksums are made before AF_PACKET looks. */
export async function plugIn(
  net: TestNetwork,
  ovs: OpenvSwitch,
  bridge: string,
  end: string,
  port: string,
): Promise<void> {
  const [namespace = ''] = end.split('/');
  await net.wire(end, `host/${port}`);
  await net.run(namespace, 'ethtool -K eth0 tx off');
  await ovs.vsctl('add-port', bridge, port);
}

export const addSwitch = async (ovs: OpenvSwitch, bridge: string): Promise<void> =>
  void (await ovs.vsctl('add-br', bridge, '--', 'set', 'bridge', bridge, 'datapath_type=netdev'));

/** red and blue on a switch of the host's, blue with a server on port 80. */
export async function switchedPair(net: TestNetwork, ovs: OpenvSwitch): Promise<void> {
  await net.namespaces('red', 'blue');
  await addSwitch(ovs, 'br0');
  await plugIn(net, ovs, 'br0', 'red/eth0 10.0.0.2/24', 'vr');
  await plugIn(net, ovs, 'br0', 'blue/eth0 10.0.0.3/24', 'vb');
  await net.listen('blue', { protocol: 'tcp', port: 80 });
}
