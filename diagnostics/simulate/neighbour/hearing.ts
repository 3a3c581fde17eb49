import type { NamespaceId } from '../../model/ids.ts';
import { canonicalAddress, familyOf, sameAddress } from '../../model/ip.ts';
import type { Link } from '../../model/link.ts';
import { remember } from '../../model/remember.ts';
import type { MissingFact, Snapshot } from '../../model/snapshot.ts';
import { lostAnswer } from '../answer/answer-way.ts';
import { questionPasses } from '../link/openvswitch/asking.ts';
import { isBridge, type Fault, type Segment, type Station } from '../link/station.ts';
import { linksOf } from '../link/wires.ts';
import { openNamespace, type View } from '../view.ts';
import { answersArp, type NeighbourRequest } from './arp.ts';
import { answersSolicitation } from './nd.ts';
import { discoveryPasses, type Speaker } from './nd-filter.ts';
import { keptByTunnel } from './tunnel-proxies.ts';

/** One whose answer gets back to the asker. */
export interface Heard {
  /** Its namespace and interface, as they are shown. */
  readonly who: string;
  readonly station: Station;
  readonly owns: boolean;
  /** As the asker hears it. */
  readonly mac: string | null;
  /** As the answerer hears the asker's, where rules rewrite it. */
  readonly asker: string | null;
  readonly doubts: readonly string[];
}

/** What becomes of a question on a segment: who answers it, and why others do not. */
export interface Hearing {
  readonly heard: readonly Heard[];
  /** Those who would answer, and what stops the question or the answer. */
  readonly stopped: readonly Fault[];
  /** Facts of namespaces that may answer, not read yet. */
  readonly closed: readonly MissingFact[];
  /** Namespaces among those that have the address. */
  readonly owners: ReadonlySet<NamespaceId>;
  /** Why those cannot be read that never will be. */
  readonly unreadable: readonly string[];
  /** Why one who has the address keeps silent. */
  readonly silence: string | null;
  /** The same of those who were to speak for somebody else. */
  readonly unable: string | null;
}

/** More interfaces than one: only then can a namespace speak for an address that is not its own. */
const canProxy = remember(
  (links: readonly Link[]): boolean => links.filter((link) => link.kind.type !== 'loopback').length > 1,
);

const ownAddresses = remember(
  (links: readonly Link[]): ReadonlySet<string> =>
    new Set(links.flatMap(({ addresses }) => addresses.map(({ address }) => canonicalAddress(address)))),
);

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

type Gathered = {
  -readonly [K in keyof Hearing]: Hearing[K] extends readonly (infer T)[]
    ? T[]
    : Hearing[K] extends ReadonlySet<infer T>
      ? Set<T>
      : Hearing[K];
};

/** Asks everybody on a segment who may answer: by ARP, or by neighbour discovery. */
export function whoHears(
  snapshot: Snapshot,
  asker: Speaker,
  segment: Segment,
  request: NeighbourRequest,
): Hearing {
  const address = canonicalAddress(request.target);
  const found: Gathered = {
    ...{ heard: [], stopped: [], closed: [], owners: new Set<NamespaceId>(), unreadable: [] },
    ...{ silence: null, unable: null },
  };
  for (const station of mayAnswer(snapshot, segment, address)) {
    const mayOwn = ownAddresses(linksOf(snapshot, station.namespace) ?? []).has(address);
    const opened = openNamespace(snapshot, station.namespace);
    if (opened.state === 'open')
      hears(snapshot, asker, { station, view: opened.view, mayOwn }, request, found);
    else {
      found.closed.push(...opened.missing);
      if (mayOwn) found.owners.add(station.namespace);
      if (opened.missing.length === 0) found.unreadable.push(opened.reason);
    }
  }
  return found;
}

interface Answerer {
  readonly station: Station;
  readonly view: View;
  /** Its namespace has the address. */
  readonly mayOwn: boolean;
}

function hears(
  snapshot: Snapshot,
  asker: Speaker,
  { station, view, mayOwn }: Answerer,
  request: NeighbourRequest,
  found: Gathered,
): void {
  const { link, fault } = station;
  if (link.flags.includes('NOARP')) {
    // An ipvlan interface on the asker's own device: whoever is out there, it is not that one.
    if (mayOwn && fault?.step.kind === 'macvlan') found.stopped.push(fault);
    else if (!fault)
      found.silence ??= `${view.label} takes no part in finding neighbours on ${link.name} (arp off)`;
    return;
  }
  const discovery = familyOf(request.target) === 6;
  const { silence, answers, owns } = (discovery ? answersSolicitation : answersArp)(view, link, request);
  if (silence && !fault) {
    if (owns) found.silence ??= silence.text;
    else found.unable ??= silence.text;
    if (silence.step)
      found.stopped.push({
        namespace: station.namespace,
        inDev: link.name,
        step: silence.step,
        disposition: 'filtered-source',
      });
  }
  if (!answers) return;
  const unsaid = discovery ? wrongAsker(view, link, asker.link, request) : keptByTunnel(station);
  if (unsaid !== null) {
    if (!fault) found.silence ??= unsaid;
    return;
  }
  const got = thereAndBack(snapshot, asker, station, view, request);
  if ('station' in got) found.heard.push({ ...got, owns, who: `${view.label} ${got.station.link.name}` });
  else found.stopped.push(got);
}

/** What stops the question on its way to a station, or the answer on its way back; else how they hear each other. */
function thereAndBack(
  snapshot: Snapshot,
  asker: Speaker,
  station: Station,
  view: View,
  request: NeighbourRequest,
): Fault | Omit<Heard, 'owns' | 'who'> {
  if (station.fault) return station.fault;
  const answerer = { view, link: station.link, crossed: station.crossed.filter(isBridge) };
  const passage = discoveryPasses(snapshot, asker, answerer, request);
  if (!passage.passed) return passage.fault;
  const from = { namespace: asker.view.id, link: asker.link };
  const question = questionPasses(snapshot, from, station, request);
  if (!question.passed) return question.fault;
  return (
    lostAnswer(snapshot, from, station) ?? {
      station,
      mac: passage.answerer ?? station.link.mac,
      asker: passage.asker ?? null,
      doubts: [...passage.doubts, ...question.doubts],
    }
  );
}
