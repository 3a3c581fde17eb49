import { addressAndPort, familyOf, parsePrefix } from '../model/ip.ts';
import { hasPorts, type Packet } from '../model/packet.ts';
import { protocolNumber } from '../simulate/ip/packets.ts';
import type { Field } from '../model/rule-field.ts';
import type { Action } from '../model/rule-action.ts';
import type { Match, Value } from '../model/rule-match.ts';
import type { Backend, Rule, RulePart } from '../model/ruleset.ts';

/** A rule for one flow: as narrow as what it is to let through. */
export interface RuleSpec {
  /** An address, or a prefix; null: any. */
  readonly source: string | null;
  readonly destination: string | null;
  readonly protocol: Packet['protocol'] | null;
  readonly sourcePort: number | null;
  readonly destinationPort: number | null;
  /** Of ICMPv6: messages of this type alone. */
  readonly icmp6Type?: number;
  /** Only packets of connections that were let through before: for answers. */
  readonly established: boolean;
  readonly outDev: string | null;
  readonly action:
    | { readonly type: 'accept' }
    | { readonly type: 'masquerade' }
    | { readonly type: 'dnat'; readonly address: string; readonly port: number };
}

/** A rule for every packet, to be narrowed. */
export const ANY: Omit<RuleSpec, 'action'> = {
  source: null,
  destination: null,
  protocol: null,
  sourcePort: null,
  destinationPort: null,
  established: false,
  outDev: null,
};

/** By its addresses; a rule without any is one of IPv4, unless it speaks of ICMPv6. */
export const familyOfSpec = ({ source, destination, icmp6Type }: RuleSpec): 4 | 6 => {
  const address = (source ?? destination ?? '').split('/')[0] ?? '';
  return icmp6Type !== undefined ? 6 : (familyOf(address) ?? 4);
};

/** ICMP is another protocol for each family; what has no name that all tools know is written as its number. */
export const protocolWord = (spec: RuleSpec): string | null => {
  const { protocol } = spec;
  if (protocol === null) return null;
  if (protocol === 'icmp') return familyOfSpec(spec) === 6 ? 'ipv6-icmp' : protocol;
  return hasPorts({ protocol }) ? protocol : String(protocolNumber(protocol, familyOfSpec(spec)));
};

/** Whose rules may speak of ports. */
const withPorts = ({ protocol }: RuleSpec): boolean => protocol === null || hasPorts({ protocol });

const TOOLS: Readonly<Record<string, string>> = { ip6: 'ip6tables', arp: 'arptables', bridge: 'ebtables' };

/** The program for iptables rules: the two backends have one each, and `iptables` may be either. */
export const iptablesTool = (backend: Exclude<Backend, 'nft'>, family: string): string =>
  `${TOOLS[family] ?? 'iptables'}-${backend === 'legacy' ? 'legacy' : 'nft'}`;

/** The same with what has it wait for others to be done, which those for frames do unasked, or not at all. */
export const iptablesCommand = (backend: Exclude<Backend, 'nft'>, family: string): readonly string[] => [
  iptablesTool(backend, family),
  ...(family === 'arp' || family === 'bridge' ? [] : ['-w']),
];

/** The rule in iptables' words, without the chain. */
export function iptablesWords(spec: RuleSpec): readonly string[] {
  return [
    ...option('-s', spec.source),
    ...option('-d', spec.destination),
    ...option('-o', spec.outDev),
    ...option('-p', protocolWord(spec)),
    ...(spec.icmp6Type === undefined ? [] : ['-m', 'icmp6', '--icmpv6-type', String(spec.icmp6Type)]),
    ...(withPorts(spec)
      ? [...option('--sport', spec.sourcePort), ...option('--dport', spec.destinationPort)]
      : []),
    ...(spec.established ? ['-m', 'conntrack', '--ctstate', 'ESTABLISHED'] : []),
    ...iptablesTarget(spec.action),
  ];
}

/** An option of a command, where there is something to say. */
export const option = (name: string, value: string | number | null): readonly string[] =>
  value === null ? [] : [name, String(value)];

