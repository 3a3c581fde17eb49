import { valueOr } from '../../model/fact.ts';
import type { NamespaceId } from '../../model/ids.ts';
import type { Route } from '../../model/route.ts';
import type { Chain, Rule, Table } from '../../model/ruleset.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Hop, Trace } from '../../model/trace.ts';
import type { CauseKind } from '../cause.ts';
import type { Finding } from '../finding.ts';
import { readIn, routeEvidence, ruleEvidence, sysctlEvidence } from '../evidence.ts';
import { inUnderlay, lastSending } from '../tunnel.ts';
import { factsIn, labelIn, sysctlsIn, type WaySituation } from '../situation.ts';

/** What Linux gives a packet unless it is told otherwise (IPDEFTTL, IPV6_DEFAULT_HOPLIMIT). */
const USUAL = 64;

/** The packet has no more hops to live although it goes in no circle: it had too few from the start, or a rule took them. */
export const ttlExpired: CauseKind = {
  id: 'ttl-expired',
  find(situation) {
    if (situation.type !== 'way' || situation.trace.disposition !== 'ttl-expired') return null;
    return byTunnel(situation) ?? byRule(situation) ?? bySetting(situation);
  },
  text: {
    en: {
      summary: (p) =>
        p('tunnel') !== ''
          ? `Packets of the tunnel ${p('tunnel')} in ${p('namespace')} live too short for the way to its other end: they may pass ${p('routers')} router(s), as its ttl is ${p('ttl')}`
          : p('rule') === ''
            ? `Packets of ${p('namespace')} may pass ${p('routers')} router(s) only, and the way has more: ${p('setting')} is ${p('ttl')}`
            : `A firewall rule in ${p('namespace')} leaves packets too few hops to live: ${p('rule')}`,
      explanation: (p) =>
        `Each router takes one from a packet's time to live (TTL, in IPv6 hop limit) and drops it at zero, so that nothing goes round for ever. ${p('tunnel') !== '' ? `The tunnel ${p('tunnel')} was made to send its own packets with ${p('ttl')}, whatever is in them; 64 is usual` : p('rule') === '' ? `${p('namespace')} sends packets with ${p('ttl')}; 64 is usual and enough for any real way` : `The rule “${p('rule')}” in ${p('namespace')} changes it`}. It ran out in ${p('endsAt')}.`,
    },
    'zh-cn': {
      summary: (p) =>
        p('tunnel') !== ''
          ? `${p('namespace')} 的隧道 ${p('tunnel')} 的数据包最多只能经过 ${p('routers')} 个路由器，而通往另一端的路上更多：它的 ttl 是 ${p('ttl')}`
          : p('rule') === ''
            ? `${p('namespace')} 发出的数据包最多只能经过 ${p('routers')} 个路由器，而路上更多：${p('setting')} 为 ${p('ttl')}`
            : `${p('namespace')} 的一条防火墙规则让数据包的生存时间太短：${p('rule')}`,
      explanation: (p) =>
        `每个路由器都会把数据包的生存时间（TTL，IPv6 中称跳数限制）减一，减到零就丢弃，以免无休止地转圈。${p('tunnel') !== '' ? `隧道 ${p('tunnel')} 被设为不管里面装的是什么，自己的数据包都只带 ${p('ttl')}，而通常是 64` : p('rule') === '' ? `${p('namespace')} 发出的数据包只有 ${p('ttl')}，而通常是 64，足够任何真实的路径使用` : `${p('namespace')} 中的规则“${p('rule')}”改动了它`}。它在 ${p('endsAt')} 用尽了。`,
    },
  },
};

/** What each way of finding it knows of its own; `namespace` is where packets are given too few hops. */
interface Shortage extends Pick<Finding, 'params' | 'evidence' | 'remedies'> {
  readonly namespace: NamespaceId;
  readonly certainty: Finding['certainty'];
}

const finding = (
  { snapshot, namespace: end }: WaySituation,
  { namespace, certainty, params, evidence, remedies }: Shortage,
): Finding => ({
  id: 'ttl-expired',
  place: { namespace },
  certainty,
  params: { namespace: labelIn(snapshot, namespace), endsAt: labelIn(snapshot, end), ...params },
  evidence,
  remedies,
});

/** A packet that is sent with this TTL passes one router fewer. */
const sentWith = (ttl: number): Finding['params'] => ({ ttl, routers: ttl - 1, rule: null });

