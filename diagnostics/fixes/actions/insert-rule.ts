import type { FixStep } from '../../model/diagnosis.ts';
import type { Chain, Rule } from '../../model/ruleset.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { exec, type ActionKind } from '../action.ts';
import { ebtablesWords, isKeptByEbtables } from '../frame-rule.ts';
import { isNftDevice, isSayable } from '../nft-text.ts';
import { changeChain, renumber, type ChainPlace } from '../rule-patch.ts';
import { iptablesCommand, iptablesWords, nftWords, ruleOnPaper, type RuleSpec } from '../rule-spec.ts';

/** Puts a rule for one flow into a chain. */
export interface InsertRule {
  readonly kind: 'insert-rule';
  readonly place: ChainPlace;
  /** The rule it goes before; null: at the end of the chain. */
  readonly before: Pick<Rule, 'number' | 'handle'> | null;
  readonly spec: RuleSpec;
  /** Absent: the configuration of a firewall keeps it. */
  readonly lasting?: LastingRule;
}

/** What makes a rule of a container engine last: a published port, or the engine itself, which writes all of its rules again. */
export type LastingRule =
  | {
      readonly type: 'publish';
      readonly container: string;
      /** As `-p` takes them: on every address of the host, and on the asked one alone. */
      readonly everywhere: string;
      readonly here: string;
    }
  | { readonly type: 'engine' }
  /** It would, and was told to write none (`--iptables=false`). */
  | { readonly type: 'engine-off' };

/**
 * Stands in the undo of an nft rule for the number that the kernel gives the new rule: the step before prints it
 * (`# handle 7`), and whoever applies the fix puts it in.
 */
export const HANDLE = 'HANDLE';

export const insertRule: ActionKind<InsertRule> = {
  steps(action, snapshot) {
    const { place } = action;
    if (!sayable(action)) return [];
    if (isInNft(action, snapshot)) return [exec(snapshot, place.namespace, nftInsert(action))];
    const where =
      action.before === null ? ['-A', place.chain] : ['-I', place.chain, String(action.before.number)];
    return [iptables(action, snapshot, where)];
  },
  undo(action, snapshot) {
    const { place } = action;
    if (!sayable(action)) return [];
    if (!isInNft(action, snapshot)) return [iptables(action, snapshot, ['-D', place.chain])];
    const argv = ['nft', 'delete', 'rule', place.family, place.table, place.chain, 'handle', HANDLE];
    return [exec(snapshot, place.namespace, argv)];
  },
  change: (action, snapshot) =>
    changeChain(snapshot, action.place, (chain) => {
      const frames = isKeptByEbtables(snapshot, action.place);
      const rule = ruleOnPaper(action.spec, textOf(action, snapshot), frames);
      const at = positionIn(chain, action);
      return { ...chain, rules: renumber([...chain.rules.slice(0, at), rule, ...chain.rules.slice(at)]) };
    }),
  text: {
    en: (action, where) => ({
      title: titleEn(action, where),
      permanent: lastingEn(action, where),
      sideEffects: sideEffectsEn(action, where),
    }),
    'zh-cn': (action, where) => ({
      title: titleZh(action, where),
      permanent: lastingZh(action, where),
      sideEffects: sideEffectsZh(action, where),
    }),
  },
};

/** nft finds the rule by its handle, wherever that one is by now; iptables counts. */
function positionIn({ rules }: Chain, { place, before }: InsertRule): number {
  if (before === null) return rules.length;
  const found =
    place.backend === 'nft' && before.handle !== undefined
      ? rules.findIndex(({ handle }) => handle === before.handle)
      : -1;
  return found < 0 ? before.number - 1 : found;
}

const isInNft = ({ place }: InsertRule, snapshot: Snapshot): boolean =>
  place.backend === 'nft' && !isKeptByEbtables(snapshot, place);

const sayable = ({ place, spec }: InsertRule): boolean =>
  isSayable(place) && (place.backend !== 'nft' || spec.outDev === null || isNftDevice(spec.outDev));

function iptables(action: InsertRule, snapshot: Snapshot, where: readonly string[]): FixStep {
  const { place } = action;
  const command = iptablesCommand(place.backend === 'legacy' ? 'legacy' : 'iptables-nft', place.family);
  const table = place.table === 'filter' ? [] : ['-t', place.table];
  return exec(snapshot, place.namespace, [...command, ...table, ...where, ...wordsOf(action, snapshot)]);
}

