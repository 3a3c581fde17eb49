import type { WhyVerdict } from '../model/diagnosis.ts';
import type { Localised } from '../model/language.ts';
import type { Disposition } from '../model/trace.ts';

type Family = 4 | 6 | null;

export interface MatrixWords {
  /** `family`: null where it is not the same for every pair, or was not chosen. */
  readonly title: (question: string, family: Family) => string;
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
  readonly ask: (family: Family) => string;
  readonly noAddress: (family: Family) => string;
  readonly predicted: (family: Family) => string;
  readonly nobody: string;
  readonly notRunning: (count: number) => string;
  readonly dispositions: Readonly<Record<Disposition, string>>;
  readonly asking: string;
}

const EN: MatrixWords = {
  title: (question, family) => `Who reaches whom: ${question}${family === null ? '' : ` over IPv${family}`}`,
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
  ask: (family) =>
    family === null
      ? 'Causes and fixes of one of them: hoplab why FROM TO'
      : 'Causes and fixes of one of them: hoplab why FROM ADDRESS; --json has the addresses',
  noAddress: (family) =>
    family === null
      ? 'it has no address'
      : `it has no IPv${family} address${family === 6 ? ' but link-local ones' : ''}`,
  predicted: (family) =>
    family === null
      ? 'Predicted from the facts of one moment: nothing was sent. IPv4 where both ends have it, else IPv6 (-4 and -6 ask for one).'
      : `Predicted from the facts of one moment, IPv${family}: nothing was sent.`,
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
  title: (question, family) => `谁能到达谁：${question}${family === null ? '' : `（IPv${family}）`}`,
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
  ask: (family) =>
    family === null
      ? '要查其中一个的原因和解决办法：hoplab why FROM TO'
      : '要查其中一个的原因和解决办法：hoplab why FROM 地址；地址见 --json',
  noAddress: (family) =>
    family === null ? '没有地址' : `没有${family === 6 ? '链路本地以外的' : ''} IPv${family} 地址`,
  predicted: (family) =>
    family === null
      ? '根据同一时刻的网络状态推演：没有发送任何数据包。双方都有 IPv4 时按 IPv4，否则按 IPv6（用 -4、-6 指定其一）。'
      : `根据同一时刻的网络状态推演（IPv${family}）：没有发送任何数据包。`,
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