/** The packet that ran out is a tunnel's, which was made to send them so. */
function byTunnel(situation: WaySituation): Finding | null {
  const sending = inUnderlay(situation) ? lastSending(situation) : null;
  if (!sending) return null;
  const { snapshot } = situation;
  const { end } = sending;
  const { namespace, link, kind } = end;
  if (kind.ttl === undefined || kind.ttl >= USUAL) return null;
  return finding(situation, {
    namespace,
    certainty: 'certain',
    params: { tunnel: link.name, ...sentWith(kind.ttl) },
    evidence: [
      {
        source: readIn(snapshot, namespace, ['ip', '-d', 'link', 'show', 'dev', link.name]),
        text: `ttl ${kind.ttl}`,
      },
    ],
    remedies: [{ actions: [{ kind: 'change-tunnel', namespace, dev: link.name, ttl: USUAL }] }],
  });
}

function bySetting(situation: WaySituation): Finding | null {
  const { snapshot, trace } = situation;
  const [first] = trace.hops;
  const sent = first?.steps.find((step) => step.kind === 'send');
  if (!first || sent?.kind !== 'send' || sent.packet.ttl >= USUAL) return null;
  const route = first.steps.findLast((step) => step.kind === 'route');
  const dev = route?.kind === 'route' ? route.dev : undefined;
  const key =
    sent.packet.family === 4 ? 'net/ipv4/ip_default_ttl' : `net/ipv6/conf/${dev ?? 'all'}/hop_limit`;
  const value = sysctlsIn(snapshot, first.namespace)[key];
  const chosen = route?.kind === 'route' ? route.route : null;
  if (chosen?.hopLimit !== undefined) return byRoute(situation, first.namespace, chosen, chosen.hopLimit);
  return finding(situation, {
    namespace: first.namespace,
    certainty: 'certain',
    params: { setting: key.replaceAll('/', '.'), ...sentWith(sent.packet.ttl) },
    evidence: [sysctlEvidence(key, value ?? String(sent.packet.ttl))],
    remedies:
      value === undefined
        ? []
        : [{ actions: [{ kind: 'write-sysctl', namespace: first.namespace, key, value: String(USUAL) }] }],
  });
}

/** The route that it left by says how long it may live. */
function byRoute(situation: WaySituation, namespace: NamespaceId, route: Route, hops: number): Finding {
  const { snapshot, packet } = situation;
  const [hop] = route.nextHops;
  return finding(situation, {
    namespace,
    certainty: 'certain',
    params: { setting: `hoplimit (${route.text})`, ...sentWith(hops) },
    evidence: [routeEvidence(snapshot, namespace, packet.destination, route.text)],
    remedies:
      hop?.via === undefined || hop.dev === undefined || route.nextHops.length > 1
        ? []
        : [{ actions: [{ kind: 'replace-route', namespace, route, via: hop.via, dev: hop.dev }] }],
  });
}

/** Where a packet left with less than it came with, less the one that a router takes. */
function byRule(situation: WaySituation): Finding | null {
  const { snapshot, trace } = situation;
  const hop = trace.hops.find((it, at) => lostIn(trace, it, at));
  const rule = hop && ttlRule(snapshot, hop.namespace);
  if (!hop || !rule) return null;
  const { table, chain } = rule;
  const place = {
    namespace: hop.namespace,
    backend: table.backend,
    family: table.family,
    table: table.name,
    chain: chain.name,
  };
  return finding(situation, {
    namespace: hop.namespace,
    certainty: 'likely',
    params: { rule: rule.rule.text },
    evidence: [ruleEvidence(snapshot, hop.namespace, { ...place, rule: rule.rule })],
    remedies: [{ actions: [{ kind: 'delete-rule', place, rule: rule.rule }] }],
  });
}

function lostIn({ hops }: Trace, hop: Hop, at: number): boolean {
  const next = hops[at + 1];
  const sent = hop.steps.find((step) => step.kind === 'send');
  const came = sent?.kind === 'send' ? sent.packet.ttl : hop.packet.ttl;
  // It came with enough and ended here for want of it.
  if (!next) return came > 1;
  const forwarded = hop.steps.some((step) => step.kind === 'forward' && step.enabled);
  return next.packet.ttl < came - (forwarded ? 1 : 0);
}

function ttlRule(
  snapshot: Snapshot,
  id: NamespaceId,
): { readonly table: Table; readonly chain: Chain; readonly rule: Rule } | null {
  const ruleset = valueOr(factsIn(snapshot, id)?.ruleset ?? { state: 'absent' }, null);
  for (const table of ruleset?.tables ?? [])
    for (const chain of table.chains)
      for (const rule of chain.rules)
        if (rule.parts.some((part) => part.type === 'set-ttl')) return { table, chain, rule };
  return null;
}
