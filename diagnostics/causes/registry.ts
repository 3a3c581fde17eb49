import type { CauseKind } from './cause.ts';
import type { Finding } from './finding.ts';
import { addressUnknown } from './list/address-unknown.ts';
import { answersFromElsewhere } from './list/answers-from-elsewhere.ts';
import { arpFiltered } from './list/arp-filtered.ts';
import { bridgeMissing } from './list/bridge-missing.ts';
import { bridgePortBlocked } from './list/bridge-port-blocked.ts';
import { blackholeRoute } from './list/blackhole-route.ts';
import { broadcastAddress } from './list/broadcast-address.ts';
import { conntrackFull } from './list/conntrack-full.ts';
import { connectedRouteMissing } from './list/connected-route-missing.ts';
import { containerRestarting } from './list/container-restarting.ts';
import { containerStopped } from './list/container-stopped.ts';
import { containerWithoutNetwork } from './list/container-without-network.ts';
import { nameOfJoined } from './list/name-of-joined.ts';
import { defaultBridgeHasNoNames } from './list/default-bridge-has-no-names.ts';
import { directRoutingBlocked } from './list/direct-routing-blocked.ts';
import { dnatElsewhere } from './list/dnat-elsewhere.ts';
import { dockerChainsMissing } from './list/docker-chains-missing.ts';
import { dockerIsolation } from './list/docker-isolation.ts';
import { echoIgnored } from './list/echo-ignored.ts';
import { firewallsDisagree } from './list/firewalls-disagree.ts';
import { hairpin } from './list/hairpin.ts';
import { engineResolverBypassed } from './list/engine-resolver-bypassed.ts';
import { filterDrop } from './list/filter-drop.ts';
import { filterReject } from './list/filter-reject.ts';
import { forwardedForOthers } from './list/forwarded-for-others.ts';
import { gatewayUnreachable } from './list/gateway-unreachable.ts';
import { hostGatewayUnset } from './list/host-gateway-unset.ts';
import { iccDisabled } from './list/icc-disabled.ts';
import { interfaceDown } from './list/interface-down.ts';
import { internalNetwork } from './list/internal-network.ts';
import { ipsecBlocks } from './list/ipsec-blocks.ts';
import { ipsecRequired } from './list/ipsec-required.ts';
import { ipForwardOff } from './list/ip-forward-off.ts';
import { ipv6RaLost } from './list/ipv6-ra-lost.ts';
import { ipv6Disabled } from './list/ipv6-disabled.ts';
import { listenQueueFull } from './list/listen-queue-full.ts';
import { listensOnLoopback } from './list/listens-on-loopback.ts';
import { listensOutsideVrf } from './list/listens-outside-vrf.ts';
import { listensOnOtherAddress } from './list/listens-on-other-address.ts';
import { localhostConfusion } from './list/localhost-confusion.ts';
import { loopbackDown } from './list/loopback-down.ts';
import { missingMasquerade } from './list/missing-masquerade.ts';
import { martian } from './list/martian.ts';
import { moreSpecificRoute } from './list/more-specific-route.ts';
import { routingLoop } from './list/routing-loop.ts';
import { subnetOverlap } from './list/subnet-overlap.ts';
import { trafficControlDrop } from './list/traffic-control-drop.ts';
import { ttlExpired } from './list/ttl-expired.ts';
import { wrongDefaultGateway } from './list/wrong-default-gateway.ts';
import { mtuBlackHole } from './list/mtu-black-hole.ts';
import { nameNotKnown } from './list/name-not-known.ts';
import { nameOnOtherNetwork } from './list/name-on-other-network.ts';
import { neighbourUnresolved } from './list/neighbour-unresolved.ts';
import { ndpFiltered } from './list/ndp-filtered.ts';
import { noAddress } from './list/no-address.ts';
import { noCarrier } from './list/no-carrier.ts';
import { noFreePort } from './list/no-free-port.ts';
import { noListener } from './list/no-listener.ts';
import { noReturnRoute } from './list/no-return-route.ts';
import { noRoute } from './list/no-route.ts';
import { notAttachedToBridge } from './list/not-attached-to-bridge.ts';
import { policyRoute } from './list/policy-route.ts';
import { policyDrop } from './list/policy-drop.ts';
import { noResolver } from './list/no-resolver.ts';
import { portNotPublished } from './list/port-not-published.ts';
import { publishedOnLoopback, publishedOnOtherAddress } from './list/published-elsewhere.ts';
import { publishedInVain } from './list/published-in-vain.ts';
import { proxyNotListening } from './list/proxy-not-listening.ts';
import { proxyRouteMissing } from './list/proxy-route-missing.ts';
import { proxyVariable } from './list/proxy-variable.ts';
import { relayBackendDead } from './list/relay-backend-dead.ts';
import { resolverUnreachable } from './list/resolver-unreachable.ts';
import { rpFilter } from './list/rp-filter.ts';
import { signatureExpected } from './list/signature-expected.ts';
import { snatElsewhere } from './list/snat-elsewhere.ts';
import { staleConntrack } from './list/stale-conntrack.ts';
import { staleNeighbour } from './list/stale-neighbour.ts';
import { wrongPort } from './list/wrong-port.ts';
import { wrongPrefix } from './list/wrong-prefix.ts';
import { hostsFileOverride } from './list/hosts-file-override.ts';
import { natBypassed } from './list/nat-bypassed.ts';
import { nameCollision } from './list/name-collision.ts';
import { searchDomain } from './list/search-domain.ts';
import { stubResolverInContainer } from './list/stub-resolver-in-container.ts';
import { bridgeFirewalled } from './list/bridge-firewalled.ts';
import { macFiltered } from './list/mac-filtered.ts';
import { multicastSnooping } from './list/multicast-snooping.ts';
import { macvlanHostIsolation } from './list/macvlan-host-isolation.ts';
import { ipvlanFlag } from './list/ipvlan-flag.ts';
import { ipvlanHostIsolation } from './list/ipvlan-host-isolation.ts';
import { macvlanMode } from './list/macvlan-mode.ts';
import { staleFdb } from './list/stale-fdb.ts';
import { tunnelFdbMissing } from './list/tunnel-fdb-missing.ts';
import { tunnelMtu } from './list/tunnel-mtu.ts';
import { wireguardAllowedIps } from './list/wireguard-allowed-ips.ts';
import { wireguardNoEndpoint } from './list/wireguard-no-endpoint.ts';
import { tunnelPeerWrong } from './list/tunnel-peer-wrong.ts';
import { tunnelPortBlocked } from './list/tunnel-port-blocked.ts';
import { checksumOffload } from './list/checksum-offload.ts';
import { notTracked } from './list/not-tracked.ts';
import { ovsFlowDrop } from './list/ovs-flow-drop.ts';
import { userModeNetwork } from './list/user-mode-network.ts';
import { vlanMismatch } from './list/vlan-mismatch.ts';
import { tunnelIdMismatch, tunnelPortMismatch } from './list/tunnel-id-mismatch.ts';
import { duplicateAddress } from './list/duplicate-address.ts';
import { duplicateMac } from './list/duplicate-mac.ts';
import type { Situation } from './situation.ts';