function nftInsert({ place, before, spec }: InsertRule): readonly string[] {
  const position = before?.handle === undefined ? [] : ['handle', String(before.handle)];
  const verb = before === null ? 'add' : 'insert';
  const chain = [place.family, place.table, place.chain];
  return ['nft', '--echo', '--handle', verb, 'rule', ...chain, ...position, ...nftWords(spec)];
}

const wordsOf = ({ place, spec }: InsertRule, snapshot: Snapshot): readonly string[] =>
  isKeptByEbtables(snapshot, place) ? ebtablesWords(spec) : iptablesWords(spec);

const textOf = (action: InsertRule, snapshot: Snapshot): string =>
  isInNft(action, snapshot)
    ? nftWords(action.spec).join(' ')
    : ['-A', action.place.chain, ...wordsOf(action, snapshot)].join(' ');

const keeper = ({ place }: InsertRule): string =>
  place.backend === 'nft' ? '/etc/nftables.conf' : 'iptables-save, netfilter-persistent, ufw, firewalld';

function lastingEn(action: InsertRule, where: string): string {
  const { lasting } = action;
  switch (lasting?.type) {
    case undefined:
      return `Add the rule to the firewall configuration of ${where} (${keeper(action)}).`;
    case 'publish':
      return `Make the container ${lasting.container} anew with -p ${lasting.everywhere}, or -p ${lasting.here} for this address alone (ports in a compose file).`;
    case 'engine':
      return 'The container engine writes this rule with all of its others when it starts: restart it, let the firewall start before it, and reload that one without flushing what is not its own.';
    case 'engine-off':
      return `Take --iptables=false away ("iptables" in /etc/docker/daemon.json) and restart the engine, which then writes this rule with all of its others; or add it to the firewall configuration of ${where}.`;
  }
}

function lastingZh(action: InsertRule, where: string): string {
  const { lasting } = action;
  switch (lasting?.type) {
    case undefined:
      return `把这条规则加入 ${where} 的防火墙配置（${keeper(action)}）。`;
    case 'publish':
      return `重新创建容器 ${lasting.container}，加上 -p ${lasting.everywhere}；只想用于这个地址时用 -p ${lasting.here}（compose 文件里的 ports）。`;
    case 'engine':
      return '容器引擎启动时会把这条规则连同它的其他规则一起写好：重启引擎，让防火墙先于引擎启动，重新加载防火墙时不要清空不属于它的规则。';
    case 'engine-off':
      return `去掉 --iptables=false（/etc/docker/daemon.json 中的 "iptables"）并重启引擎，它就会把这条规则连同其他规则一起写好；或者把它加入 ${where} 的防火墙配置。`;
  }
}

const flowText = ({ spec }: InsertRule): string =>
  spec.icmp6Type !== undefined
    ? `icmpv6 type ${spec.icmp6Type}`
    : `${spec.protocol ?? 'ip'} ${spec.source ?? '*'} → ${spec.destination ?? '*'}${spec.destinationPort === null || spec.protocol === 'icmp' ? '' : `:${spec.destinationPort}`}`;

function titleEn(action: InsertRule, where: string): string {
  const { spec, place } = action;
  switch (spec.action.type) {
    case 'accept':
      return `Accept ${spec.established ? 'answers ' : ''}${flowText(action)} in ${where}, in chain ${place.chain}${action.before ? ` before rule ${action.before.number}` : ''}`;
    case 'masquerade':
      return `Let ${where} put its own address on what leaves from ${spec.source ?? 'there'}`;
    case 'dnat':
      return `Forward port ${spec.destinationPort ?? ''} of ${spec.destination ?? where} to ${spec.action.address}:${spec.action.port}`;
  }
}

function titleZh(action: InsertRule, where: string): string {
  const { spec, place } = action;
  switch (spec.action.type) {
    case 'accept':
      return `在 ${where} 的链 ${place.chain} 中${action.before ? `第 ${action.before.number} 条规则之前` : '末尾'}放行${spec.established ? '应答 ' : ' '}${flowText(action)}`;
    case 'masquerade':
      return `让 ${where} 为来自 ${spec.source ?? '该处'} 的出站流量换上自己的地址`;
    case 'dnat':
      return `把 ${spec.destination ?? where} 的端口 ${spec.destinationPort ?? ''} 转发到 ${spec.action.address}:${spec.action.port}`;
  }
}

const sideEffectsEn = ({ spec }: InsertRule, where: string): readonly string[] =>
  spec.action.type === 'masquerade'
    ? [`The far end sees the address of ${where} instead of the sender's.`]
    : [];

const sideEffectsZh = ({ spec }: InsertRule, where: string): readonly string[] =>
  spec.action.type === 'masquerade' ? [`对端看到的将是 ${where} 的地址，而不是发送者的地址。`] : [];
