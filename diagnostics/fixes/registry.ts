import type { FixStep } from '../model/diagnosis.ts';
import type { NamespaceId } from '../model/ids.ts';
import type { Language } from '../model/language.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { acceptRa, type AcceptRa } from './actions/accept-ra.ts';
import { addAddress, type AddAddress } from './actions/add-address.ts';
import { addLocalRoute, type AddLocalRoute } from './actions/add-local-route.ts';
import { addIpvlan, type AddIpvlan } from './actions/add-ipvlan.ts';
import {
  allowWireguard,
  pointWireguard,
  type AllowWireguard,
  type PointWireguard,
} from './actions/wireguard-peer.ts';
import { addMacvlan, type AddMacvlan } from './actions/add-macvlan.ts';
import { addNeighbour, type AddNeighbour } from './actions/add-neighbour.ts';
import { addPolicyRule, type AddPolicyRule } from './actions/add-policy-rule.ts';
import { addProxyNeighbour, type AddProxyNeighbour } from './actions/add-proxy-neighbour.ts';
import { allowPastIpsec, type AllowPastIpsec } from './actions/allow-past-ipsec.ts';
import { allowSource, type AllowSource } from './actions/allow-source.ts';
import { forgetSource, type ForgetSource } from './actions/forget-source.ts';
import { forgetMac, type ForgetMac } from './actions/forget-mac.ts';
import { pointTunnel, type PointTunnel } from './actions/point-tunnel.ts';
import { remakeTunnel, type RemakeTunnel } from './actions/remake-tunnel.ts';
import { removeAddress, type RemoveAddress } from './actions/remove-address.ts';
import { renumber, type Renumber } from './actions/renumber.ts';
import { setMac, type SetMac } from './actions/set-mac.ts';
import { setMacvlanMode, type SetMacvlanMode } from './actions/set-macvlan-mode.ts';
import { changeTunnel, type ChangeTunnel } from './actions/change-tunnel.ts';
import { changeNextHop, type ChangeNextHop } from './actions/change-next-hop.ts';
import { changeFlow, type ChangeFlow } from './actions/change-flow.ts';
import { setOvsTag, type SetOvsTag } from './actions/set-ovs-tag.ts';
import { setPortVlan, type SetPortVlan } from './actions/set-port-vlan.ts';
import { addOvsPort, type AddOvsPort } from './actions/add-ovs-port.ts';
import { setOffload, type SetOffload } from './actions/set-offload.ts';
import { addRoute, type AddRoute } from './actions/add-route.ts';
import { askInstead, type AskInstead } from './actions/ask-instead.ts';
import { clampMss, type ClampMss } from './actions/clamp-mss.ts';
import { bypassProxy, type BypassProxy } from './actions/bypass-proxy.ts';
import { changeTrafficControl, type ChangeTrafficControl } from './actions/change-traffic-control.ts';
import { connectNetwork, type ConnectNetwork } from './actions/connect-network.ts';
import { createNetwork, type CreateNetwork } from './actions/create-network.ts';
import { deleteConnection, type DeleteConnection } from './actions/delete-connection.ts';
import { deleteIpsecPolicy, type DeleteIpsecPolicy } from './actions/delete-ipsec-policy.ts';
import { deleteNeighbour, type DeleteNeighbour } from './actions/delete-neighbour.ts';
import { deletePolicyRule, type DeletePolicyRule } from './actions/delete-policy-rule.ts';
import { deleteRoute, type DeleteRoute } from './actions/delete-route.ts';
import { deleteRule, type DeleteRule } from './actions/delete-rule.ts';
import { drainQueue, type DrainQueue } from './actions/drain-queue.ts';
import { editResolver, type EditResolver } from './actions/edit-resolver.ts';
import { insertRule, type InsertRule } from './actions/insert-rule.ts';
import { arpOn, type ArpOn } from './actions/arp-on.ts';
import { leaveSet, type LeaveSet } from './actions/leave-set.ts';
import { linkUp, type LinkUp } from './actions/link-up.ts';
import { openPort, type OpenPort } from './actions/open-port.ts';
import { stopSnooping, type StopSnooping } from './actions/stop-snooping.ts';
import { makeBridge, type MakeBridge } from './actions/make-bridge.ts';
import { raiseConntrack, type RaiseConntrack } from './actions/raise-conntrack.ts';
import { replaceAddress, type ReplaceAddress } from './actions/replace-address.ts';
import { replaceRoute, type ReplaceRoute } from './actions/replace-route.ts';
import { restartEngine, type RestartEngine } from './actions/restart-engine.ts';
import { retryAddress, type RetryAddress } from './actions/retry-address.ts';
import { serve, type Serve } from './actions/serve.ts';
import { setMaster, type SetMaster } from './actions/set-master.ts';
import { setIpvlanBridge, type SetIpvlanBridge } from './actions/set-ipvlan-bridge.ts';
import { setMtu, type SetMtu } from './actions/set-mtu.ts';
import { setPolicy, type SetPolicy } from './actions/set-policy.ts';
import { startContainer, type StartContainer } from './actions/start-container.ts';
import { writeSysctl, type WriteSysctl } from './actions/write-sysctl.ts';
import { labelOf, type ActionKind, type ActionText } from './action.ts';
import { tellNameServer, type TellNameServer } from './actions/tell-name-server.ts';
import { permanentByFirewall } from './firewall-keeper.ts';
import { permanentByEngine } from './permanent.ts';

