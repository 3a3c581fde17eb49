import type { RuleReference } from '../../diagnostics/model/trace.ts';
import type { TraceWords } from './words.ts';

const BACKENDS: Readonly<Record<RuleReference['backend'], string>> = {
  legacy: 'iptables (legacy)',
  'iptables-nft': 'iptables (nft)',
  nft: 'nftables',
};

const rule = (by: RuleReference): string => {
  const place = `chain ${by.chain}, table ${by.family} ${by.table}, ${BACKENDS[by.backend]}`;
  return by.rule ? `rule ${by.rule.number} of ${place}` : `the policy of ${place}`;
};

/** `10.0.0.2:41000` needs its colon explained to nobody; ICMP has no ports. */
const ends = (packet: {
  readonly source: string;
  readonly destination: string;
  readonly protocol: string;
  readonly destinationPort: number;
}): string => {
  const port =
    packet.protocol !== 'tcp' && packet.protocol !== 'udp' ? '' : ` port ${packet.destinationPort}`;
  return `from ${packet.source} to ${packet.destination}${port}`;
};

export const english: TraceWords = {
  rule,
  step: {
    send: ({ packet }) => `Makes a ${packet.protocol.toUpperCase()} packet ${ends(packet)}.`,
    route: ({ destination, route, via, dev }) => {
      if (!route) return `No route leads to ${destination}.`;
      switch (route.type) {
        case 'local':
          return `${destination} is an address of its own: the packet stays here.`;
        case 'blackhole':
          return `The route to ${destination} is a black hole: the packet is discarded.`;
        case 'unreachable':
          return `The route to ${destination} says: unreachable.`;
        case 'prohibit':
          return `The route to ${destination} says: prohibited.`;
        case 'unicast':
        case 'broadcast':
        case 'anycast':
        case 'multicast':
        case 'throw':
          return `The route to ${destination} leads ${via ? `to the gateway ${via} ` : ''}out of ${dev ?? 'an unknown interface'}${via ? '' : ', where the destination is a neighbour'}.`;
      }
    },
    filter: ({ verdict, decidedBy, answer }) => {
      const by = rule(decidedBy);
      if (verdict === 'accept') return `The ${decidedBy.hook} hook lets it pass: ${by}.`;
      if (verdict === 'drop') return `The ${decidedBy.hook} hook drops it in silence: ${by}.`;
      return `The ${decidedBy.hook} hook rejects it${answer ? ` with ${answer}` : ''}: ${by}.`;
    },
    translate: ({ what, before, after, decidedBy }) =>
      `The ${what} ${before} becomes ${after}: ${decidedBy ? rule(decidedBy) : 'an earlier translation, remembered by connection tracking'}.`,
    neighbour: ({ address, dev, mac, by }) => {
      switch (by) {
        case 'table':
          return `The neighbour table on ${dev} knows ${address}${mac ? ` as ${mac}` : ''}.`;
        case 'owner':
          return `Asked on ${dev}, the owner of ${address} answers${mac ? ` from ${mac}` : ''}.`;
        case 'nobody':
          return `Asked on ${dev}, nobody answers for ${address}.`;
      }
    },
    transmit: ({ dev, problem }) => {
      if (!problem) return `Leaves by ${dev}.`;
      switch (problem) {
        case 'down':
          return `Cannot leave: ${dev} is down.`;
        case 'no-carrier':
          return `Cannot leave: ${dev} has no carrier, so its other end is down or gone.`;
      }
    },
    receive: ({ dev, problem }) => {
      if (!problem) return `Arrives on ${dev}.`;
      switch (problem) {
        case 'down':
          return `Is lost on arrival: ${dev} is down.`;
        case 'waits':
          return `${dev} throws it away: its bond sends and receives by another interface.`;
        case 'not-for-this-mac':
          return `Is ignored by ${dev}: it carries another MAC address.`;
        case 'for-many':
          return `Is thrown away: its frame was for everybody on the network of ${dev}, not for one machine.`;
        case 'no-such-vlan':
          return `Is ignored by ${dev}: it is tagged for a VLAN that is not there.`;
        case 'ipv6-off':
          return `Is thrown away by ${dev}: IPv6 is switched off there.`;
      }
    },
    bridge: ({ bridge, inPort, outPort, by, problem, group }) => {
      const port = outPort ?? 'a port';
      switch (problem ?? null) {
        case null:
          break;
        case 'port-not-forwarding':
          return `Bridge ${bridge} discards it: a port is not in the forwarding state.`;
        case 'isolated':
          return `Bridge ${bridge} discards it: ${inPort ?? 'the ingress port'} and ${port} are isolated from each other.`;
        case 'hairpin-off':
          return `Bridge ${bridge} will not send it back out of ${inPort ?? 'the port it came from'}: hairpin mode is off.`;
        case 'bridge-down':
          return `Bridge ${bridge} is down.`;
        case 'no-port-leads-there':
          return `No port of bridge ${bridge} leads to the destination's MAC address.`;
        case 'vlan':
          return outPort === null
            ? `Bridge ${bridge} discards it: ${inPort ?? bridge} is not in its VLAN.`
            : `Bridge ${bridge} discards it: ${outPort} is not in its VLAN.`;
        case 'locked':
          return `Bridge ${bridge} discards it: ${inPort ?? 'the port'} is locked, and its table does not have the sender there.`;
        case 'not-flooded':
          return `Bridge ${bridge} does not know where the MAC address is, and may not flood to ${port}.`;
        case 'not-broadcast':
          return `Bridge ${bridge} sends no broadcasts out by ${port}.`;
        case 'not-joined':
          return `Bridge ${bridge} keeps it from ${outPort ?? 'its own stack'}: nobody there has joined the group ${group ?? ''}.`;
        case 'not-multicast':
          return `Bridge ${bridge} sends no multicasts out by ${port}.`;
      }
      switch (by) {
        case 'local':
          return `Bridge ${bridge} takes it for itself.`;
        case 'fdb':
          return `Bridge ${bridge} sends it out of ${port}, where it has learnt the MAC address.`;
        case 'flood':
          return `Bridge ${bridge} floods it to every port; ${port} leads to the destination.`;
      }
    },
    flow: ({ bridge, table, flow, verdict, outPort }) =>
      flow === null
        ? `Open vSwitch ${bridge} has no flow for it in table ${table}, and drops it.`
        : verdict === 'dropped'
          ? `A flow of Open vSwitch ${bridge} drops it.`
          : `A flow of Open vSwitch ${bridge} sends it elsewhere${outPort === null ? '' : `, by ${outPort}`}.`,
    macvlan: ({ lower, dev, mode, problem }) => {
      switch (problem) {
        case 'host-and-child':
          return `${dev} stands on ${lower}: what one of them sends, the other never hears.`;
        case 'siblings':
          return `${dev} stands on ${lower} in mode ${mode}: it does not meet its siblings there.`;
        case 'source':
          return `${dev} takes frames of certain senders only, and this is not one of them.`;
      }
    },
    tunnel: ({ dev, tunnel, id, remote, problem }) => {
      switch (problem ?? null) {
        case null:
          return `Goes through the ${tunnel} tunnel ${dev}${id === null ? '' : `, number ${id}`}${remote === null ? '' : `; other end: ${remote}`}.`;
        case 'no-entry':
          return `The tunnel ${dev} knows no remote for this MAC address: it is dropped.`;
        case 'other-id':
          return `The tunnel at the other end of ${dev} does not have the number ${id ?? ''}.`;
        case 'other-port':
          return `The tunnel at the other end of ${dev} uses another port.`;
        case 'sender-elsewhere':
          return `${dev} drops it: it takes nothing from ${remote ?? 'this remote'} for this sender.`;
        case 'own-mac':
          return `${dev} takes it for a frame of its own that came back, as its sender has the same MAC address: it is dropped.`;
        case 'other-options':
          return `The two ends of ${dev} disagree on the header (checksum, counter) or on what is carried: it is dropped.`;
        case 'other-family':
          return `${dev} carries the other IP family only: it is dropped.`;
        case 'no-peer':
          return `No peer of ${dev} has the destination among its allowed addresses.`;
        case 'no-endpoint':
          return `${dev} does not know the address of the peer.`;
        case 'unknown-key':
          return `The keys of the two ends of ${dev} do not belong together: it is dropped.`;
        case 'source-not-allowed':
          return `${dev} drops it: the peer may not send from this source address.`;
      }
    },
    forward: ({ dev, enabled, claimed }) =>
      claimed
        ? `A rule gave the packet to the socket on port ${claimed.port} here (TPROXY), and its route leads elsewhere: it is dropped.`
        : enabled
          ? `Forwarding is on for ${dev}: it passes the packet on.`
          : `Forwarding is off for ${dev}: a packet for somebody else ends here.`,
    'source-check': ({ dev, source, passed, reason }) => {
      if (passed) return `The source ${source} is plausible on ${dev}.`;
      if (!reason) return `The source ${source} is not accepted on ${dev}.`;
      switch (reason) {
        case 'rp-filter-strict':
          return `Strict reverse path filtering drops it: the way back to ${source} does not lead out of ${dev}.`;
        case 'rp-filter-loose':
          return `Reverse path filtering drops it: no route leads back to ${source}.`;
        case 'martian':
          return `${source} cannot come from ${dev} (a martian source): it is dropped.`;
      }
    },
    zone: ({ asked, followed }) =>
      `Connection tracking looks for the packet in zone ${asked}, but follows its connection in zone ${followed}: it is not recognised.`,
    track: ({ count, limit }) =>
      `No connection is begun: ${count} of at most ${limit} are being followed here.`,
    'traffic-control': ({ dev, queue, filter }) =>
      filter?.to
        ? `Traffic control on ${dev} gives it to ${filter.to.dev} instead.`
        : `Traffic control on ${dev} throws it away: ${queue ? 'its queue takes nothing' : 'a filter says so'}.`,
    ipsec: ({ policy, problem }) => {
      if (!policy) return 'IPsec blocks what no policy speaks of.';
      switch (problem) {
        case 'blocked':
          return 'An IPsec policy blocks it.';
        case 'unprotected':
          return 'An IPsec policy wants it protected, and it is not: it is thrown away.';
        case 'no-state':
          return 'An IPsec policy wants it protected, and there is no security association to do it by.';
      }
    },
    checksum: ({ by, at }) =>
      `Its checksum is wrong, and it is thrown away: ${by.dev} left it unfinished, and the switch took it like that at ${at.dev}.`,
    ttl: ({ passed }) =>
      passed ? 'The time to live is reduced by one.' : 'The time to live is used up: the packet ends here.',
    size: ({ dev, mtu, size, passed }) =>
      passed
        ? `${size} bytes leave ${dev} in pieces of at most ${mtu} (fragmentation).`
        : `${size} bytes are more than the MTU ${mtu} of ${dev} allows.`,
    deliver: ({ socket, accepted }) => {
      if (!accepted)
        return socket
          ? `The socket ${socket.address} port ${socket.port} does not take it.`
          : 'Nothing listens on this address and port.';
      if (!socket) return 'The kernel takes it.';
      const process = socket.process ? ` of ${socket.process.name} (PID ${socket.process.pid})` : '';
      return `The socket${process} on ${socket.address} port ${socket.port} takes it.`;
    },
    exit: ({ dev }) => `Leaves this machine by ${dev}; what happens out there cannot be seen from here.`,
    doubt: ({ text }) => `Not certain: ${text}`,
  },
  disposition: {
    delivered: 'delivered',
    refused: 'refused: nothing listens',
    rejected: 'rejected by a rule',
    dropped: 'dropped by a rule',
    'no-route': 'no route',
    blackhole: 'black hole route',
    prohibited: 'prohibited by a route',
    'not-forwarded': 'not forwarded',
    'neighbour-unresolved': 'nobody answers for the next hop',
    'link-down': 'the link is down',
    'filtered-source': 'source address filtered',
    'too-big': 'too big for the link',
    'ttl-expired': 'time to live expired',
    loop: 'goes round in a loop',
    'name-unresolved': 'name not resolved',
    'exits-machine': 'leaves this machine',
    unknown: 'not known',
  },
  leg: {
    direct: 'Direct',
    dns: 'Name lookup',
    relay: 'Relayed connection',
    underlay: 'Under the tunnel',
  },
  byChance: ({ way, of }) => ` (as chance has it: ${way} of ${of})`,
  there: 'The way there',
  back: 'The way back',
  between: (inDev, outDev) => {
    if (inDev && outDev) return `in by ${inDev}, out by ${outDev}`;
    if (inDev) return `in by ${inDev}`;
    return outDev ? `out by ${outDev}` : '';
  },
};
