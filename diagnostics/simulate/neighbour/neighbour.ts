import type { NamespaceId } from '../../model/ids.ts';
import type { Link } from '../../model/link.ts';
import { remember } from '../../model/remember.ts';
import type { Neighbour } from '../../model/route.ts';
import type { MissingFact, Snapshot } from '../../model/snapshot.ts';
import { learnedIn, withLearned, type Journey } from '../journey.ts';
import { lostAnswer } from '../answer/answer-way.ts';
import { answersArp, arpSender, type NeighbourRequest } from './arp.ts';
import { answersSolicitation, solicitationSender } from './nd.ts';
import { answeredByRules } from './arp-replies.ts';
import { discoveryPasses } from './nd-filter.ts';
import { hintedNamespaces, readFirst } from './hints.ts';
import { canonicalAddress, familyOf, sameAddress } from '../../model/ip.ts';
import { questionPasses } from '../link/openvswitch/asking.ts';
import { segmentOf, stationsWith } from '../link/segment.ts';
import type { BridgeCrossing, Crossing, Fault, Segment, Station } from '../link/station.ts';
import { linksOf, transmitProblem } from '../link/wires.ts';
import { openNamespace, type View } from '../view.ts';

/** How the hardware address of the next hop was found, or not. */
export type Resolution =
  | {
      readonly type: 'resolved';
      readonly mac: string;
      readonly by: 'table' | 'owner';
      readonly owner?: NamespaceId;
      /** Bridges on the way have just seen a frame of the owner's. */
      readonly fresh: boolean;
      /** The journey, with what the owner learned when it was asked. */
      readonly journey: Journey;
      /** The way to the one who answered. */
      readonly path: readonly Crossing[];
      readonly doubts: readonly string[];
    }
  | { readonly type: 'unresolved'; readonly silence: string | null; readonly doubts: readonly string[] }
  /** The one who would answer is there, and something on the way stops the question. */
  | { readonly type: 'stopped'; readonly fault: Fault }
  /** The segment goes on where nobody here can see. */
  | { readonly type: 'exits' }
  | { readonly type: 'unknown'; readonly reason: string; readonly missing: readonly MissingFact[] };

/** NUD_VALID: states in which the kernel sends to the address that it has. */
const VALID = new Set<Neighbour['state']>(['permanent', 'noarp', 'reachable', 'stale', 'delay', 'probe']);

/** What is written by hand stays; of the rest, who asked last is believed (neigh_update() with NEIGH_UPDATE_F_OVERRIDE). */
const tableEntry = (view: View, journey: Journey, dev: string, address: string): Known | undefined => {
  const isIt = (entry: Neighbour): boolean =>
    !entry.proxy && entry.dev === dev && VALID.has(entry.state) && sameAddress(entry.address, address);
  const written = view.neighbours.find(isIt);
  const asked = learnedIn(journey, view.id).find(isIt);
  if (asked && written?.state !== 'permanent' && written?.state !== 'noarp')
    return { entry: asked, fresh: true, path: asked.path };
  return written && { entry: written, fresh: false, path: [] };
};

interface Known {
  readonly entry: Neighbour;
  readonly fresh: boolean;
  readonly path: readonly Crossing[];
}

/** More interfaces than one: only then can a namespace speak for an address that is not its own. */
const canProxy = remember(
  (links: readonly Link[]): boolean => links.filter((link) => link.kind.type !== 'loopback').length > 1,
);

const ownAddresses = remember(
  (links: readonly Link[]): ReadonlySet<string> =>
    new Set(links.flatMap(({ addresses }) => addresses.map(({ address }) => canonicalAddress(address)))),
);

interface Heard {
  readonly station: Station;
  readonly owns: boolean;
  /** As the asker hears it. */
  readonly mac: string | null;
  /** As the answerer hears the asker's, where rules rewrite it. */
  readonly asker: string | null;
  readonly doubts: readonly string[];
}

/** ip_finish_output2() and neigh_resolve_output(): the table first, else ARP or neighbour discovery. */
export function resolveNeighbour(
  snapshot: Snapshot,
  view: View,
  link: Link,
  address: string,
  journey: Journey,
): Resolution {
  const unreadable = view.unreadable.get('neighbours');
  const doubts = unreadable === undefined ? [] : [unreadable];
  const { entry, fresh = false, path = [] } = tableEntry(view, journey, link.name, address) ?? {};
  if (entry?.mac !== undefined) {
    const [owner] = stationsWith(segmentOf(snapshot, view.id, link), entry.mac);
    return {
      type: 'resolved',
      mac: entry.mac,
      by: 'table',
      ...(owner ? { owner: owner.namespace } : {}),
      fresh,
      journey,
      path,
      doubts,
    };
  }
  return ask(snapshot, view, link, address, journey, doubts);
}

