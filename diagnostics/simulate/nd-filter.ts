import { formatAddress, parseAddress } from '../model/ip.ts';
import type { Link } from '../model/link.ts';
import type { Packet } from '../model/packet.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { NeighbourRequest } from './arp.ts';
import { bridgeCallsIptables } from './bridge.ts';
import { invert, tupleOf, type Current } from './conntrack.ts';
import { atDevice } from './device-hook.ts';
import { atHook } from './hooks.ts';
import { NEIGHBOUR_ADVERTISEMENT, NEIGHBOUR_SOLICITATION } from './icmp-numbers.ts';
import { enter, moving, newJourney, type Frame, type Journey, type Next } from './journey.ts';
import type { BridgeCrossing, Fault } from './station.ts';
import { linkByName, openNamespace, type View } from './view.ts';

/** Where a message of neighbour discovery is made or heard. */
export interface Speaker {
  readonly view: View;
  readonly link: Link;
}

export type Passage =
  | { readonly passed: true; readonly doubts: readonly string[] }
  | { readonly passed: false; readonly fault: Fault };

/** Bytes: header, message, target, link-layer address. */
const MESSAGE_SIZE = 72;
/** RFC 4861: whoever forwarded such a message would have counted this down. */
const HOP_LIMIT = 255;

const message = (type: number, source: string, destination: string): Packet => ({
  family: 6,
  source,
  destination,
  protocol: 'icmp',
  sourcePort: 0,
  destinationPort: 0,
  icmp: { type, code: 0 },
  mark: 0,
  ttl: HOP_LIMIT,
  size: MESSAGE_SIZE,
  dontFragment: true,
});

/** addrconf_addr_solict_mult(): the group that the owner of an address listens to. */
const solicitedNode = (target: string): string => {
  const group = parseAddress('ff02::1:ff00:0')?.value ?? 0n;
  return formatAddress({ family: 6, value: group | ((parseAddress(target)?.value ?? 0n) & 0xff_ffffn) });
};

/** nf_conntrack_icmpv6_init() leaves the messages of neighbour discovery alone. */
const untracked = (packet: Packet): Current => ({
  state: 'untracked',
  direction: 'original',
  tracked: {
    original: tupleOf(packet),
    reply: invert(tupleOf(packet)),
    dnat: false,
    snat: false,
    mark: 0,
  },
  fresh: false,
});

const begin = ({ view }: Speaker, packet: Packet, inDev: string | null): Journey => ({
  ...enter(newJourney(packet), view.id, inDev),
  current: untracked(packet),
});

const frameOf = ({ link }: Speaker): Frame => ({ source: link.mac, destination: null, fresh: false });

const through = (at: Speaker, journey: Journey): readonly Next[] => [
  moving(journey, {
    type: 'arrival',
    namespace: at.view.id,
    link: at.link.index,
    frame: frameOf(at),
  }),
];

/** A message leaves: OUTPUT, POSTROUTING and the device's own rules. */
const leave = (at: Speaker, packet: Packet): readonly Next[] => {
  const { view, link } = at;
  const dev = link.name;
  return atHook(view, begin(at, packet, null), { hook: 'output', inDev: null, outDev: dev }, (made) =>
    atHook(view, made, { hook: 'postrouting', inDev: null, outDev: dev }, (sent) =>
      atDevice(view, sent, { hook: 'egress', dev, frame: frameOf(at) }, (left) => through(at, left)),
    ),
  );
};

/** A message arrives: the device's own rules, PREROUTING and INPUT. */
const arrive = (at: Speaker, packet: Packet): readonly Next[] => {
  const { view, link } = at;
  const dev = link.name;
  return atDevice(view, begin(at, packet, dev), { hook: 'ingress', dev, frame: frameOf(at) }, (come) =>
    atHook(view, come, { hook: 'prerouting', inDev: dev, outDev: null }, (routed) =>
      atHook(view, routed, { hook: 'input', inDev: dev, outDev: null }, (taken) => through(at, taken)),
    ),
  );
};

/** A bridge hands the message to the IP hooks of its namespace (br_netfilter), where it is told to. */
const cross = (view: View, { bridge, inPort, outPort }: BridgeCrossing, packet: Packet): readonly Next[] => {
  const link = linkByName(view, bridge);
  if (!link) return [];
  const at: Speaker = { view, link };
  const journey = begin(at, packet, inPort);
  if (inPort === null || outPort === null || !bridgeCallsIptables(view, packet)) return through(at, journey);
  const physical = { physicalIn: inPort, physicalOut: outPort };
  const entered = { hook: 'prerouting', inDev: bridge, outDev: null, physicalIn: inPort } as const;
  return atHook(view, journey, entered, (come) =>
    atHook(view, come, { hook: 'forward', inDev: bridge, outDev: bridge, ...physical }, (passed) =>
      atHook(view, passed, { hook: 'postrouting', inDev: null, outDev: bridge, ...physical }, (sent) =>
        through(at, sent),
      ),
    ),
  );
};

/** A place that a message comes by, and what becomes of it there. */
interface Stage {
  readonly view: View;
  readonly ends: readonly Next[];
}

/** The other way round. */
const reversed = (crossed: readonly BridgeCrossing[]): readonly BridgeCrossing[] =>
  crossed.map((one) => ({ ...one, inPort: one.outPort, outPort: one.inPort })).reverse();

/** Whether firewalls let the question for a neighbour through, and its answer (RFC 4861 by way of netfilter's hooks). */
export function discoveryPasses(
  snapshot: Snapshot,
  asker: Speaker,
  owner: Speaker & { readonly crossed: readonly BridgeCrossing[] },
  { sender, target }: NeighbourRequest,
): Passage {
  const question = message(NEIGHBOUR_SOLICITATION, sender, solicitedNode(target));
  const answer = message(NEIGHBOUR_ADVERTISEMENT, target, sender);
  // A bridge that nobody has looked at yet: the packet itself comes to it next, and the walk asks for it then.
  const bridges = (crossed: readonly BridgeCrossing[], packet: Packet): readonly Stage[] =>
    crossed.flatMap((one) => {
      const opened = openNamespace(snapshot, one.namespace);
      return opened.state === 'open' ? [{ view: opened.view, ends: cross(opened.view, one, packet) }] : [];
    });
  const stages: readonly Stage[] = [
    { view: asker.view, ends: leave(asker, question) },
    ...bridges(owner.crossed, question),
    { view: owner.view, ends: arrive(owner, question) },
    { view: owner.view, ends: leave(owner, answer) },
    ...bridges(reversed(owner.crossed), answer),
    { view: asker.view, ends: arrive(asker, answer) },
  ];
  const doubts: string[] = [];
  for (const { view, ends } of stages) {
    const lost = ends.filter((next) => next.type === 'ended');
    const [first] = lost;
    const fault = first && lost.length === ends.length ? faultOf(first) : null;
    if (fault) return { passed: false, fault };
    doubts.push(...ends.flatMap(({ journey }) => journey.doubts));
    if (first) doubts.push(`whether rules of ${view.label} let neighbour discovery through is not certain`);
  }
  return { passed: true, doubts: [...new Set(doubts)] };
}

const faultOf = ({ journey, ending }: Extract<Next, { type: 'ended' }>): Fault | null => {
  const hop = journey.hops.at(-1);
  const step = hop?.steps.filter(({ kind }) => kind !== 'doubt').at(-1);
  return hop && step && journey.doubts.length === 0 && ending.disposition !== 'unknown'
    ? {
        namespace: hop.namespace,
        inDev: hop.inDev,
        step,
        disposition: ending.disposition,
        packet: hop.packet,
      }
    : null;
};
