import { ADDRESS_ROWS } from './address-rows.ts';
import { FIREWALL_ROWS } from './firewall-rows.ts';
import { LINK_ROWS } from './link-rows.ts';
import { ROUTE_ROWS } from './route-rows.ts';
import { STACKED_ROWS } from './stacked-rows.ts';
import type { Kind, RowsOf } from './row.ts';

/**
 * Every kind of action, run for real and compared with what it is on paper. A new kind does not compile without a row, or a reason
 * why it has none.
 */
export const ROWS: Readonly<Record<Kind, RowsOf>> = {
  ...ADDRESS_ROWS,
  ...LINK_ROWS,
  ...ROUTE_ROWS,
  ...FIREWALL_ROWS,
  ...STACKED_ROWS,
  'set-offload':
    'what one offload is for, others hang on: applied and undone in causes/checksum-offload.test.ts',
  'add-ovs-port': 'needs a running Open vSwitch: applied and undone in causes/not-attached-to-switch.test.ts',
  'change-tunnel': 'the kernel of the tests has no tunnels but vxlan',
  'change-flow': 'needs a running Open vSwitch: applied and undone in causes/ovs-flow-drop.test.ts',
  'set-ovs-tag': 'needs a running Open vSwitch: applied and undone in causes/ovs-flow-drop.test.ts',
  'allow-wireguard': 'the kernel of the tests has no WireGuard',
  'point-wireguard': 'the kernel of the tests has no WireGuard',
  'add-ipvlan': 'the kernel of the tests has no ipvlan',
  'set-ipvlan-bridge': 'the kernel of the tests has no ipvlan',
  'set-port-vlan': 'the kernel of the tests has no bridges that filter by VLAN',
  'accept-ra': 'compared by the kernel tests of ipv6-ra-lost',
  'allow-past-ipsec': 'policies are not compared; the kernel tests of ipsec see that it helps',
  'delete-ipsec-policy': 'policies are not compared; the kernel tests of ipsec see that it helps',
  'change-traffic-control':
    'queues are not compared; the kernel tests of traffic-control-drop see that it helps',
  'raise-conntrack': 'the limit is written in the initial namespace only',
  'delete-connection':
    'compared by the kernel tests of stale-conntrack: what it deletes is a connection of a program’s',
  'edit-resolver': 'files are compared by the kernel tests of name files',
  'drain-queue': 'a person does it',
  serve: 'a person does it',
  'ask-instead': 'the question changes, no fact does',
  'bypass-proxy': 'a person does it',
  'restart-engine': 'the rules are the engine’s; the Docker tests see that it helps',
  'start-container': 'on paper it changes nothing',
  'tell-name-server': 'a person does it',
  'connect-network': 'addresses are the engine’s choice; the Docker tests see that it helps',
  'create-network': 'addresses are the engine’s choice; the Docker tests see that it helps',
};
