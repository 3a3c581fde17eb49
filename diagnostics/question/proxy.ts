import type { Remedy } from '../causes/finding.ts';
import { findCause } from '../causes/registry.ts';
import { containersIn } from '../causes/situation.ts';
import type { Container } from '../model/container.ts';
import { changeBy } from '../fixes/registry.ts';
import type { Cause } from '../model/diagnosis.ts';
import type { Flow } from '../model/flow.ts';
import { addressAndPort, isAddress } from '../model/ip.ts';
import type { Language } from '../model/language.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { walkFlow, type RoundTrip } from '../simulate/walk.ts';
import { destinationsOf } from './destinations.ts';
import type { Found } from './found.ts';
import { arrives, missingOf } from './walked.ts';
import { findTarget, type Asking } from './find-target.ts';
import { judgeLeg, type JudgedWay } from './judge-way.ts';
import { proxyFor, type ChosenProxy } from './proxy-rules.ts';
import { toCause } from './to-cause.ts';
import type { RawProbe } from '../source.ts';

/** The way of a web client that obeys its container's proxy variables, instead of asking TO itself. */
export interface ProxyWay {
  readonly container: Container;
  readonly proxy: ChosenProxy;
  /** To the proxy; null where its name leads nowhere. */
  readonly trip: RoundTrip | null;
  readonly judged: JudgedWay | null;
  /** What the proxy's name came to, where it came to nothing. */
  readonly said: string;
  /** From the proxy on to TO, where the proxy is a process that can be seen here. */
  readonly behind: RoundTrip | null;
}

/** The proxy that a web client in FROM is told to use for TO; null where it would ask TO itself. */
function proxyOf(
  snapshot: Snapshot,
  { from, to, toText, protocol, port }: Flow,
): { readonly container: Container; readonly proxy: ChosenProxy } | null {
  if (from.type !== 'namespace' || protocol !== 'tcp' || port === null) return null;
  const container = containersIn(snapshot, from.namespace).find(({ name }) => name === from.container);
  if (!container?.proxies) return null;
  const host =
    to.type === 'name'
      ? to.name
      : to.type === 'address'
        ? to.address
        : to.type === 'namespace' && to.container !== undefined
          ? to.container
          : toText;
  const proxy = proxyFor(container.proxies, host, port);
  return proxy && { container, proxy };
}

/** Follows what a web client would do, and asks the kernel too where `probe` is given. */
export async function followProxy(
  asking: Asking,
  destination: string | null,
  probe: ((trip: RoundTrip) => Promise<RawProbe> | null) | null,
): Promise<ProxyWay | null> {
  const { facts, flow } = asking;
  const chosen = proxyOf(facts.snapshot, flow);
  if (!chosen || flow.from.type !== 'namespace') return null;
  const { proxy } = chosen;
  const toProxy: Flow = {
    ...flow,
    toText: proxy.host,
    to: isAddress(proxy.host) ? { type: 'address', address: proxy.host } : { type: 'name', name: proxy.host },
    port: proxy.port,
  };
  const { target } = await findTarget({ ...asking, flow: toProxy }, probe !== null);
  const [start] = target.starts;
  if (!start || target.situation) {
    const said = target.situation?.type === 'name' ? target.situation.said : (target.unknown ?? proxy.host);
    return { ...chosen, trip: null, judged: null, said, behind: null };
  }
  const { trip } = await facts.complete((snapshot) => {
    const walked = walkFlow(snapshot, start);
    return { trip: walked, missing: missingOf(walked) };
  });
  const judged = judgeLeg(facts.snapshot, trip, (await probe?.(trip)) ?? null);
  const { behind } = await facts.complete((snapshot) => {
    const walked = arrives(trip) ? beyond(snapshot, trip, flow, destination) : null;
    return { behind: walked, missing: walked ? missingOf(walked) : [] };
  });
  return { ...chosen, trip, judged, said: '', behind };
}

/** The proxy's own connection: TO as the proxy sees it. */
function beyond(
  snapshot: Snapshot,
  { forward }: RoundTrip,
  flow: Flow,
  destination: string | null,
): RoundTrip | null {
  const namespace = forward.hops.at(-1)?.namespace;
  if (namespace === undefined || forward.disposition !== 'delivered') return null;
  const near =
    flow.to.type === 'namespace' ? destinationsOf(snapshot, namespace, flow.to.namespace).addresses[0] : null;
  const address = near ?? destination;
  if (address === null || address === undefined) return null;
  return walkFlow(snapshot, {
    from: 'namespace',
    namespace,
    destination: address,
    protocol: 'tcp',
    port: flow.port,
  });
}

/** Whether a web client gets through by the proxy; null where that cannot be told. */
export function throughProxy({ trip, judged, behind }: ProxyWay): boolean | null {
  if (!trip || judged?.verdict === 'unreachable') return false;
  if (judged?.verdict !== 'reachable' || behind === null) return null;
  return arrives(behind) ? true : behind.forward.disposition === 'exits-machine' ? null : false;
}

/** What is wrong with it, said as a cause; null where nothing is. */
function proxyFinding(snapshot: Snapshot, flow: Flow, way: ProxyWay): Found | null {
  if (throughProxy(way) !== false) return null;
  const { container, proxy, trip, said, behind } = way;
  const finding = findCause({
    type: 'proxy',
    snapshot,
    flow,
    container,
    variable: proxy.variable,
    proxy: addressAndPort(proxy.host, proxy.port),
    end: !trip ? 'name' : arrives(trip) && behind ? 'behind' : 'way',
    said: said || ((behind ?? trip)?.forward.disposition ?? ''),
  });
  return finding && { finding, before: snapshot, start: null, remedies: finding.remedies };
}

/**
 * The cause of it, where the proxy leads nowhere. Proven where TO answers who asks directly, and the mended container would
 * ask directly.
 */
export function proxyCauses(
  snapshot: Snapshot,
  flow: Flow,
  way: ProxyWay,
  { answersDirectly, language }: { readonly answersDirectly: boolean; readonly language: Language },
): readonly Cause[] {
  const found = proxyFinding(snapshot, flow, way);
  if (!found) return [];
  const proven = ({ actions }: Remedy): boolean =>
    answersDirectly &&
    proxyOf(
      actions.reduce((now, action) => changeBy(action, now), snapshot),
      flow,
    ) === null;
  return [
    toCause(found, language, found.finding.certainty, (remedy) => ({
      proven: proven(remedy),
      otherFlows: null,
    })),
  ];
}
