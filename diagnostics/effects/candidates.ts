import { enginesOver } from '../causes/situation.ts';
import { valueOr } from '../model/fact.ts';
import type { Protocol } from '../model/flow.ts';
import { familyOf, prefixContains, sameAddress } from '../model/ip.ts';
import type { NamespaceId } from '../model/ids.ts';
import type { Namespace } from '../model/namespace.ts';
import { findNamespace, type Snapshot } from '../model/snapshot.ts';
import type { FlowStart } from '../simulate/start.ts';
import { tunnelEnds } from '../simulate/tunnel/tunnels.ts';
import { ownAddresses, type FlowEnd } from './ends.ts';

/** A flow to compare. */
export interface Candidate {
  readonly from: FlowEnd;
  readonly to: string;
  readonly start: FlowStart;
}

/** What a fix is looked at beside: the question, and the namespaces it changes. */
export interface Surroundings {
  readonly ends: readonly FlowEnd[];
  readonly asked: FlowStart;
  /** Who answers for the asked address; null where that is nobody's. */
  readonly answerer: string | null;
  readonly touched: ReadonlySet<string>;
}

interface Service {
  readonly protocol: Protocol;
  readonly port: number | null;
  /** null: every address. */
  readonly address: string | null;
}

const PING: Service = { protocol: 'icmp', port: null, address: null };
/** Of one end; the asked port always counts. */
const MOST_SERVICES = 5;
/** Of one end, from one other. */
const MOST_ADDRESSES = 4;
/** ip_local_port_range: UDP sockets above it are clients, as a rule. */
const FIRST_EPHEMERAL = 32_768;
/** Where a container's engine answers for names, inside of the container itself. */
const isOwn = (address: string): boolean => address.startsWith('127.') || address === '::1';

/** All flows between the ends, the most telling first; those that are there before the fix, or after it. */
export function candidatesIn(
  { ends, asked, answerer, touched }: Surroundings,
  before: Snapshot,
  after: Snapshot,
): readonly Candidate[] {
  const found = new Map<string, { readonly candidate: Candidate; readonly rank: number }>();
  const add = (
    from: FlowEnd,
    to: string,
    address: string,
    { protocol, port }: Service,
    rank: number,
  ): void => {
    const start = startOf(from, address, protocol, port);
    if (start === null || isAsked(start, asked)) return;
    const key = JSON.stringify([from.name, address, protocol, port]);
    if ((found.get(key)?.rank ?? Infinity) > rank) found.set(key, { candidate: { from, to, start }, rank });
  };
  const family = familyOf(asked.destination) ?? 4;
  for (const snapshot of [before, after])
    for (const to of ends.filter(({ outside }) => outside === undefined)) {
      const target = findNamespace(snapshot, to.namespace);
      if (!target) continue;
      const services = [PING, ...servicesOf(snapshot, target, asked)];
      for (const from of ends.filter(({ namespace, outside }) => namespace !== to.namespace || outside))
        for (const address of addressesFor(snapshot, from, target))
          for (const service of services)
            if (service.address === null || sameAddress(service.address, address))
              add(from, to.name, address, service, rankOf(from, to, address, service));
    }
  // Somebody else may ask for an address that is nobody's own: a rule leads it on.
  for (const from of ends)
    add(from, answerer ?? asked.destination, asked.destination, { ...asked, address: null }, 1);

  function rankOf(from: FlowEnd, to: FlowEnd, address: string, { protocol, port }: Service): number {
    const same = protocol === asked.protocol && port === asked.port;
    const fromAsker = from.namespace === asked.namespace && from.outside === undefined;
    const toAnswerer = to.name === answerer;
    const other = familyOf(address) === family ? 0 : 4;
    if (fromAsker && toAnswerer) return other;
    if (toAnswerer && same) return 1 + other;
    if (from.name === answerer && to.namespace === asked.namespace) return 1 + other;
    if (fromAsker || toAnswerer) return 2 + other;
    return (touched.has(from.namespace) || touched.has(to.namespace) ? 2 : 3) + other;
  }
  return [...found.values()].toSorted((a, b) => a.rank - b.rank).map(({ candidate }) => candidate);
}

function startOf(
  from: FlowEnd,
  destination: string,
  protocol: Protocol,
  port: number | null,
): FlowStart | null {
  const { namespace, outside } = from;
  if (!outside) return { from: 'namespace', namespace, destination, protocol, port };
  const source = outside.sources[familyOf(destination) ?? 4];
  return source === undefined
    ? null
    : { from: 'outside', namespace, device: outside.device, source, destination, protocol, port };
}

const isAsked = (start: FlowStart, asked: FlowStart): boolean =>
  start.from === asked.from &&
  start.namespace === asked.namespace &&
  start.protocol === asked.protocol &&
  start.port === asked.port &&
  sameAddress(start.destination, asked.destination);

/** What an end offers: listening sockets, and ports that its engine publishes for containers. */
function servicesOf(snapshot: Snapshot, { id, facts }: Namespace, asked: FlowStart): readonly Service[] {
  const tunnels = tunnelPorts(snapshot, id);
  const listening = valueOr(facts.sockets, [])
    .filter(
      ({ protocol, address, port }) =>
        !isOwn(address) &&
        !(protocol === 'udp' && tunnels.has(port)) &&
        (protocol === 'tcp' || port < FIRST_EPHEMERAL || port === asked.port),
    )
    .map(({ protocol, port, address }): Service => ({
      protocol,
      port,
      address: address === '0.0.0.0' || address === '::' ? null : address,
    }));
  const isRoot = snapshot.hosts.some(({ rootNamespace }) => rootNamespace === id);
  const published = (isRoot ? enginesOver(snapshot, id) : [])
    .flatMap(({ containers }) => containers)
    .flatMap(({ publishedPorts }) => publishedPorts)
    .flatMap(({ protocol, hostPort, hostAddress }): Service[] =>
      protocol === 'sctp' || isOwn(hostAddress)
        ? []
        : [{ protocol, port: hostPort, address: ANY.has(hostAddress) ? null : hostAddress }],
    );
  const all = [...new Map([...listening, ...published].map((one) => [JSON.stringify(one), one])).values()];
  const isSame = ({ protocol, port }: Service): boolean => protocol === asked.protocol && port === asked.port;
  return [...all.filter(isSame), ...all.filter((one) => !isSame(one))].slice(0, MOST_SERVICES);
}

const ANY = new Set(['', '0.0.0.0', '::']);

/** Where the kernel hears the packets of its tunnels: nobody is served there, what they carry is told. */
const tunnelPorts = (snapshot: Snapshot, namespace: NamespaceId): ReadonlySet<number | null> =>
  new Set(tunnelEnds(snapshot).flatMap(({ underlay, port }) => (underlay === namespace ? [port] : [])));

/** By which addresses an end is asked for, of each family: those on a network that both are on first. */
function addressesFor(snapshot: Snapshot, from: FlowEnd, target: Namespace): readonly string[] {
  const asker = findNamespace(snapshot, from.namespace);
  const near = asker && asker.id !== target.id ? ownAddresses(asker) : [];
  const all = ownAddresses(target);
  return ([4, 6] as const).flatMap((family) => {
    const own = all.filter((one) => one.family === family);
    const shared = own.filter(({ address }) =>
      near.some((one) => one.family === family && prefixContains(one, address)),
    );
    const others = own.filter((one) => !shared.includes(one));
    return [...shared, ...others].slice(0, MOST_ADDRESSES).map(({ address }) => address);
  });
}
