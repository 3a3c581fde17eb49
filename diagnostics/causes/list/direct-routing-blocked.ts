import { valueOr } from '../../model/fact.ts';
import type { Field } from '../../model/rule-field.ts';
import type { Match } from '../../model/rule-match.ts';
import type { Rule } from '../../model/ruleset.ts';
import type { RuleReference } from '../../model/trace.ts';
import type { CauseKind } from '../cause.ts';
import { certaintyOf } from '../finding.ts';
import { containerWith } from '../containers.ts';
import { ruleEvidence } from '../evidence.ts';
import { factsIn, linkIn, type WaySituation } from '../situation.ts';
import { acceptRemedies, decidingFilter, placeOf, ruleParams } from '../verdict-rule.ts';

/** Docker (since 28) drops what is sent straight to a container's address from anywhere but its own bridge. */
export const directRoutingBlocked: CauseKind = {
  id: 'direct-routing-blocked',
  purpose: ['bridge', 'destination'],
  find(situation) {
    if (situation.type !== 'way' || situation.direction !== 'forward') return null;
    const step = decidingFilter(situation);
    const { snapshot, namespace, packet, trace, hop } = situation;
    const bridge = step?.verdict === 'drop' ? guardedBridge(situation, step.decidedBy) : null;
    if (!step || bridge === null || linkIn(snapshot, namespace, bridge)?.kind.type !== 'bridge') return null;
    // A published port's packet comes with the host's address, and is not stopped here.
    if (hop.steps.some((other) => other.kind === 'translate' && other.what === 'destination')) return null;
    const place = placeOf(namespace, step.decidedBy, step.decidedBy.chain);
    const rule = step.decidedBy.rule;
    return {
      id: 'direct-routing-blocked',
      place: { namespace },
      certainty: certaintyOf(trace),
      params: {
        ...ruleParams(situation, step),
        bridge,
        device: hop.inDev,
        container: containerWith(snapshot, packet.destination)?.container.name ?? null,
      },
      evidence: [ruleEvidence(snapshot, namespace, step.decidedBy)],
      remedies: [
        ...acceptRemedies(situation, step),
        ...(rule === null ? [] : [{ actions: [{ kind: 'delete-rule' as const, place, rule }] }]),
      ],
    };
  },
  text: {
    en: {
      summary: (p) =>
        `${p('namespace')} drops what is sent straight to ${who(p('container'), p('destination'))} from outside ${p('bridge')}`,
      explanation: (p) =>
        `A container's address is meant for its own network. Others ask for a published port at the host's address, and the host sends that on. Since Docker 28 a packet that names the container's address and does not come from its bridge ${p('bridge')} is dropped, also where the sender has a route: ${p('also') === '' ? `rule “${p('rule')}”` : `rules “${p('rule')}” and “${p('also')}”`} in ${p('namespace')}. Publish the port and ask for it at the host; or, where routing straight to containers is wanted, start the engine with “--allow-direct-routing”, or make the network with the gateway mode “routed” or “nat-unprotected”.`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('namespace')} 会丢弃从 ${p('bridge')} 之外直接发往 ${who(p('container'), p('destination'))} 的数据包`,
      explanation: (p) =>
        `容器的地址只供它自己的网络使用；别人应当访问宿主机地址上发布的端口，由宿主机转发。从 Docker 28 起，凡是直接写明容器地址、又不是从它的网桥 ${p('bridge')} 进来的数据包都会被丢弃，即使发送者有去往它的路由：见 ${p('namespace')} 中的规则“${p('rule')}”${p('also') === '' ? '' : `和“${p('also')}”`}。请发布端口并访问宿主机；如果确实需要直接路由到容器，可以用“--allow-direct-routing”启动引擎，或者在创建网络时使用网关模式“routed”或“nat-unprotected”。`,
    },
  },
};

const who = (container: string, address: string): string =>
  container === '' ? address : `${container} (${address})`;

/**
 * The bridge that a rule guards: `ip daddr CONTAINER iifname != "BRIDGE" drop` where packets come in, or the like where they are
 * passed on to it. Null for every other rule.
 */
export function guardedBridge({ snapshot, namespace }: WaySituation, by: RuleReference): string | null {
  const ruleset = valueOr(factsIn(snapshot, namespace)?.ruleset ?? { state: 'absent' }, null);
  const rule = ruleset?.tables
    .find(({ backend, family, name }) => backend === by.backend && family === by.family && name === by.table)
    ?.chains.find(({ name }) => name === by.chain)
    ?.rules.find(({ number }) => number === by.rule?.number);
  if (!rule) return null;
  const from = deviceOf(rule, 'iif', true);
  if (by.hook === 'prerouting')
    return from !== null && looksAtOnly(rule, ['daddr', 'iif', 'nfproto']) ? from : null;
  if (by.hook !== 'forward' || ![by.chain, by.table].some((name) => /^docker/i.test(name))) return null;
  // On the nft backend a bridge has a chain of its own, which its name ends with.
  const own = /^filter-forward-in__(.+)$/.exec(by.chain)?.[1];
  if (own !== undefined && comparisons(rule).length === 0) return own;
  const guarded = deviceOf(rule, 'oif', false);
  if (from === null && guarded !== null && looksAtOnly(rule, ['oif'])) return guarded;
  return from !== null && from === deviceOf(rule, 'oif', false) && looksAtOnly(rule, ['oif', 'iif'])
    ? from
    : null;
}

const comparisons = ({ parts }: Rule): readonly Extract<Match, { type: 'compare' }>[] =>
  parts.flatMap((part) => (part.type === 'compare' ? [part] : []));

/** The one device that the rule names. */
function deviceOf(rule: Rule, field: Field, negate: boolean): string | null {
  const match = comparisons(rule).find((one) => one.fields.length === 1 && one.fields[0] === field);
  if (match?.negate !== negate || match.values.type !== 'inline') return null;
  const [value] = match.values.tuples.length === 1 ? (match.values.tuples[0] ?? []) : [];
  return value?.type === 'text' && !value.value.endsWith('*') ? value.value : null;
}

const looksAtOnly = (rule: Rule, fields: readonly Field[]): boolean =>
  comparisons(rule).every((match) => match.fields.every((field) => fields.includes(field)));
