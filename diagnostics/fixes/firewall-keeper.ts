import { valueOr } from '../model/fact.ts';
import type { Localised, Language } from '../model/language.ts';
import { familyOf } from '../model/ip.ts';
import { hasPorts } from '../model/packet.ts';
import type { Chain, Hook, Table } from '../model/ruleset.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { DeleteRule } from './actions/delete-rule.ts';
import type { InsertRule } from './actions/insert-rule.ts';
import type { SetPolicy } from './actions/set-policy.ts';
import { factsOf } from './patch.ts';
import type { ChainPlace } from './rule-patch.ts';
import type { RuleSpec } from './rule-spec.ts';
import { shellWord } from '../model/shell-word.ts';

/** A program that writes a whole firewall of its own configuration, over whatever else is in its chains. */
type Keeper = 'ufw' | 'firewalld';

/** What it is to be told: a command of its own, or null where it has none that is as narrow. */
interface Kept {
  readonly keeper: Keeper;
  readonly what: 'accept' | 'other';
  readonly command: string | null;
}

/**
 * How a change of a firewall rule lasts where a program keeps that firewall, which tells itself by its chains: rules put there by
 * hand are gone when it loads its own again. Null: nobody is known to.
 */
export function permanentByFirewall(
  action: InsertRule | DeleteRule | SetPolicy,
  snapshot: Snapshot,
  language: Language,
): string | null {
  if (action.kind === 'insert-rule' && action.lasting !== undefined) return null;
  const table = tableOf(snapshot, action.place);
  const keeper = table && keeperOf(table);
  if (!table || !keeper || !isIts(keeper, action)) return null;
  const accepts = action.kind === 'insert-rule' && action.spec.action.type === 'accept';
  return TEXT[language]({
    keeper,
    what: accepts ? 'accept' : 'other',
    command: accepts ? commandOf(keeper, action, hookOf(table, action.place.chain)) : null,
  });
}

const TEXT: Localised<(kept: Kept) => string> = {
  en: ({ keeper, what, command }) =>
    command !== null
      ? `${NAMES[keeper]} keeps this firewall, and loads its own rules over it: tell it too, ${command}`
      : `${NAMES[keeper]} keeps this firewall, and loads its own rules over it: ${what === 'accept' ? LONG_EN[keeper] : OTHER_EN[keeper]}.`,
  'zh-cn': ({ keeper, what, command }) =>
    command !== null
      ? `这个防火墙由 ${NAMES[keeper]} 管理，它会重新载入自己的规则：也要告诉它，${command}`
      : `这个防火墙由 ${NAMES[keeper]} 管理，它会重新载入自己的规则：${what === 'accept' ? LONG_ZH[keeper] : OTHER_ZH[keeper]}。`,
};

const NAMES: Readonly<Record<Keeper, string>> = { ufw: 'ufw', firewalld: 'firewalld' };

const LONG_EN: Readonly<Record<Keeper, string>> = {
  ufw: 'write the rule into /etc/ufw/before.rules (before6.rules for IPv6), then ufw reload',
  firewalld:
    'put the interfaces that may pass packets on to each other into one zone (firewall-cmd --permanent --zone=docker --change-interface=…), or write a policy between their zones (--new-policy), then firewall-cmd --reload',
};
const LONG_ZH: Readonly<Record<Keeper, string>> = {
  ufw: '把规则写进 /etc/ufw/before.rules（IPv6 用 before6.rules），然后 ufw reload',
  firewalld:
    '把允许互相转发的接口放进同一个区域（firewall-cmd --permanent --zone=docker --change-interface=…），或者在它们的区域之间写一条策略（--new-policy），然后 firewall-cmd --reload',
};
const OTHER_EN: Readonly<Record<Keeper, string>> = {
  ufw: 'change it there (ufw status numbered, ufw delete, ufw default; /etc/ufw/*.rules)',
  firewalld: 'change it there (firewall-cmd --permanent …, then firewall-cmd --reload)',
};
const OTHER_ZH: Readonly<Record<Keeper, string>> = {
  ufw: '请在那里修改（ufw status numbered、ufw delete、ufw default；/etc/ufw/*.rules）',
  firewalld: '请在那里修改（firewall-cmd --permanent …，然后 firewall-cmd --reload）',
};

