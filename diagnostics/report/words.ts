import type { Cause, Diagnosis, Leg, ProbeOutcome } from '../model/diagnosis.ts';
import { displayText } from '../model/display-text.ts';
import type { Language, Localised } from '../model/language.ts';
import { said } from '../sayings/sayings.ts';
import { WAY_WORDS, type WayWords } from './way-words.ts';

/** The words of a report that are not a cause's own. */
export interface Words extends WayWords {
  readonly verdict: (diagnosis: Diagnosis) => string;
  readonly outcome: Readonly<Record<ProbeOutcome, string>>;
  readonly certainty: Readonly<Record<Cause['certainty'], string>>;
  readonly wayThere: string;
  readonly wayBack: string;
  /** The heading of a way (there, back, of large packets) of a leg. */
  readonly ofLeg: (way: string, leg: Leg, diagnosis: Pick<Diagnosis, 'legs'>) => string;
  readonly stopsHere: string;
  readonly seenUpToHere: string;
  readonly why: string;
  readonly evidence: string;
  readonly fix: (proven: boolean) => string;
  readonly orFix: (proven: boolean) => string;
  readonly byHand: string;
  readonly undo: string;
  readonly lasting: string;
  readonly also: string;
  /** Before what a fix does to flows beside the asked one. */
  readonly otherFlows: string;
  readonly notes: string;
  readonly verified: (diagnosis: Diagnosis) => string;
  readonly colon: string;
  /** What is said beside something, behind it. */
  readonly inBrackets: (text: string) => string;
}

/** `tcp 10.0.0.2:80`, `icmp 10.0.0.2`. */
const target = ({ flow }: Diagnosis): string =>
  `${flow.protocol} ${flow.address ?? '?'}${flow.port === null ? '' : `:${flow.port}`}`;

/** Where the name stands for several addresses, a way says to which it leads. */
const severalAddresses = ({ legs }: Pick<Diagnosis, 'legs'>): boolean =>
  new Set(legs.flatMap(({ kind, flow }) => (kind === 'direct' ? [flow.to] : []))).size > 1;

/** A black hole for large packets, seen or foretold. */
const swallows = ({ probe, legs }: Diagnosis): boolean =>
  (probe.sizes ?? []).some(({ fate }) => fate === 'lost') ||
  legs.some(({ large = [] }) => large.some(({ fate }) => fate === 'lost'));

/** The same question is answered sometimes. */
const isByChance = ({ legs }: Diagnosis): boolean => legs.some(({ chance }) => chance !== undefined);

const OUTCOME_EN: Words['outcome'] = {
  reply: 'an answer came',
  refused: 'refused',
  timeout: 'no answer',
  unreachable: 'told that it is unreachable',
  prohibited: 'told that it is prohibited',
  'too-big': 'the packet is too big',
  'name-unresolved': 'the name is not known',
  'closed-early': 'accepted and closed at once',
  'not-run': 'not tried',
};

const OUTCOME_ZH: Words['outcome'] = {
  reply: '收到应答',
  refused: '被拒绝',
  timeout: '没有应答',
  unreachable: '被告知不可达',
  prohibited: '被告知禁止访问',
  'too-big': '数据包太大',
  'name-unresolved': '名字无法解析',
  'closed-early': '连接被接受后立即关闭',
  'not-run': '没有实际尝试',
};

/** A datagram that nobody answers, where it was looked for at the receiver; `untaken`: a connection that no program took. */
type Arrivals = Readonly<Record<'arrived' | 'never' | 'untaken', string>>;

const ARRIVAL_EN: Arrivals = {
  arrived: 'it arrived, and nobody answered',
  never: 'it never arrived',
  untaken: 'connected, and nobody behind it answers',
};

const ARRIVAL_ZH: Arrivals = {
  arrived: '已到达，但没有应答',
  never: '没有到达',
  untaken: '连接被接受，但背后没有程序应答',
};

const outcomeOf = (
  { verdict, probe: { outcome, arrival } }: Diagnosis,
  outcomes: Words['outcome'],
  arrivals: Arrivals,
): string => {
  if (verdict === 'unreachable' && outcome === 'reply') return arrivals.untaken;
  switch (arrival?.fate) {
    case 'taken':
    case 'waiting':
      return arrivals.arrived;
    case 'never':
      return arrivals.never;
    default:
      return outcomes[outcome];
  }
};

/** Who sent an error, and what was seen at the receiver: a sentence of its own. */
const seen = ({ probe }: Diagnosis, language: Language): string => {
  if (!probe.icmp && !probe.arrival) return '';
  return language === 'en' ? ` ${displayText(probe.detail)}` : displayText(said(probe.detail, language));
};

const milliseconds = ({ probe }: Diagnosis, said: (number: number) => string): string =>
  probe.milliseconds === null ? '' : said(Number(probe.milliseconds.toFixed(1)));

