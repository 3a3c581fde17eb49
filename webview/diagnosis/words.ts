import { said } from '../../diagnostics/sayings/sayings.ts';
import type { Cause, ProbeOutcome, WhyVerdict } from '../../diagnostics/model/diagnosis.ts';
import type { Words } from '../shared/language.ts';

export interface DiagnosisWords {
  readonly waiting: string;
  readonly working: (from: string, to: string) => string;
  readonly verdict: Readonly<Record<WhyVerdict, (from: string, to: string, protocol: string) => string>>;
  readonly verdictWord: Readonly<Record<WhyVerdict, string>>;
  /** `untaken`: the kernel took the connection, and no program answers. */
  readonly probe: Readonly<Record<ProbeOutcome | 'untaken', string>>;
  readonly probeTook: (milliseconds: number) => string;
  readonly fullStop: string;
  readonly agrees: string;
  readonly disagrees: string;
  readonly notComparable: string;
  readonly recheck: string;
  readonly showOnMap: string;
  readonly undo: string;
  readonly undoTitle: string;
  readonly applied: string;
  readonly causes: (count: number) => string;
  readonly noCause: string;
  readonly certainty: Readonly<Record<Cause['certainty'], string>>;
  readonly where: (namespace: string, host: string | null) => string;
  readonly evidence: string;
  /** What the engine says in one English sentence: a doubt, a probe's answer, evidence that no command prints. */
  readonly said: (sentence: string) => string;
  readonly fix: string;
  readonly otherFix: string;
  readonly noFix: string;
  readonly proven: string;
  readonly provenTitle: string;
  readonly notProven: string;
  readonly notProvenTitle: string;
  readonly runsIn: (namespace: string | null, host: string | null) => string;
  readonly sideEffects: string;
  readonly otherFlows: string;
  readonly permanent: string;
  readonly howToUndo: string;
  readonly apply: string;
  readonly applyTitle: (fix: string) => string;
  readonly cannotApply: string;
  readonly copy: string;
  readonly copied: string;
  readonly way: string;
  readonly stopsHere: string;
  readonly allSteps: (count: number) => string;
  readonly notWalkedBack: string;
  readonly doubts: string;
  readonly missing: (count: number) => string;
  readonly notes: string;
  readonly timings: (collect: string, simulate: string, probe: string) => string;
}

const english: DiagnosisWords = {
  waiting: 'Ask why something cannot be reached, and the answer appears here.',
  working: (from, to) => `Finding out whether ${from} reaches ${to} …`,
  verdict: {
    reachable: (from, to, protocol) => `${from} reaches ${to} over ${protocol}.`,
    unreachable: (from, to, protocol) => `${from} can’t reach ${to} over ${protocol}.`,
    partial: (from, to, protocol) => `${from} reaches ${to} over ${protocol} only in part.`,
    unknown: (from, to, protocol) => `Whether ${from} reaches ${to} over ${protocol} is not known.`,
  },
  verdictWord: {
    reachable: 'Reachable',
    unreachable: 'Unreachable',
    partial: 'Partly reachable',
    unknown: 'Unknown',
  },
  probe: {
    reply: 'A live probe got an answer',
    refused: 'A live probe was refused',
    timeout: 'A live probe got no answer',
    unreachable: 'A live probe was told: unreachable',
    prohibited: 'A live probe was told: prohibited',
    'too-big': 'A live probe was told: too big',
    'name-unresolved': 'The live probe could not resolve the name',
    'closed-early': 'A live probe connected, and was hung up on at once',
    untaken: 'A live probe connected, and nobody behind it answers',
    'not-run': 'No live probe was made',
  },
  probeTook: (milliseconds) => ` (${milliseconds} ms)`,
  fullStop: '.',
  agrees: 'It agrees with the prediction.',
  disagrees: 'It disagrees with the prediction: the probe is right, and the causes below are only possible.',
  notComparable: '',
  recheck: 'Re-check',
  showOnMap: 'Show on map',
  undo: 'Undo',
  undoTitle: 'Undo the fix that was applied last',
  applied: 'A fix was applied. This is the answer after it.',
  causes: (count) => (count === 1 ? 'Cause' : `${count} causes, in the order in which the packet meets them`),
  noCause: 'No cause was found that explains this.',
  certainty: { certain: 'certain', likely: 'likely', possible: 'possible' },
  where: (namespace, host) => (host ? `${namespace} on ${host}` : namespace),
  evidence: 'Evidence',
  said: (sentence) => sentence,
  fix: 'Fix',
  otherFix: 'Or',
  noFix: 'No fix can be offered for this.',
  proven: 'proven',
  provenTitle:
    'Tried on paper with the facts of this network: with it, the packet arrives and its answer comes back.',
  notProven: 'not proven',
  notProvenTitle: 'Tried on paper with the facts of this network: it could not be shown that this is enough.',
  runsIn: (namespace, host) =>
    [namespace ? `in ${namespace}` : 'to the container engine', host ? `on ${host}` : ''].join(' ').trim(),
  sideEffects: 'Side effects',
  otherFlows: 'Other flows',
  permanent: 'To make it last',
  howToUndo: 'How to undo it',
  apply: 'Apply …',
  applyTitle: (fix) => `Apply: ${fix}`,
  cannotApply: 'Nothing can be changed from here. Copy the commands and run them where you have the rights.',
  copy: 'Copy',
  copied: 'Copied',
  way: 'The packet’s way',
  stopsHere: 'stops here',
  allSteps: (count) => (count === 1 ? '1 step' : `${count} steps`),
  notWalkedBack: 'Without a request that arrives there is no answer to follow.',
  doubts: 'This way is not certain:',
  missing: (count) => `${count} facts could not be read.`,
  notes: 'Notes',
  timings: (collect, simulate, probe) =>
    `Reading facts took ${collect} ms, following the packet ${simulate} ms, the probe ${probe} ms.`,
};