const tableOf = (snapshot: Snapshot, place: ChainPlace): Table | undefined => {
  const facts = factsOf(snapshot, place.namespace);
  const ruleset = facts && valueOr(facts.ruleset, null);
  return ruleset?.tables.find(
    ({ backend, family, name }) =>
      backend === place.backend && family === place.family && name === place.table,
  );
};

/** ufw names its chains `ufw-…`; firewalld its nft table, and with its iptables backend the chains of its zones. */
function keeperOf({ backend, name, chains }: Table): Keeper | null {
  if (backend === 'nft') return name === 'firewalld' ? 'firewalld' : null;
  if (chains.some((chain) => /^ufw6?-/.test(chain.name))) return 'ufw';
  return chains.some((chain) => /^(?:INPUT|FORWARD|POSTROUTING)_(?:ZONES|direct)\b/.test(chain.name))
    ? 'firewalld'
    : null;
}

/** Beside ufw's chains others have theirs in the same table (DOCKER-USER, a person's own): of those it knows nothing. */
const isIts = (keeper: Keeper, action: InsertRule | DeleteRule | SetPolicy): boolean =>
  keeper !== 'ufw' ||
  action.kind === 'set-policy' ||
  /^ufw6?-/.test(action.place.chain) ||
  (action.kind === 'insert-rule' && action.before === null);

/** Where a chain is called from in the end; null: from nowhere, or from several hooks. */
function hookOf({ chains }: Table, name: string): Hook | null {
  const hooks = new Set<Hook>();
  const seen = new Set<string>();
  const climb = (to: string): void => {
    if (seen.has(to)) return;
    seen.add(to);
    for (const chain of chains) {
      if (chain.name === to && chain.base) hooks.add(chain.base.hook);
      if (calls(chain, to)) climb(chain.name);
    }
  };
  climb(name);
  return hooks.size === 1 ? ([...hooks][0] ?? null) : null;
}

const calls = ({ rules }: Chain, to: string): boolean =>
  rules.some(({ parts }) =>
    parts.some(
      (part) =>
        part.type === 'verdict' &&
        (part.verdict.type === 'jump' || part.verdict.type === 'goto') &&
        part.verdict.chain === to,
    ),
  );

/** Both accept answers by themselves; of ICMP ufw's commands know nothing, and firewalld's rich rules stand in the input. */
function commandOf(keeper: Keeper, { spec }: InsertRule, hook: Hook | null): string | null {
  if (spec.established || spec.sourcePort !== null || spec.outDev !== null) return null;
  if (spec.protocol !== null && !hasPorts({ protocol: spec.protocol })) return null;
  return keeper === 'ufw' ? ufw(spec, hook) : firewalld(spec, hook);
}

function ufw(spec: RuleSpec, hook: Hook | null): string | null {
  const verb = hook === 'input' ? [] : hook === 'forward' ? ['route'] : null;
  if (verb === null) return null;
  return [
    ...['ufw', ...verb, 'allow'],
    ...(spec.protocol === null ? [] : ['proto', spec.protocol]),
    ...['from', spec.source ?? 'any', 'to', spec.destination ?? 'any'],
    ...(spec.destinationPort === null ? [] : ['port', String(spec.destinationPort)]),
  ].join(' ');
}

function firewalld(spec: RuleSpec, hook: Hook | null): string | null {
  if (hook !== 'input' || spec.protocol === null || spec.destinationPort === null) return null;
  const family = familyOf((spec.source ?? spec.destination ?? '').split('/')[0] ?? '') ?? 4;
  const rule = [
    ...['rule', `family="ipv${family}"`],
    ...(spec.source === null ? [] : [`source address="${spec.source}"`]),
    ...(spec.destination === null ? [] : [`destination address="${spec.destination}"`]),
    `port port="${spec.destinationPort}" protocol="${spec.protocol}" accept`,
  ].join(' ');
  return `firewall-cmd --permanent --add-rich-rule=${shellWord(rule)} && firewall-cmd --reload`;
}
