import type { CauseKind } from '../cause.ts';
import { certaintyOf, type Finding, type Remedy } from '../finding.ts';
import { changeBy } from '../../fixes/registry.ts';
import { predict } from '../../simulate/answer/predict.ts';
import { walkFlow } from '../../simulate/walk.ts';
import { readIn, sysctlEvidence } from '../evidence.ts';
import { endingLookup } from '../ending-lookup.ts';
import { routeRemedies } from './no-route.ts';
import { ruleEvidence } from '../evidence.ts';
import { reversePathRule, wayBack, waysBackBy, type ReversePathRule } from '../reverse-path-rule.ts';
import { labelIn, sysctlsIn, type WaySituation, vrfCameBy } from '../situation.ts';
import { sourceRemedies } from '../spoken-from.ts';

/** The reverse path filter drops a packet that came in by another interface than answers to its source would leave by. */
export const rpFilter: CauseKind = {
  id: 'rp-filter',
  find(situation) {
    if (situation.type !== 'way') return null;
    const ruled = reversePathRule(situation);
    if (ruled) return byRules(situation, ruled);
    const { snapshot, namespace, step, direction } = situation;
    if (step.kind !== 'source-check' || step.passed) return null;
    if (step.reason !== 'rp-filter-strict' && step.reason !== 'rp-filter-loose') return null;
    const strict = step.reason === 'rp-filter-strict';
    // Without any way back the loose mode would not let it pass either.
    const noWay = endingLookup(situation) !== null;
    const sysctls = sysctlsIn(snapshot, namespace);
    const key = `net/ipv4/conf/${step.dev}/rp_filter`;
    const deciding = step.sysctl ?? key;
    const own = direction === 'forward' ? sourceRemedies(situation) : [];
    return {
      id: 'rp-filter',
      place: { namespace },
      certainty: 'certain',
      params: {
        namespace: labelIn(snapshot, namespace),
        device: step.dev,
        source: step.source,
        noWay,
        direction,
        rule: null,
      },
      evidence: [
        sysctlEvidence(deciding, sysctls[deciding] ?? (strict ? '1' : '2')),
        {
          source: readIn(snapshot, namespace, ['ip', 'route', 'get', step.source]),
          text: wayBackText(noWay, step.source, step.dev),
        },
      ],
      // The larger of all/rp_filter and the interface's own counts, and 2 (loose) is the largest.
      remedies: [
        ...(noWay
          ? [...own, ...routeRemedies(snapshot, namespace, step.source, vrfCameBy(situation))]
          : [...strictRemedies(situation, step.dev, key), ...own]),
      ],
    };
  },
  text: {
    en: {
      summary: (p) =>
        `${p('namespace')} drops the ${p('direction') === 'back' ? 'answer' : 'packet'} on ${p('device')} because ${p('noWay') === 'false' ? `its source ${p('source')} is expected from elsewhere` : `it knows no way back to its source ${p('source')}`} (reverse path filter)`,
      explanation: (p) =>
        p('rule') !== ''
          ? `Against forged senders, a firewall can ask of each arriving packet: would an answer to its source leave by the same interface? In ${p('namespace')} the rule “${p('rule')}” belongs to such a check. ${p('noWay') === 'false' ? `The answer to ${p('source')} would leave by another interface than ${p('device')}` : `There is no route at all back to ${p('source')}`}, so the packet is dropped. A route back by ${p('device')} mends the check and the answer; an exception in the firewall lets the packet in, and its answer still goes where the routes say.`
          : `Against forged senders, the kernel can check each arriving packet: would an answer to its source leave by the same interface? ${p('noWay') === 'false' ? `In ${p('namespace')} the answer to ${p('source')} would leave by another one than ${p('device')}, so the strict check drops it. The loose mode (2) only asks for any route back` : `In ${p('namespace')} there is no route at all back to ${p('source')}, so the packet fails the check, and its answer could not be sent either`}. ${p('noWay') === 'false' ? 'The other remedy is to make both directions take the same way.' : 'A route back mends both.'}`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('namespace')} 在 ${p('device')} 上丢弃了${p('direction') === 'back' ? '应答' : '数据包'}，因为${p('noWay') === 'false' ? `来源 ${p('source')} 本应从别处到来` : `它没有回到来源 ${p('source')} 的路由`}（反向路径过滤）`,
      explanation: (p) =>
        p('rule') !== ''
          ? `为了防止伪造来源，防火墙可以对每个到达的数据包问一句：回给它来源的应答会不会从同一个接口出去？${p('namespace')} 中的规则“${p('rule')}”就属于这样的检查。${p('noWay') === 'false' ? `回给 ${p('source')} 的应答不会从 ${p('device')} 出去` : `根本没有回到 ${p('source')} 的路由`}，所以数据包被丢弃。添加一条经 ${p('device')} 的返回路由，检查和应答就都好了；在防火墙里开一个例外只能让数据包进来，应答仍按路由走。`
          : `为了防止伪造来源，内核可以检查每个到达的数据包：回给它来源的应答会不会从同一个接口出去？${p('noWay') === 'false' ? `在 ${p('namespace')} 中，回给 ${p('source')} 的应答不会从 ${p('device')} 出去，所以严格检查把它丢弃了。宽松模式（2）只要求有路由能回去` : `在 ${p('namespace')} 中根本没有回到 ${p('source')} 的路由，数据包通不过检查，应答也发不回去`}。${p('noWay') === 'false' ? '另一个办法是让来回走同一条路。' : '添加一条返回路由即可。'}`,
    },
  },
};

/**
 * Loosened, the check lets the packet in. That is enough where the answer gets back by the other way; where that way is wrong, it is
 * the route that has to be mended, and with it the check is content.
 */
function strictRemedies(situation: WaySituation, dev: string, key: string): readonly Remedy[] {
  const { snapshot, namespace, packet } = situation;
  const loosened: Remedy = { actions: [{ kind: 'write-sysctl', namespace, key, value: '2' }] };
  const wrong = wayBack(situation)?.route ?? null;
  const routed = waysBackBy(snapshot, namespace, packet.source, dev, wrong).filter((it) =>
    answered(situation, it),
  );
  return answered(situation, loosened) ? [loosened, ...routed] : [...routed, loosened];
}

const answered = ({ snapshot, start }: WaySituation, { actions }: Remedy): boolean =>
  start !== undefined &&
  predict(
    walkFlow(
      actions.reduce((facts, action) => changeBy(action, facts), snapshot),
      start,
    ),
  ).outcome === 'reply';

/** Rules of a firewall do what the setting does, and know no loose mode. */
function byRules(
  { snapshot, namespace, packet, direction, trace }: WaySituation,
  { step, dev, noWay, remedies }: ReversePathRule,
): Finding {
  return {
    id: 'rp-filter',
    place: { namespace },
    certainty: certaintyOf(trace),
    params: {
      namespace: labelIn(snapshot, namespace),
      device: dev,
      source: packet.source,
      noWay,
      direction,
      rule: step.decidedBy.rule?.text ?? null,
    },
    evidence: [
      ruleEvidence(snapshot, namespace, step.decidedBy),
      {
        source: readIn(snapshot, namespace, ['ip', 'route', 'get', packet.source]),
        text: wayBackText(noWay, packet.source, dev),
      },
    ],
    remedies,
  };
}

const wayBackText = (noWay: boolean, source: string, dev: string): string =>
  noWay ? `there is no way back to ${source}` : `the way back to ${source} does not lead through ${dev}`;