const EN: Words = {
  verdict(diagnosis) {
    const ends = `${diagnosis.flow.from} → ${diagnosis.flow.to} (${target(diagnosis)})`;
    const outcome = outcomeOf(diagnosis, OUTCOME_EN, ARRIVAL_EN);
    switch (diagnosis.verdict) {
      case 'reachable':
        return `Reachable: ${ends}: ${outcome}${milliseconds(diagnosis, (ms) => ` (${ms} ms)`)}.`;
      case 'unreachable':
        return `Not reachable: ${ends}: ${outcome}.`;
      case 'partial':
        return swallows(diagnosis)
          ? `Partly reachable: ${ends}: small packets pass, large ones vanish.`
          : isByChance(diagnosis)
            ? `Partly reachable: ${ends}: some connections get through, others do not.`
            : `Partly reachable: ${ends}: some addresses answer, others do not.`;
      case 'unknown':
        return `Cannot tell: ${ends}: ${outcome}.`;
    }
  },
  outcome: OUTCOME_EN,
  certainty: { certain: 'certain', likely: 'likely', possible: 'possible' },
  wayThere: 'The way there',
  wayBack: 'The way back',
  ofLeg: (way, { kind, flow: { from, to }, chance }, diagnosis) => {
    switch (kind) {
      case 'direct':
        if (severalAddresses(diagnosis)) return `${way} to ${to}`;
        return chance ? `${way}, as chance has it (${chance.way} of ${chance.of})` : way;
      case 'dns':
        return `${way} to the name server`;
      case 'relay':
        return `${way} from the relay on`;
      case 'underlay':
        return `${way}: the tunnel’s own packets, ${from} → ${to}`;
    }
  },
  ...WAY_WORDS.en,
  stopsHere: 'STOPS HERE',
  seenUpToHere: 'SEEN UP TO HERE',
  why: 'Why',
  evidence: 'Evidence',
  fix: (proven) => (proven ? 'Fix (proven on paper)' : 'Fix'),
  orFix: (proven) => (proven ? 'Or (proven on paper)' : 'Or'),
  byHand: ' (to be done by hand)',
  undo: 'Undo',
  lasting: 'To last',
  also: 'Mind',
  otherFlows: 'Other flows',
  notes: 'Notes',
  verified(diagnosis) {
    const { probe, timings } = diagnosis;
    const asked =
      probe.outcome === 'not-run'
        ? 'The kernel was not asked'
        : `The kernel was asked: ${outcomeOf(diagnosis, OUTCOME_EN, ARRIVAL_EN)}${probe.agrees === true ? ', as predicted' : ''}`;
    return `${asked}.${seen(diagnosis, 'en')} Facts ${timings.collect} ms, reasoning ${timings.simulate} ms, probe ${timings.probe} ms.`;
  },
  colon: ': ',
  inBrackets: (text) => ` (${text})`,
};

const ZH: Words = {
  verdict(diagnosis) {
    const ends = `${diagnosis.flow.from} → ${diagnosis.flow.to}（${target(diagnosis)}）`;
    const outcome = outcomeOf(diagnosis, OUTCOME_ZH, ARRIVAL_ZH);
    switch (diagnosis.verdict) {
      case 'reachable':
        return `可以到达：${ends}：${outcome}${milliseconds(diagnosis, (ms) => `（${ms} 毫秒）`)}。`;
      case 'unreachable':
        return `无法到达：${ends}：${outcome}。`;
      case 'partial':
        return swallows(diagnosis)
          ? `部分可达：${ends}：小数据包能通过，大数据包消失了。`
          : isByChance(diagnosis)
            ? `部分可达：${ends}：有的连接能成功，有的不能。`
            : `部分可达：${ends}：有的地址有应答，有的没有。`;
      case 'unknown':
        return `无法判断：${ends}：${outcome}。`;
    }
  },
  outcome: OUTCOME_ZH,
  certainty: { certain: '确定', likely: '很可能', possible: '有可能' },
  wayThere: '去程',
  wayBack: '回程',
  ofLeg: (way, { kind, flow: { from, to }, chance }, diagnosis) => {
    switch (kind) {
      case 'direct':
        if (severalAddresses(diagnosis)) return `${way}（到 ${to}）`;
        return chance ? `${way}（随机选择：${chance.of} 条中的第 ${chance.way} 条）` : way;
      case 'dns':
        return `${way}（到名字服务器）`;
      case 'relay':
        return `${way}（从中继开始）`;
      case 'underlay':
        return `${way}：隧道自身的数据包，${from} → ${to}`;
    }
  },
  ...WAY_WORDS['zh-cn'],
  stopsHere: '停在这里',
  seenUpToHere: '只能看到这里',
  why: '原因',
  evidence: '证据',
  fix: (proven) => (proven ? '解决办法（已在纸面上验证）' : '解决办法'),
  orFix: (proven) => (proven ? '或者（已在纸面上验证）' : '或者'),
  byHand: '（需要手动完成）',
  undo: '撤销',
  lasting: '长期有效',
  also: '注意',
  otherFlows: '其他流量',
  notes: '说明',
  verified(diagnosis) {
    const { probe, timings } = diagnosis;
    const asked =
      probe.outcome === 'not-run'
        ? '没有向内核求证'
        : `已向内核求证：${outcomeOf(diagnosis, OUTCOME_ZH, ARRIVAL_ZH)}${probe.agrees === true ? '，与预测一致' : ''}`;
    return `${asked}。${seen(diagnosis, 'zh-cn')}读取网络状态 ${timings.collect} 毫秒，推演 ${timings.simulate} 毫秒，探测 ${timings.probe} 毫秒。`;
  },
  colon: '：',
  inBrackets: (text) => `（${text}）`,
};

export const WORDS: Localised<Words> = { en: EN, 'zh-cn': ZH };

/** The one sentence that says it all. Safe to show. */
export const verdictText = (diagnosis: Diagnosis, language: Language): string =>
  displayText(WORDS[language].verdict(diagnosis));