/** neigh_event_ns(), ndisc_update(): whoever answers a request remembers the asker, and need not ask it in turn. */
const learns = (
  journey: Journey,
  answerer: Station,
  asker: string | null,
  { sender }: NeighbourRequest,
): Journey =>
  sender === '0.0.0.0' || asker === null
    ? journey
    : withLearned(journey, answerer.namespace, {
        address: sender,
        dev: answerer.link.name,
        mac: asker,
        state: 'stale',
        proxy: false,
        path: reversed(answerer.crossed.filter(isBridge)),
      });

const isBridge = (one: Crossing): one is BridgeCrossing => one.type === 'bridge';

/** The other way round. */
const reversed = (crossed: readonly BridgeCrossing[]): readonly BridgeCrossing[] =>
  crossed.map((one) => ({ ...one, inPort: one.outPort, outPort: one.inPort })).reverse();

const answerers = remember<Segment, Map<string, readonly Station[]>>(() => new Map());

/** Those on a segment of this snapshot who have the address, or might speak for who has it. */
const mayAnswer = (snapshot: Snapshot, segment: Segment, address: string): readonly Station[] => {
  const known = answerers(segment);
  let stations = known.get(address);
  if (!stations) {
    stations = segment.stations.filter(({ namespace, link }) => {
      const links = linksOf(snapshot, namespace) ?? [];
      return ownAddresses(links).has(address) || (canProxy(links) && !link.flags.includes('NOARP'));
    });
    known.set(address, stations);
  }
  return stations;
};

/** ndisc_send_na(): the answer goes to the asker by the answerer's own neighbour entry, which may have been written by hand. */
const wrongAsker = (answerer: View, by: Link, asker: Link, { sender }: NeighbourRequest): string | null => {
  const written = answerer.neighbours.find(
    (entry) =>
      !entry.proxy &&
      entry.dev === by.name &&
      (entry.state === 'permanent' || entry.state === 'noarp') &&
      sameAddress(entry.address, sender),
  );
  return written?.mac === undefined || asker.mac === null || written.mac === asker.mac
    ? null
    : `${answerer.label} answers ${sender} at the hardware address ${written.mac}, which was written by hand and is not its own`;
};

/** The address to ask with; null: there is none, and nobody is asked. */
const senderOf = (view: View, link: Link, address: string, { packet }: Journey): string | null =>
  familyOf(address) === 6
    ? solicitationSender(link, packet.source)
    : arpSender(view, link.name, packet.source, address);