/** In order of precedence: one failure has one cause, and the special supersedes the general. */
export const CAUSES: readonly CauseKind[] = [
  relayBackendDead,
  proxyVariable,
  containerRestarting,
  containerStopped,
  containerWithoutNetwork,
  userModeNetwork,
  hostGatewayUnset,
  nameOfJoined,
  defaultBridgeHasNoNames,
  nameOnOtherNetwork,
  engineResolverBypassed,
  noResolver,
  stubResolverInContainer,
  hostsFileOverride,
  searchDomain,
  nameCollision,
  resolverUnreachable,
  nameNotKnown,
  staleConntrack,
  conntrackFull,
  notTracked,
  ipv6Disabled,
  duplicateAddress,
  duplicateMac,
  interfaceDown,
  loopbackDown,
  bridgePortBlocked,
  ovsFlowDrop,
  checksumOffload,
  vlanMismatch,
  trafficControlDrop,
  macFiltered,
  multicastSnooping,
  macvlanHostIsolation,
  macvlanMode,
  ipvlanHostIsolation,
  ipvlanFlag,
  tunnelPortBlocked,
  tunnelIdMismatch,
  tunnelPortMismatch,
  staleFdb,
  wireguardAllowedIps,
  wireguardNoEndpoint,
  tunnelPeerWrong,
  bridgeMissing,
  notAttachedToBridge,
  noCarrier,
  staleNeighbour,
  tunnelFdbMissing,
  wrongPrefix,
  proxyRouteMissing,
  proxyNotListening,
  hairpin,
  natBypassed,
  dnatElsewhere,
  snatElsewhere,
  policyRoute,
  noAddress,
  connectedRouteMissing,
  internalNetwork,
  routingLoop,
  ttlExpired,
  moreSpecificRoute,
  subnetOverlap,
  wrongDefaultGateway,
  dockerChainsMissing,
  ipv6RaLost,
  missingMasquerade,
  noReturnRoute,
  broadcastAddress,
  noRoute,
  blackholeRoute,
  gatewayUnreachable,
  neighbourUnresolved,
  tunnelMtu,
  mtuBlackHole,
  addressUnknown,
  ipForwardOff,
  rpFilter,
  martian,
  dockerIsolation,
  iccDisabled,
  directRoutingBlocked,
  ndpFiltered,
  arpFiltered,
  firewallsDisagree,
  ipsecBlocks,
  ipsecRequired,
  bridgeFirewalled,
  policyDrop,
  filterReject,
  filterDrop,
  publishedInVain,
  localhostConfusion,
  publishedOnLoopback,
  publishedOnOtherAddress,
  wrongPort,
  portNotPublished,
  listensOnLoopback,
  listensOutsideVrf,
  listensOnOtherAddress,
  forwardedForOthers,
  noListener,
  listenQueueFull,
  signatureExpected,
  echoIgnored,
  noFreePort,
  answersFromElsewhere,
];

/** What stands in the way, or null where no cause of the list does. */
export function findCause(situation: Situation): Finding | null {
  for (const cause of CAUSES) {
    const finding = cause.find(situation);
    if (finding) return finding;
  }
  return null;
}
