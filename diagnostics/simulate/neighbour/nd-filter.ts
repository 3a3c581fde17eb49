import { discoveryPacket } from './nd-packet.ts';
import { EVERYBODY, solicitedMac } from '../link/group-address.ts';
import { solicitedNode } from './solicited-node.ts';
import { routedAgain } from './nd-reroute.ts';
import { familyOf } from '../../model/ip.ts';
import type { Link } from '../../model/link.ts';
import type { ArpMessage, Packet } from '../../model/packet.ts';
import { remember } from '../../model/remember.ts';
import type { Ruleset } from '../../model/ruleset.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { NeighbourRequest } from './arp.ts';
import { bridgeCallsIptables } from '../link/bridge-calls.ts';
import { atBridgeHook } from '../link/bridge.ts';
import { invert, tupleOf, type Current } from '../netfilter/conntrack.ts';
import { atDevice } from '../link/device-hook.ts';
import { atHook } from '../netfilter/hooks.ts';
import { NEIGHBOUR_ADVERTISEMENT, NEIGHBOUR_SOLICITATION } from '../ip/icmp-numbers.ts';
import { enter, moving, newJourney, withDoubts, type Frame, type Journey, type Next } from '../journey.ts';
import type { BridgeCrossing, Fault } from '../link/station.ts';
import { sysctlNumber } from '../sysctl.ts';
import { linkByName, openNamespace, type View } from '../view.ts';

/** Where a message of neighbour discovery is made or heard. */
export interface Speaker {
  readonly view: View;
  readonly link: Link;
}

export type Passage =
  | {
      readonly passed: true;
      readonly doubts: readonly string[];
      /** Where rules rewrite it: the hardware address by which the asker hears of who answers, or the other way round. */
      readonly answerer?: string;
      readonly asker?: string;
    }
  | { readonly passed: false; readonly fault: Fault };

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

/** A message leaves: OUTPUT, POSTROUTING and the device's own rules. ARP has hooks of its own (arp_xmit(), arp_rcv()). */
export const leave = (at: Speaker, packet: Packet): readonly Next[] => {
  const { view, link } = at;
  const dev = link.name;
  const egress = { hook: 'egress', dev, frame: frameOf(at) } as const;
  if (packet.arp)
    return atHook(
      view,
      begin(at, packet, null),
      { hook: 'output', inDev: null, outDev: dev, layer: 'arp' },
      (made) => atDevice(view, made, egress, (left) => through(at, left)),
    );
  return atHook(view, begin(at, packet, null), { hook: 'output', inDev: null, outDev: dev }, (made) =>
    routedAgain(at, made, (routed) =>
      atHook(view, routed, { hook: 'postrouting', inDev: null, outDev: dev }, (sent) =>
        atDevice(view, sent, egress, (left) => through(at, left)),
      ),
    ),
  );
};

/** A message arrives: the device's own rules, PREROUTING and INPUT. */
const arrive = (at: Speaker, packet: Packet): readonly Next[] => {
  const { view, link } = at;
  const dev = link.name;
  const ingress = { hook: 'ingress', dev, frame: frameOf(at) } as const;
  if (packet.arp)
    return atDevice(view, begin(at, packet, dev), ingress, (come) =>
      atHook(view, come, { hook: 'input', inDev: dev, outDev: null, layer: 'arp' }, (taken) =>
        through(at, taken),
      ),
    );
  return atDevice(view, begin(at, packet, dev), ingress, (come) =>
    atHook(view, come, { hook: 'prerouting', inDev: dev, outDev: null }, (routed) =>
      atHook(view, routed, { hook: 'input', inDev: dev, outDev: null }, (taken) => through(at, taken)),
    ),
  );
};

/** `hears`: the hardware address of the one that is meant. A bridge has rules of its own (tables of family bridge), and hands IP to those of its namespace (br_netfilter) where told to. */
export const cross = (
  view: View,
  { bridge, inPort, outPort }: BridgeCrossing,
  packet: Packet,
  macs: Pick<Frame, 'source' | 'destination'>,
  hears: string | null,
): readonly Next[] => {
  const link = linkByName(view, bridge);
  if (!link) return [];
  const at: Speaker = { view, link };
  const frame: Frame = { ...macs, fresh: false };
  const hook = inPort === null ? 'output' : outPort === null ? 'input' : 'forward';
  const decide = (journey: Journey): readonly Next[] =>
    atBridgeHook(view, journey, { hook, inDev: inPort, outDev: outPort, frame }, (decided) =>
      crossAsIp(at, decided, { inPort, outPort }, (passed) =>
        outPort === null
          ? through(at, passed)
          : atBridgeHook(view, passed, { hook: 'postrouting', inDev: null, outDev: outPort, frame }, (sent) =>
              through(at, sent),
            ),
      ),
    );
  const journey = begin(at, packet, inPort);
  return inPort === null
    ? decide(journey)
    : atBridgeHook(
        view,
        journey,
        { hook: 'prerouting', inDev: inPort, outDev: null, frame },
        (come, taken) =>
          taken.destination === macs.destination || taken.destination === hears
            ? decide(come)
            : decide(withDoubts(come, [sentElsewhere(view, bridge)])),
      );
};

const sentElsewhere = (view: View, bridge: string): string =>
  `rules of ${view.label} send frames that ask for a neighbour elsewhere on ${bridge}`;