const ask = (
  snapshot: Snapshot,
  view: View,
  link: Link,
  address: string,
  journey: Journey,
  doubts: readonly string[],
): Resolution => {
  const discovery = familyOf(address) === 6;
  const segment = segmentOf(snapshot, view.id, link, discovery ? 'multicast' : 'broadcast');
  const sender = senderOf(view, link, address, journey);
  if (sender === null) {
    const silence = `${view.label} has no link-local address on ${link.name} to ask its neighbours with`;
    return { type: 'unresolved', silence, doubts };
  }
  // ndisc_recv_na(): an answer for an address of its own, which it does not use, is ignored.
  if (discovery && link.addresses.some((own) => sameAddress(own.address, address))) {
    const silence = `${view.label} has ${address} itself on ${link.name}, and does not use it (duplicate address detection)`;
    return { type: 'unresolved', silence, doubts };
  }
  const request: NeighbourRequest = { namespace: view.id, sender, target: address };
  const asked = canonicalAddress(address);
  const heard: Heard[] = [];
  const stopped: Fault[] = [];
  const closed: MissingFact[] = [];
  const owners = new Set<NamespaceId>();
  const unreadable: string[] = [];
  let silence: string | null = null;
  /** Of those who were to speak for somebody else. */
  let unable: string | null = null;
  for (const station of mayAnswer(snapshot, segment, asked)) {
    const mayOwn = ownAddresses(linksOf(snapshot, station.namespace) ?? []).has(asked);
    const opened = openNamespace(snapshot, station.namespace);
    if (opened.state === 'closed') {
      closed.push(...opened.missing);
      if (mayOwn) owners.add(station.namespace);
      if (opened.missing.length === 0) unreadable.push(opened.reason);
      continue;
    }
    if (station.link.flags.includes('NOARP')) {
      // An ipvlan interface on the asker's own device: whoever is out there, it is not that one.
      if (mayOwn && station.fault?.step.kind === 'macvlan') stopped.push(station.fault);
      else if (!station.fault)
        silence ??= `${opened.view.label} takes no part in finding neighbours on ${station.link.name} (arp off)`;
      continue;
    }
    const answer = discovery
      ? answersSolicitation(opened.view, station.link, request)
      : answersArp(opened.view, station.link, request);
    if (answer.silence && !station.fault) {
      if (answer.owns) silence ??= answer.silence.text;
      else unable ??= answer.silence.text;
    }
    if (answer.silence?.step && !station.fault)
      stopped.push({
        namespace: station.namespace,
        inDev: station.link.name,
        step: answer.silence.step,
        disposition: 'filtered-source',
      });
    if (!answer.answers) continue;
    const elsewhere = discovery ? wrongAsker(opened.view, station.link, link, request) : null;
    if (elsewhere !== null) {
      if (!station.fault) silence ??= elsewhere;
      continue;
    }
    if (station.fault) {
      stopped.push(station.fault);
      continue;
    }
    const passage = discoveryPasses(
      snapshot,
      { view, link },
      { view: opened.view, link: station.link, crossed: station.crossed.filter(isBridge) },
      request,
    );
    if (!passage.passed) {
      stopped.push(passage.fault);
      continue;
    }
    const question = questionPasses(snapshot, { namespace: view.id, link }, station, request);
    if (!question.passed) {
      stopped.push(question.fault);
      continue;
    }
    const lost = lostAnswer(snapshot, { namespace: view.id, link }, station);
    if (lost) stopped.push(lost);
    else
      heard.push({
        station,
        owns: answer.owns,
        mac: passage.answerer ?? station.link.mac,
        asker: passage.asker ?? null,
        doubts: [...passage.doubts, ...question.doubts],
      });
  }

  const own = transmitProblem(link);
  if (own) {
    const fault: Fault = {
      namespace: view.id,
      inDev: null,
      step: { kind: 'transmit', dev: link.name, problem: own },
      disposition: 'link-down',
    };
    return { type: 'stopped', fault };
  }
  const spoken = discovery ? null : answeredByRules(snapshot, { view, link }, segment, request);
  if (spoken?.type === 'answered')
    return {
      ...spoken,
      type: 'resolved',
      by: 'owner',
      fresh: false,
      journey,
      doubts: [...doubts, ...spoken.doubts],
    };
  const chosen = heard.find(({ owns }) => owns) ?? heard[0];
  if (chosen && chosen.mac !== null) {
    const { mac } = chosen;
    const others = heard.filter((one) => one.mac !== mac);
    const duplicate =
      others.length > 0
        ? [
            `${address} is answered for by several interfaces on the segment of ${link.name}: the fastest wins`,
          ]
        : [];
    return {
      type: 'resolved',
      mac,
      by: 'owner',
      owner: chosen.station.namespace,
      fresh: mac === chosen.station.link.mac,
      journey: learns(journey, chosen.station, chosen.asker ?? link.mac, request),
      path: chosen.station.crossed,
      doubts: [...doubts, ...duplicate, ...chosen.doubts],
    };
  }
  const proxied = askProxies(segment, address);
  if (proxied.mac !== null)
    return {
      type: 'resolved',
      mac: proxied.mac,
      by: 'owner',
      fresh: true,
      journey,
      path: proxied.path,
      doubts,
    };
  silence ??= unable ?? proxied.silence;
  const likely = new Set([...hintedNamespaces(snapshot, address), ...owners]);
  const unseenRules = spoken?.type === 'unknown' ? spoken.missing : [];
  const wanted = readFirst(snapshot, [...closed, ...segment.missing, ...unseenRules], likely);
  if (wanted.length > 0)
    return {
      type: 'unknown',
      reason: `who has ${address} behind ${link.name} is not known yet`,
      missing: wanted,
    };
  const [fault] = stopped;
  if (fault) return { type: 'stopped', fault };
  if (segment.exits.length > 0) return { type: 'exits' };
  // A macvlan on any device of the segment may be in a namespace that nobody has looked at.
  const unseen = snapshot.namespaces
    .filter(({ facts }) => facts.links.state === 'unread')
    .map(({ id }): MissingFact => ({ namespace: id, fact: 'links' }));
  if (unseen.length > 0)
    return {
      type: 'unknown',
      reason: `nobody that was looked at has ${address} behind ${link.name}`,
      missing: unseen,
    };
  const unknowns = [...segment.unknowns, ...unreadable];
  if (unknowns.length > 0)
    return {
      type: 'unknown',
      reason: `who has ${address} behind ${link.name} cannot be seen: ${unknowns.join('; ')}`,
      missing: [],
    };
  return { type: 'unresolved', silence, doubts };
};

/** NUD_CONNECTED: the states in which a tunnel speaks for a neighbour (arp_reduce(), neigh_reduce() of drivers/net/vxlan). */
const CONNECTED = new Set<Neighbour['state']>(['permanent', 'noarp', 'reachable']);

/** What tunnels answer that send no question any further. */
const askProxies = (
  { proxies }: Segment,
  address: string,
): { readonly mac: string | null; readonly path: readonly Crossing[]; readonly silence: string | null } => {
  const open = proxies.filter(({ fault }) => fault === null);
  for (const { entries, crossed } of open) {
    const entry = entries.find(
      (one) => !one.proxy && CONNECTED.has(one.state) && sameAddress(one.address, address),
    );
    if (entry?.mac !== undefined) return { mac: entry.mac, path: crossed, silence: null };
  }
  const [first] = open;
  return {
    mac: null,
    path: [],
    silence: first
      ? `the tunnel ${first.link.name} answers for everybody behind it, and has no entry for ${address}`
      : null,
  };
};
