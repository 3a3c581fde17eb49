import { renderCause } from '../../../diagnostics/causes/text.ts';
import type { Diagnosis } from '../../../diagnostics/model/diagnosis.ts';
import { displayText } from '../../../diagnostics/model/display-text.ts';
import type { Language } from '../../../diagnostics/model/language.ts';
import type { Step } from '../../../diagnostics/model/trace.ts';
import type { CheckOf } from '../../format/check-schema.ts';
import type { CheckContext, LabQuestion } from './context.ts';
import { fail, PASS, unknown, type CheckOutcome } from './outcome.ts';

type Reach = Pick<CheckOf<'reach'>, 'from' | 'to' | 'protocol' | 'port'>;

/** The question behind a check; TO may name a node: then its endpoint is meant. */
export function questionOf(what: Reach, context: CheckContext): LabQuestion {
  const port = what.port ?? null;
  return {
    from: context.node(what.from).endpoint,
    to: context.network.nodes.get(what.to)?.endpoint ?? what.to,
    protocol: what.protocol ?? (port === null ? 'icmp' : 'tcp'),
    port,
  };
}

/**
 * Whether FROM gets an answer. The facts decide at first, without a packet; that it has become so is confirmed by one, where
 * `probe` allows it.
 */
export async function checkReach(
  what: CheckOf<'reach'>,
  context: CheckContext,
  probe: boolean,
): Promise<CheckOutcome> {
  const question = questionOf(what, context);
  const wanted = what.expect;
  const en = await context.ask(question, false, 'en');
  let outcome = await judge(wanted, en, question, context);
  // Where the facts do not suffice, the kernel's own answer does.
  if (probe && outcome.state !== 'fail')
    outcome = await judge(wanted, await context.ask(question, true, 'en'), question, context);
  return outcome;
}

async function judge(
  wanted: 'reachable' | 'unreachable',
  answer: Diagnosis,
  question: LabQuestion,
  context: CheckContext,
): Promise<CheckOutcome> {
  const { verdict } = answer;
  if (verdict === 'unknown')
    return unknown(
      answer.notes[0] ?? 'This cannot be known from here.',
      (await context.ask(question, false, 'zh-cn')).notes[0] ?? '从这里无法判断。',
    );
  const reachable = verdict === 'reachable';
  if (reachable === (wanted === 'reachable')) return PASS;
  if (reachable) return fail('There is still an answer.', '仍然能收到回应。');
  return fail(causeIn('en', answer, 'There is no answer yet.'), causeIn('zh-cn', answer, '还没有收到回应。'));
}

/** The first cause in a language, as the engine says it. */
const causeIn = (language: Language, { causes: [cause] }: Diagnosis, otherwise: string): string =>
  cause ? sentence(renderCause(cause, language).summary, language) : otherwise;

const sentence = (text: string, language: Language): string =>
  /[.!?。！？]$/.test(text) ? text : `${text}${language === 'en' ? '.' : '。'}`;

/** What the firewall of a node does with such a packet, on the way there, as the engine walks it. */
export async function checkRule(what: CheckOf<'rule'>, context: CheckContext): Promise<CheckOutcome> {
  const { from, to, port, protocol, at, does } = what;
  const question = questionOf({ from, to, port, protocol }, context);
  const answer = await context.ask(question, false, 'en');
  const node = context.node(at);
  const hops = answer.legs
    .flatMap((leg) => leg.forward.hops)
    .filter((hop) => {
      const place = answer.namespaces[hop.namespace];
      return place?.host === node.host && node.endpoint.endsWith(place.label);
    });
  if (hops.length === 0) return fail(`No such packet gets as far as ${at}.`, `这样的包还到不了 ${at}。`);
  const steps = hops.flatMap((hop) => hop.steps);
  if (steps.some((step) => matches(step, does))) return PASS;
  const decided = steps.find((step) => step.kind === 'filter' && step.verdict !== 'accept');
  if (does === 'accept' && !decided) return PASS;
  if (decided?.kind === 'filter') {
    const rule = displayText(decided.decidedBy.rule?.text ?? decided.decidedBy.baseChain);
    return fail(`${at} stops this packet (${rule}).`, `${at} 拦下了这样的包（${rule}）。`);
  }
  switch (does) {
    case 'translate-source':
    case 'translate-destination':
      return fail(
        `${at} passes this packet on with its addresses unchanged.`,
        `${at} 没有改写这个包的地址就放行了。`,
      );
    case 'accept':
    case 'drop':
    case 'reject':
      return fail(`${at} lets this packet pass.`, `${at} 放行了这样的包。`);
  }
}

function matches(step: Step, does: CheckOf<'rule'>['does']): boolean {
  switch (does) {
    case 'accept':
      return false;
    case 'drop':
    case 'reject':
      return step.kind === 'filter' && step.verdict === does;
    case 'translate-source':
      return step.kind === 'translate' && step.what === 'source';
    case 'translate-destination':
      return step.kind === 'translate' && step.what === 'destination';
  }
}
