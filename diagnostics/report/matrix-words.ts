import type { WhyVerdict } from '../model/diagnosis.ts';
import type { Localised } from '../model/language.ts';
import type { Disposition } from '../model/trace.ts';

export interface MatrixWords {
  readonly title: (question: string) => string;
  readonly echo: string;
  readonly verdicts: Readonly<Record<WhyVerdict, string>>;
  readonly rowsAndColumns: string;
  readonly everybody: string;
  /** Between names of a list. */
  readonly comma: string;
  readonly theOthers: (count: number) => string;
  readonly whatStops: string;
  readonly at: (place: string, text: string) => string;
  readonly receiver: string;
  readonly sender: string;
  readonly answerLost: (text: string) => string;
  readonly more: (count: number) => string;
  readonly ask: string;
  readonly noAddress: string;
  readonly predicted: string;
  readonly nobody: string;
  readonly notRunning: (count: number) => string;
  readonly dispositions: Readonly<Record<Disposition, string>>;
  readonly asking: string;
}

const EN: MatrixWords = {
  title: (question) => `Who reaches whom: ${question}`,
  echo: 'icmp echo (ping)',
  verdicts: {
    reachable: 'reachable',
    unreachable: 'not reachable',
    partial: 'partly',
    unknown: 'cannot tell',
  },
  rowsAndColumns: 'Rows send, columns are asked.',
  everybody: 'everybody',
  comma: ', ',
  theOthers: (count) => `the other ${count}`,
  whatStops: 'What stops it',
  at: (place, text) => `at ${place}: ${text}`,
  receiver: 'the receiver',
  sender: 'the sender',
  answerLost: (text) => `the answer is lost ${text}`,
  more: (count) => `… and ${count} more; --json lists them all`,
  ask: 'Causes and fixes of one of them: hoplab why FROM TO',
  noAddress: 'it has no address',
  predicted: 'Predicted from the facts of one moment, IPv4: nothing was sent.',
  nobody: 'There is only one network namespace here: nobody else to ask.',
  notRunning: (count) =>
    count === 1
      ? 'One container does not run, or runs elsewhere: it is left out.'
      : `${count} containers do not run, or run elsewhere: they are left out.`,
  dispositions: {
    delivered: 'arrives, and no answer can be expected',
    refused: 'refused',
    rejected: 'rejected by a rule',
    dropped: 'dropped',
    'no-route': 'no route',
    blackhole: 'a route discards it',
    prohibited: 'a route prohibits it',
    'not-forwarded': 'not forwarded',
    'neighbour-unresolved': 'nobody answers for the next hop',
    'link-down': 'an interface is down',
    'filtered-source': 'its source is not accepted',
    'too-big': 'too big',
    'ttl-expired': 'forwarded too often (TTL)',
    loop: 'it goes in a circle',
    'name-unresolved': 'the name is not known',
    'exits-machine': 'leaves the machine, out of sight',
    unknown: 'cannot be seen',
  },
  asking: 'Walking from everybody to everybody',
};

const ZH: MatrixWords = {
  title: (question) => `谁能到达谁：${question}`,
  echo: 'icmp 回显（ping）',
  verdicts: { reachable: '可达', unreachable: '不可达', partial: '部分可达', unknown: '无法判断' },
  rowsAndColumns: '行是发送方，列是被询问方。',
  everybody: '所有人',
  comma: '、',
  theOthers: (count) => `其余 ${count} 个`,
  whatStops: '被什么挡住',
  at: (place, text) => `在${/^[!-~]/.test(place) ? ' ' : ''}${place}：${text}`,
  receiver: '接收方',
  sender: '发送方',
  answerLost: (text) => `应答丢失，${text}`,
  more: (count) => `……还有 ${count} 个；--json 会全部列出`,
  ask: '要查其中一个的原因和解决办法：hoplab why FROM TO',
  noAddress: '没有地址',
  predicted: '根据同一时刻的网络状态推演（IPv4）：没有发送任何数据包。',
  nobody: '这里只有一个网络命名空间：没有别人可问。',
  notRunning: (count) => `有 ${count} 个容器没有运行，或在别处运行：未列入。`,
  dispositions: {
    delivered: '到达，但不会有应答',
    refused: '被拒绝',
    rejected: '被规则拒绝',
    dropped: '被丢弃',
    'no-route': '没有路由',
    blackhole: '被路由丢弃',
    prohibited: '被路由禁止',
    'not-forwarded': '没有转发',
    'neighbour-unresolved': '下一跳没有人应答',
    'link-down': '接口处于关闭状态',
    'filtered-source': '来源不被接受',
    'too-big': '太大',
    'ttl-expired': '转发次数过多（TTL）',
    loop: '在兜圈子',
    'name-unresolved': '名字无法解析',
    'exits-machine': '离开这台机器，看不到了',
    unknown: '看不到',
  },
  asking: '正在推演所有人到所有人的路径',
};

/** The words around a matrix of reachability. */
export const MATRIX_WORDS: Localised<MatrixWords> = { en: EN, 'zh-cn': ZH };