function iptablesTarget(action: RuleSpec['action']): readonly string[] {
  switch (action.type) {
    case 'accept':
      return ['-j', 'ACCEPT'];
    case 'masquerade':
      return ['-j', 'MASQUERADE'];
    case 'dnat':
      return ['-j', 'DNAT', '--to-destination', addressAndPort(action.address, action.port)];
  }
}

/** The rule in nft's words. */
export function nftWords(spec: RuleSpec): readonly string[] {
  const layer4 = withPorts(spec) ? spec.protocol : null;
  const layer3 = familyOfSpec(spec) === 6 ? 'ip6' : 'ip';
  const protocol = protocolWord(spec);
  return [
    ...(spec.source === null ? [] : [layer3, 'saddr', spec.source]),
    ...(spec.destination === null ? [] : [layer3, 'daddr', spec.destination]),
    ...(spec.outDev === null ? [] : ['oifname', `"${spec.outDev}"`]),
    ...(layer4 !== null && spec.sourcePort !== null ? [layer4, 'sport', String(spec.sourcePort)] : []),
    ...(layer4 !== null && spec.destinationPort !== null
      ? [layer4, 'dport', String(spec.destinationPort)]
      : []),
    ...(spec.icmp6Type === undefined ? [] : ['icmpv6', 'type', String(spec.icmp6Type)]),
    ...(protocol !== null &&
    spec.icmp6Type === undefined &&
    (layer4 === null || (spec.sourcePort === null && spec.destinationPort === null))
      ? ['meta', 'l4proto', protocol]
      : []),
    ...(spec.established ? ['ct', 'state', 'established'] : []),
    ...nftTarget(spec.action),
  ];
}

function nftTarget(action: RuleSpec['action']): readonly string[] {
  switch (action.type) {
    case 'accept':
      return ['accept'];
    case 'masquerade':
      return ['masquerade'];
    case 'dnat':
      return [
        'dnat',
        familyOf(action.address) === 6 ? 'ip6' : 'ip',
        'to',
        addressAndPort(action.address, action.port),
      ];
  }
}

/** The rule as it will be when the kernel has it; `frames`: as ebtables writes it. `number` is set where it is put in. */
export function ruleOnPaper(spec: RuleSpec, text: string, frames = false): Rule {
  const number = (value: number): Value => ({ type: 'number', value });
  const parts: readonly RulePart[] = [
    ...compare('ether type', frames ? { type: 'text', value: `ipv${familyOfSpec(spec)}` } : null),
    ...comparePrefix('saddr', spec.source),
    ...comparePrefix('daddr', spec.destination),
    ...compare('oif', spec.outDev === null ? null : { type: 'text', value: spec.outDev }),
    ...compare(
      'l4proto',
      spec.protocol === null ? null : number(protocolNumber(spec.protocol, familyOfSpec(spec))),
    ),
    ...compare('sport', spec.sourcePort === null || !withPorts(spec) ? null : number(spec.sourcePort)),
    ...compare(
      'dport',
      spec.destinationPort === null || !withPorts(spec) ? null : number(spec.destinationPort),
    ),
    ...compare('icmp type', spec.icmp6Type === undefined ? null : number(spec.icmp6Type)),
    ...compare('ct state', spec.established ? { type: 'text', value: 'established' } : null),
    actionPart(spec.action),
  ];
  return { text, number: 0, parts };
}

function comparePrefix(field: Field, text: string | null): readonly Match[] {
  const prefix = text === null ? null : parsePrefix(text);
  return compare(field, prefix === null ? null : { type: 'prefix', ...prefix });
}

const compare = (field: Field, value: Value | null): readonly Match[] =>
  value === null
    ? []
    : [{ type: 'compare', fields: [field], negate: false, values: { type: 'inline', tuples: [[value]] } }];

function actionPart(action: RuleSpec['action']): Action {
  switch (action.type) {
    case 'accept':
      return { type: 'verdict', verdict: { type: 'accept' } };
    case 'masquerade':
      return { type: 'masquerade' };
    case 'dnat':
      return {
        type: 'dnat',
        address: { from: action.address, to: action.address },
        ports: [action.port, action.port],
      };
  }
}