const crossAsIp = (
  { view, link }: Speaker,
  journey: Journey,
  { inPort, outPort }: Pick<BridgeCrossing, 'inPort' | 'outPort'>,
  then: (journey: Journey) => readonly Next[],
): readonly Next[] => {
  const { packet } = journey;
  if (inPort === null || outPort === null) return then(journey);
  // br_nf_forward_arp(), which only legacy arptables has a hook for.
  if (packet.arp)
    return sysctlNumber(view, 'net/bridge/bridge-nf-call-arptables', 0) === 0
      ? then(journey)
      : atHook(view, journey, { hook: 'forward', inDev: inPort, outDev: outPort, layer: 'arp' }, then);
  if (!bridgeCallsIptables(view, packet)) return then(journey);
  const bridge = link.name;
  const physical = { physicalIn: inPort, physicalOut: outPort };
  const entered = { hook: 'prerouting', inDev: bridge, outDev: null, physicalIn: inPort } as const;
  return atHook(view, journey, entered, (come) =>
    atHook(view, come, { hook: 'forward', inDev: bridge, outDev: bridge, ...physical }, (passed) =>
      atHook(view, passed, { hook: 'postrouting', inDev: null, outDev: bridge, ...physical }, then),
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

const PASSED: Passage = { passed: true, doubts: [] };

/** A frame of ARP, in the shape in which rules of bridges and devices look at packets. */
export const arp = (source: string, destination: string, said: ArpMessage): Packet => ({
  family: 4,
  source,
  destination,
  protocol: 'icmp',
  sourcePort: 0,
  destinationPort: 0,
  mark: 0,
  ttl: 0,
  size: 28,
  dontFragment: false,
  arp: said,
});

const viewsOf = (snapshot: Snapshot, crossed: readonly BridgeCrossing[]): readonly View[] =>
  crossed.flatMap(({ namespace }) => {
    const opened = openNamespace(snapshot, namespace);
    return opened.state === 'open' ? [opened.view] : [];
  });

/** Only few have rules that look at ARP at all. */
export const filtersArp = (views: readonly View[]): boolean =>
  views.some(({ ruleset }) => ruleset !== null && looksAtFrames(ruleset));

const FRAMES: ReadonlySet<string> = new Set(['arp', 'bridge', 'netdev']);
const looksAtFrames = remember(({ tables }: Ruleset) =>
  tables.some(({ family, chains }) => FRAMES.has(family) && chains.some(({ base }) => base !== undefined)),
);

/** Whether firewalls let the question for a neighbour through, and its answer (RFC 826, RFC 4861 by way of netfilter's hooks). */
export function discoveryPasses(
  snapshot: Snapshot,
  asker: Speaker,
  owner: Speaker & { readonly crossed: readonly BridgeCrossing[] },
  { sender, target }: NeighbourRequest,
): Passage {
  const [asks, has] = [asker.link.mac, owner.link.mac];
  const discovery = familyOf(target) === 6;
  const question = discovery
    ? discoveryPacket(NEIGHBOUR_SOLICITATION, sender, solicitedNode(target))
    : arp(sender, target, { operation: 'request', senderMac: asks, targetMac: null });
  const answer = discovery
    ? discoveryPacket(NEIGHBOUR_ADVERTISEMENT, target, sender)
    : arp(target, sender, { operation: 'reply', senderMac: has, targetMac: asks });
  const group = discovery ? solicitedMac(target) : EVERYBODY;
  // A bridge that nobody has looked at yet: the packet itself comes to it next, and the walk asks for it then.
  const bridges = (
    crossed: readonly BridgeCrossing[],
    packet: Packet,
    macs: Pick<Frame, 'source' | 'destination'>,
    hears: string | null,
  ): readonly Stage[] =>
    crossed.flatMap((one) => {
      const opened = openNamespace(snapshot, one.namespace);
      return opened.state === 'open'
        ? [{ view: opened.view, ends: cross(opened.view, one, packet, macs, hears) }]
        : [];
    });
  if (!discovery && !filtersArp([asker.view, owner.view, ...viewsOf(snapshot, owner.crossed)])) return PASSED;
  const there = bridges(owner.crossed, question, { source: asks, destination: group }, has);
  const back = bridges(reversed(owner.crossed), answer, { source: has, destination: asks }, asks);
  const stages: readonly Stage[] = [
    { view: asker.view, ends: leave(asker, question) },
    ...there,
    { view: owner.view, ends: arrive(owner, question) },
    { view: owner.view, ends: leave(owner, answer) },
    ...back,
    { view: asker.view, ends: arrive(asker, answer) },
  ];
  const doubts: string[] = [];
  for (const { view, ends } of stages) {
    const lost = ends.filter((next) => next.type === 'ended');
    const [first] = lost;
    const fault = first && lost.length === ends.length ? faultOf(first) : null;
    if (fault) return { passed: false, fault };
    doubts.push(...ends.flatMap(({ journey }) => journey.doubts));
    if (first)
      doubts.push(
        `whether rules of ${view.label} let ${discovery ? 'neighbour discovery' : 'ARP'} through is not certain`,
      );
  }
  const [answerer, heardOf] = [saidInstead(back, has), saidInstead(there, asks)];
  return {
    passed: true,
    doubts: [...new Set(doubts)],
    ...(answerer !== null && { answerer }),
    ...(heardOf !== null && { asker: heardOf }),
  };
}

/** What a rule makes an ARP message say of its sender (`snat --snat-arp`). */
const saidInstead = (stages: readonly Stage[], said: string | null): string | null =>
  stages
    .flatMap(({ ends }) => ends.map(({ journey }) => journey.packet.arp?.senderMac))
    .find((mac) => typeof mac === 'string' && mac !== said) ?? null;

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