/** Everything a fix can consist of. */
export type FixAction =
  | AcceptRa
  | AddAddress
  | AddLocalRoute
  | AddIpvlan
  | AddMacvlan
  | MakeBridge
  | AllowWireguard
  | PointWireguard
  | AddNeighbour
  | AddPolicyRule
  | AddProxyNeighbour
  | AllowPastIpsec
  | SetOffload
  | AddOvsPort
  | AllowSource
  | ForgetMac
  | ForgetSource
  | PointTunnel
  | RemakeTunnel
  | RemoveAddress
  | Renumber
  | SetMac
  | SetMacvlanMode
  | ChangeFlow
  | ChangeNextHop
  | ChangeTunnel
  | SetOvsTag
  | SetPortVlan
  | AddRoute
  | AskInstead
  | BypassProxy
  | ClampMss
  | ChangeTrafficControl
  | ConnectNetwork
  | CreateNetwork
  | DeleteConnection
  | DeleteIpsecPolicy
  | DeleteNeighbour
  | DeletePolicyRule
  | DeleteRoute
  | DeleteRule
  | DrainQueue
  | EditResolver
  | InsertRule
  | ArpOn
  | LeaveSet
  | LinkUp
  | OpenPort
  | StopSnooping
  | RaiseConntrack
  | ReplaceAddress
  | ReplaceRoute
  | RestartEngine
  | RetryAddress
  | Serve
  | SetMaster
  | SetMtu
  | SetIpvlanBridge
  | SetPolicy
  | StartContainer
  | TellNameServer
  | WriteSysctl;

type Kinds = { readonly [K in FixAction['kind']]: ActionKind<Extract<FixAction, { kind: K }>> };

const KINDS: Kinds = {
  'accept-ra': acceptRa,
  'add-address': addAddress,
  'add-local-route': addLocalRoute,
  'add-ipvlan': addIpvlan,
  'add-macvlan': addMacvlan,
  'make-bridge': makeBridge,
  'allow-wireguard': allowWireguard,
  'point-wireguard': pointWireguard,
  'add-neighbour': addNeighbour,
  'add-policy-rule': addPolicyRule,
  'add-proxy-neighbour': addProxyNeighbour,
  'allow-past-ipsec': allowPastIpsec,
  'set-ipvlan-bridge': setIpvlanBridge,
  'set-offload': setOffload,
  'arp-on': arpOn,
  'add-ovs-port': addOvsPort,
  'allow-source': allowSource,
  'forget-mac': forgetMac,
  'forget-source': forgetSource,
  'point-tunnel': pointTunnel,
  'remake-tunnel': remakeTunnel,
  'remove-address': removeAddress,
  renumber,
  'set-mac': setMac,
  'set-macvlan-mode': setMacvlanMode,
  'change-flow': changeFlow,
  'change-next-hop': changeNextHop,
  'change-tunnel': changeTunnel,
  'set-ovs-tag': setOvsTag,
  'set-port-vlan': setPortVlan,
  'add-route': addRoute,
  'ask-instead': askInstead,
  'bypass-proxy': bypassProxy,
  'clamp-mss': clampMss,
  'change-traffic-control': changeTrafficControl,
  'connect-network': connectNetwork,
  'create-network': createNetwork,
  'delete-connection': deleteConnection,
  'delete-ipsec-policy': deleteIpsecPolicy,
  'delete-neighbour': deleteNeighbour,
  'delete-policy-rule': deletePolicyRule,
  'delete-route': deleteRoute,
  'delete-rule': deleteRule,
  'drain-queue': drainQueue,
  'edit-resolver': editResolver,
  'insert-rule': insertRule,
  'leave-set': leaveSet,
  'link-up': linkUp,
  'open-port': openPort,
  'stop-snooping': stopSnooping,
  'raise-conntrack': raiseConntrack,
  'replace-address': replaceAddress,
  'replace-route': replaceRoute,
  'restart-engine': restartEngine,
  'retry-address': retryAddress,
  serve,
  'set-master': setMaster,
  'set-mtu': setMtu,
  'set-policy': setPolicy,
  'start-container': startContainer,
  'tell-name-server': tellNameServer,
  'write-sysctl': writeSysctl,
};

/** The compiler cannot see that a kind and its own action go together; the table's type says so. */
const kindOf = (action: FixAction): ActionKind<FixAction> => KINDS[action.kind] as ActionKind<FixAction>;

/** The facts as they will be once the action's commands have run. */
export const changeBy = (action: FixAction, snapshot: Snapshot): Snapshot =>
  kindOf(action).change(action, snapshot);

/** The commands of an action, in order, for the machine as the facts describe it. */
export const stepsOf = (action: FixAction, snapshot: Snapshot): readonly FixStep[] =>
  kindOf(action).steps(action, snapshot);

/** The commands that take the action back; made from the facts before it. */
export const undoOf = (action: FixAction, snapshot: Snapshot): readonly FixStep[] =>
  kindOf(action).undo(action, snapshot);

/**
 * How an action is said, and how it lasts over a reboot: as whoever made the thing (an engine, a firewall manager) keeps it.
 */
export function textOfAction(action: FixAction, snapshot: Snapshot, language: Language): ActionText {
  const namespace = namespaceOf(action);
  const text = kindOf(action).text[language](action, namespace === null ? '' : labelOf(snapshot, namespace));
  if (text.permanent === null || namespace === null) return text;
  const byMaker =
    permanentByEngine({ ...action, namespace }, snapshot, language) ??
    (isOfFirewall(action) ? permanentByFirewall(action, snapshot, language) : null);
  return byMaker === null ? text : { ...text, permanent: byMaker };
}

const isOfFirewall = (action: FixAction): action is InsertRule | DeleteRule | SetPolicy =>
  action.kind === 'insert-rule' || action.kind === 'delete-rule' || action.kind === 'set-policy';

function namespaceOf(action: FixAction): NamespaceId | null {
  if ('namespace' in action) return action.namespace;
  return 'place' in action ? action.place.namespace : null;
}
