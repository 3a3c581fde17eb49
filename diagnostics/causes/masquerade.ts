import { valueOr } from '../model/fact.ts';
import type { NamespaceId } from '../model/ids.ts';
import { familyOf, parseAddress, prefixContains } from '../model/ip.ts';
import { hasPorts } from '../model/packet.ts';
import type { Chain, Rule, RulePart, Table } from '../model/ruleset.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { Hop } from '../model/trace.ts';
import type { ChainPlace } from '../fixes/rule-patch.ts';
import { ANY } from '../fixes/rule-spec.ts';
import type { Remedy } from './finding.ts';
import { networkOf } from './gateways.ts';
import type { Translation } from './nat-ways.ts';
import { enginesOver, factsIn, packetAfter, type WaySituation } from './situation.ts';

/** RFC 1918, and the shared space of RFC 6598. */
const PRIVATE = [
  { address: '10.0.0.0', length: 8 },
  { address: '172.16.0.0', length: 12 },
  { address: '192.168.0.0', length: 16 },
  { address: '100.64.0.0', length: 10 },
];

export const isPrivate = (address: string): boolean =>
  parseAddress(address)?.family === 4 && PRIVATE.some((prefix) => prefixContains(prefix, address));

/** A router on the way there that sent the packet on under its sender's own address. */
export interface Forwarder {
  readonly namespace: NamespaceId;
  readonly outDev: string;
  readonly source: string;
}

export function forwardersOf({ forward }: WaySituation): readonly Forwarder[] {
  return forward.hops.flatMap((hop, index) =>
    index > 0 && hop.outDev !== null && hop.inDev !== null && routed(hop) && !sourceTranslated(hop)
      ? [{ namespace: hop.namespace, outDev: routedBy(hop) ?? hop.outDev, source: hop.packet.source }]
      : [],
  );
}

/** Where it leaves by a bridge, rules see the bridge, and not the port. */
export const routedBy = ({ steps }: Hop): string | undefined => {
  const route = steps.findLast((step) => step.kind === 'route');
  return route?.kind === 'route' ? route.dev : undefined;
};

/** A bridge passes frames on without ever looking at a route. */
const routed = (hop: Hop): boolean => hop.steps.some(({ kind }) => kind === 'forward' || kind === 'route');

const sourceTranslated = (hop: Hop): boolean =>
  hop.steps.some((step) => step.kind === 'translate' && step.what === 'source');

const translates = (rule: Rule): boolean =>
  rule.parts.some(({ type }) => type === 'masquerade' || type === 'snat');

interface Placed {
  readonly table: Table;
  readonly chain: Chain;
}

const natChains = (snapshot: Snapshot, id: NamespaceId): readonly Placed[] =>
  (valueOr(factsIn(snapshot, id)?.ruleset ?? { state: 'absent' }, null)?.tables ?? []).flatMap((table) =>
    table.chains.map((chain) => ({ table, chain })),
  );

/**
 * Whether a machine changes the source of other traffic that leaves by the same interface, so that it can be expected to do it
 * for this one too.
 */
export const masqueradesOthers = (
  snapshot: Snapshot,
  { namespace, outDev }: Pick<Forwarder, 'namespace' | 'outDev'>,
): boolean =>
  natChains(snapshot, namespace).some(({ chain }) =>
    chain.rules.some((rule) => translates(rule) && !rule.parts.some((part) => sparesDevice(part, outDev))),
  );

/** A rule for what leaves by other interfaces: `! -o docker0`, `oifname "wan"`. */
const sparesDevice = (part: RulePart, outDev: string): boolean => {
  if (part.type !== 'compare' || part.fields.join() !== 'oif' || part.values.type !== 'inline') return false;
  const named = part.values.tuples.some(([value]) => value?.type === 'text' && fits(value.value, outDev));
  return named === part.negate;
};

/** iptables' `eth+` is nft's `eth*`. */
const fits = (pattern: string, name: string): boolean =>
  pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;

/** The engine's network that a source belongs to, where the engine should masquerade for it. */
export const engineNetworkOf = (snapshot: Snapshot, id: NamespaceId, source: string): string | null =>
  enginesOver(snapshot, id)
    .flatMap(({ networks }) => networks)
    .find(
      ({ driver, internal, options, subnets }) =>
        driver === 'bridge' &&
        !internal &&
        options['com.docker.network.bridge.enable_ip_masquerade'] !== 'false' &&
        subnets.some(({ subnet }) => {
          const [address = '', length] = subnet.split('/');
          return prefixContains({ address, length: Number(length) }, source);
        }),
    )?.name ?? null;

/** The chain where a machine's own source translation is, or where iptables puts it. */
export function natPlace(snapshot: Snapshot, namespace: NamespaceId, family: 'ip' | 'ip6'): ChainPlace {
  const base = natChains(snapshot, namespace).filter(
    ({ table, chain }) =>
      chain.base?.type === 'nat' &&
      chain.base.hook === 'postrouting' &&
      (table.family === family || table.family === 'inet'),
  );
  const chosen = base.find(({ chain }) => chain.rules.some(translates)) ?? base[0];
  return {
    namespace,
    backend: chosen?.table.backend ?? 'iptables-nft',
    family: chosen?.table.family ?? family,
    table: chosen?.table.name ?? 'nat',
    chain: chosen?.chain.name ?? 'POSTROUTING',
  };
}

/** A rule that puts the router's own address on what leaves from the sender's network. */
export const masqueradeAt = (snapshot: Snapshot, { namespace, outDev, source }: Forwarder): Remedy => {
  const network = networkOf(snapshot, source);
  return {
    actions: [
      {
        kind: 'insert-rule',
        place: natPlace(snapshot, namespace, familyOf(source) === 6 ? 'ip6' : 'ip'),
        before: null,
        spec: {
          ...ANY,
          source: `${network.address}/${network.length}`,
          outDev,
          action: { type: 'masquerade' },
        },
      },
    ],
  };
};

/** A rule at a machine that changes a packet's destination: it puts its own address on what it sends there, so that it is answered. */
export const masqueradeFor = ({ snapshot }: WaySituation, { hop, before }: Translation): Remedy => {
  const { source, destination, protocol, destinationPort } = packetAfter(hop);
  const { address, length } = networkOf(snapshot, before.source);
  return {
    actions: [
      {
        kind: 'insert-rule',
        place: natPlace(snapshot, hop.namespace, familyOf(source) === 6 ? 'ip6' : 'ip'),
        before: null,
        spec: {
          ...ANY,
          source: `${address}/${length}`,
          destination,
          protocol,
          ...(hasPorts({ protocol }) ? { destinationPort } : {}),
          action: { type: 'masquerade' },
        },
      },
    ],
  };
};

export const masqueradeRemedies = (situation: WaySituation): readonly Remedy[] =>
  forwardersOf(situation).map((forwarder) => masqueradeAt(situation.snapshot, forwarder));
