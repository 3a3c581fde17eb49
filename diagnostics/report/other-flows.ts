import { displayText } from '../model/display-text.ts';
import type { OtherFlow, OtherFlows } from '../model/flow-effects.ts';
import type { Language, Localised } from '../model/language.ts';
import { groupFlows, type FlowGroup } from './flow-groups.ts';

/** Containers of one network of an engine. */
export interface NamedGroup {
  readonly network: string;
  readonly members: readonly string[];
}

/** Lines of flows that open or close; what is beyond is counted. */
const MOST_LINES = 5;
/** Names in a row. */
const MOST_NAMES = 4;
/** Of fewer it is said who they are. */
const FEWEST_OF_A_NETWORK = 3;

interface Words {
  readonly opens: (what: string) => string;
  readonly closes: (what: string) => string;
  readonly more: (count: number, opens: boolean) => string;
  readonly same: (compared: number) => string;
  readonly rest: (others: number) => string;
  readonly unclear: (count: number) => string;
  readonly leftOut: (count: number) => string;
  readonly unread: (who: string) => string;
  readonly ofNetwork: (network: string) => string;
  readonly namesMore: (count: number) => string;
  /** Between names of a list. */
  readonly comma: string;
  readonly and: string;
}

const EN: Words = {
  opens: (what) => `Opens ${what}.`,
  closes: (what) => `Closes ${what}.`,
  more: (count, opens) => `${opens ? 'Opens' : 'Closes'} ${count} more.`,
  same: (compared) =>
    compared === 1
      ? 'The one other flow that was compared stays as it is.'
      : `None of the ${compared} other flows that were compared changes.`,
  rest: (others) =>
    others === 1
      ? 'One other flow that was compared stays as it is.'
      : `${others} other flows that were compared stay as they are.`,
  unclear: (count) =>
    count === 1 ? 'Of one flow it is not certain.' : `Of ${count} flows it is not certain.`,
  leftOut: (count) => `${count} more were not looked at: too many.`,
  unread: (who) => `Some were not walked to their end: not everything about ${who} was read.`,
  ofNetwork: (network) => `every container on the network ${network}`,
  namesMore: (count) => `${count} more`,
  comma: ', ',
  and: ' and ',
};

const ZH: Words = {
  opens: (what) => `会打通 ${what}。`,
  closes: (what) => `会切断 ${what}。`,
  more: (count, opens) => `另外还会${opens ? '打通' : '切断'} ${count} 条流量。`,
  same: (compared) => `对比过的其他 ${compared} 条流量都不受影响。`,
  rest: (others) => `对比过的其余 ${others} 条流量保持不变。`,
  unclear: (count) => `有 ${count} 条流量无法确定。`,
  leftOut: (count) => `还有 ${count} 条流量因为太多而没有检查。`,
  unread: (who) => `有些流量没有推演到底：没有读取 ${who} 的全部状态。`,
  ofNetwork: (network) => `网络 ${network} 上的所有容器`,
  namesMore: (count) => `另外 ${count} 个`,
  comma: '、',
  and: '、',
};

const WORDS: Localised<Words> = { en: EN, 'zh-cn': ZH };

/** What a fix does to other flows, a sentence each. Safe to show. */
export function otherFlowsText(
  flows: Omit<OtherFlows, 'text'>,
  networks: readonly NamedGroup[],
  language: Language,
): readonly string[] {
  const words = WORDS[language];
  const { opens, closes, compared, unclear, leftOut, unread } = flows;
  const changed = opens.length + closes.length;
  const lines = [
    ...changeLines(opens, true, networks, words),
    ...changeLines(closes, false, networks, words),
    ...(changed === 0 && compared > 0 ? [words.same(compared)] : []),
    ...(changed > 0 && compared > changed ? [words.rest(compared - changed)] : []),
    ...(unclear > 0 ? [words.unclear(unclear)] : []),
    ...(unread.length > 0 ? [words.unread(listed(unread, words))] : []),
    ...(leftOut > 0 ? [words.leftOut(leftOut)] : []),
  ];
  return compared === 0 && unclear === 0 ? [] : lines.map((line) => displayText(line));
}

function changeLines(
  flows: readonly OtherFlow[],
  opens: boolean,
  networks: readonly NamedGroup[],
  words: Words,
): readonly string[] {
  const groups = groupFlows(flows);
  const shown = groups.slice(0, MOST_LINES);
  const beyond = groups.slice(MOST_LINES).reduce((sum, { count }) => sum + count, 0);
  const say = opens ? words.opens : words.closes;
  return [
    ...shown.map((group) => say(groupText(group, networks, words))),
    ...(beyond > 0 ? [words.more(beyond, opens)] : []),
  ];
}

const groupText = (
  { from, to, services }: FlowGroup,
  networks: readonly NamedGroup[],
  words: Words,
): string => `${who(from, networks, words)} → ${who(to, networks, words)} ${services.join(words.comma)}`;

/** A network’s containers by its name, where they are all there. */
function who(names: readonly string[], networks: readonly NamedGroup[], words: Words): string {
  const network = networks
    .filter(
      ({ members }) => members.length >= FEWEST_OF_A_NETWORK && members.every((one) => names.includes(one)),
    )
    .toSorted((a, b) => b.members.length - a.members.length)[0];
  if (!network) return listed(names, words);
  const others = names.filter((name) => !network.members.includes(name));
  return [words.ofNetwork(network.network), ...(others.length === 0 ? [] : [listed(others, words)])].join(
    words.comma,
  );
}

function listed(names: readonly string[], words: Words): string {
  const beyond = names.length - MOST_NAMES;
  return beyond <= 1
    ? names.join(words.comma)
    : `${names.slice(0, MOST_NAMES).join(words.comma)}${words.and}${words.namesMore(beyond)}`;
}