const chinese: DiagnosisWords = {
  waiting: '提问“为什么无法到达”之后，答案会显示在这里。',
  working: (from, to) => `正在查明 ${from} 能否到达 ${to} …`,
  verdict: {
    reachable: (from, to, protocol) => `${from} 可以通过 ${protocol} 到达 ${to}。`,
    unreachable: (from, to, protocol) => `${from} 无法通过 ${protocol} 到达 ${to}。`,
    partial: (from, to, protocol) => `${from} 只能部分通过 ${protocol} 到达 ${to}。`,
    unknown: (from, to, protocol) => `无法确定 ${from} 能否通过 ${protocol} 到达 ${to}。`,
  },
  verdictWord: { reachable: '可到达', unreachable: '不可到达', partial: '部分可到达', unknown: '未知' },
  probe: {
    reply: '实际探测得到了应答',
    refused: '实际探测被拒绝',
    timeout: '实际探测没有得到应答',
    unreachable: '实际探测被告知：不可达',
    prohibited: '实际探测被告知：禁止',
    'too-big': '实际探测被告知：数据包过大',
    'name-unresolved': '实际探测无法解析名称',
    'closed-early': '实际探测已连接，但随即被断开',
    untaken: '实际探测已连接，但背后没有程序应答',
    'not-run': '没有进行实际探测',
  },
  probeTook: (milliseconds) => `（${milliseconds} 毫秒）`,
  fullStop: '。',
  agrees: '与推断一致。',
  disagrees: '与推断不一致：以探测为准，下面的原因仅为可能。',
  notComparable: '',
  recheck: '重新检查',
  showOnMap: '在地图上显示',
  undo: '撤销',
  undoTitle: '撤销最近一次应用的修复',
  applied: '修复已应用，以下是之后的结果。',
  causes: (count) => (count === 1 ? '原因' : `${count} 个原因，按数据包遇到的先后排列`),
  noCause: '没有找到能解释这一结果的原因。',
  certainty: { certain: '确定', likely: '很可能', possible: '可能' },
  where: (namespace, host) => (host ? `${host} 上的 ${namespace}` : namespace),
  evidence: '证据',
  said: (sentence) => said(sentence, 'zh-cn'),
  fix: '修复',
  otherFix: '或者',
  noFix: '对此没有可提供的修复。',
  proven: '已验证',
  provenTitle: '已按这个网络的现状推演：这样做之后数据包能到达，应答也能返回。',
  notProven: '未验证',
  notProvenTitle: '已按这个网络的现状推演：无法证明这样做就足够。',
  runsIn: (namespace, host) =>
    `${host ? `${host} 上的 ` : ''}${namespace ? `在 ${namespace} 中` : '交给容器引擎'}`,
  sideEffects: '副作用',
  otherFlows: '其他流量',
  permanent: '使其长期有效',
  howToUndo: '如何撤销',
  apply: '应用…',
  applyTitle: (fix) => `应用：${fix}`,
  cannotApply: '这里无法更改任何东西。请复制命令，在有权限的地方运行。',
  copy: '复制',
  copied: '已复制',
  way: '数据包的路径',
  stopsHere: '止步于此',
  allSteps: (count) => `${count} 个步骤`,
  notWalkedBack: '请求没有到达，也就没有可追踪的应答。',
  doubts: '这条路径不确定：',
  missing: (count) => `有 ${count} 项信息无法读取。`,
  notes: '备注',
  timings: (collect, simulate, probe) =>
    `读取网络状态 ${collect} 毫秒，推演路径 ${simulate} 毫秒，探测 ${probe} 毫秒。`,
};

export const DIAGNOSIS_WORDS: Words<DiagnosisWords> = { en: english, 'zh-cn': chinese };
