import { formatAddress, parseAddress } from '../model/ip.ts';
import type { Link } from '../model/link.ts';
import type { Packet } from '../model/packet.ts';
import type { NeighbourRequest } from './arp.ts';
import { invert, tupleOf, type Current } from './conntrack.ts';
import { atDevice } from './device-hook.ts';
import { atHook } from './hooks.ts';
import { NEIGHBOUR_ADVERTISEMENT, NEIGHBOUR_SOLICITATION } from './icmp-numbers.ts';
import { enter, moving, type Frame, type Journey, type Next } from './journey.ts';
import type { Fault } from './segment.ts';
import type { View } from './view.ts';

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
  ...enter(
    {
      packet,
      about: null,
      expected: null,
      hops: [],
      tracking: new Map(),
      learned: new Map(),
      current: null,
      doubts: [],
      forks: [],
      missing: [],
    },
    view.id,
    inDev,
  ),
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

/** Whether firewalls let the question for a neighbour through, and its answer (RFC 4861 by way of netfilter's hooks). */
export function discoveryPasses(asker: Speaker, owner: Speaker, request: NeighbourRequest): Passage {
  const { sender, target } = request;
  const question = message(NEIGHBOUR_SOLICITATION, sender, solicitedNode(target));
  const answer = message(NEIGHBOUR_ADVERTISEMENT, target, sender);
  const doubts: string[] = [];
  for (const [go, at, packet] of [
    [leave, asker, question],
    [arrive, owner, question],
    [leave, owner, answer],
    [arrive, asker, answer],
  ] as const) {
    const ends = go(at, packet);
    const lost = ends.filter((next) => next.type === 'ended');
    const [first] = lost;
    if (first && lost.length === ends.length) {
      const fault = faultOf(first);
      if (fault) return { passed: false, fault };
    }
    doubts.push(...ends.flatMap(({ journey }) => journey.doubts));
    if (first)
      doubts.push(`whether rules of ${at.view.label} let neighbour discovery through is not certain`);
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
