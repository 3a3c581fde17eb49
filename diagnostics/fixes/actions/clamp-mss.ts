import { known, valueOr } from '../../model/fact.ts';
import type { NamespaceId } from '../../model/ids.ts';
import type { Rule, Ruleset, Table } from '../../model/ruleset.ts';
import { withFacts, type Snapshot } from '../../model/snapshot.ts';
import { exec, type ActionKind } from '../action.ts';
import { factsOf } from '../patch.ts';
import { iptablesTool } from '../rule-spec.ts';

/** Makes a router lower the segment size that TCP connections through it ask for. */
export interface ClampMss {
  readonly kind: 'clamp-mss';
  readonly namespace: NamespaceId;
  readonly family: 4 | 6;
  /** Bytes of a segment; null: what fits the routes there and back. */
  readonly mss: number | null;
}

/** NF_IP_PRI_MANGLE. */
const MANGLE = -150;
const OWN_TABLE = 'hoplab_mss';
const CHAIN = 'forward';

/** The tool that filters here already; where none does, a table of its own, which is taken back whole. */
const backendOf = (snapshot: Snapshot, { namespace, family }: ClampMss): Table['backend'] => {
  const ruleset = valueOr(factsOf(snapshot, namespace)?.ruleset ?? { state: 'absent' }, null);
  const wanted = family === 4 ? 'ip' : 'ip6';
  return (
    ruleset?.tables.find((table) => table.backend !== 'nft' && table.family === wanted)?.backend ?? 'nft'
  );
};

const nftRule = ({ mss }: ClampMss): readonly string[] => [
  ...['tcp', 'flags', 'syn', '/', 'syn,rst'],
  ...['tcp', 'option', 'maxseg', 'size', 'set'],
  ...(mss === null ? ['rt', 'mtu'] : [String(mss)]),
];

const iptablesRule = ({ mss }: ClampMss): readonly string[] => [
  ...['FORWARD', '-p', 'tcp', '-m', 'tcp', '--tcp-flags', 'SYN,RST', 'SYN', '-j', 'TCPMSS'],
  ...(mss === null ? ['--clamp-mss-to-pmtu'] : ['--set-mss', String(mss)]),
];

export const clampMss: ActionKind<ClampMss> = {
  steps(action, snapshot) {
    const backend = backendOf(snapshot, action);
    const run = (argv: readonly string[]) => exec(snapshot, action.namespace, argv);
    if (backend !== 'nft')
      return [run([iptablesTool(backend, ipWord(action)), '-t', 'mangle', '-A', ...iptablesRule(action)])];
    return [
      run(['nft', 'add', 'table', 'inet', OWN_TABLE]),
      run([
        ...['nft', 'add', 'chain', 'inet', OWN_TABLE, CHAIN],
        ...['{', 'type', 'filter', 'hook', 'forward', 'priority', 'mangle', ';', '}'],
      ]),
      run(['nft', 'add', 'rule', 'inet', OWN_TABLE, CHAIN, ...nftRule(action)]),
    ];
  },
  undo(action, snapshot) {
    const backend = backendOf(snapshot, action);
    const argv =
      backend === 'nft'
        ? ['nft', 'delete', 'table', 'inet', OWN_TABLE]
        : [iptablesTool(backend, ipWord(action)), '-t', 'mangle', '-D', ...iptablesRule(action)];
    return [exec(snapshot, action.namespace, argv)];
  },
  change: (action, snapshot) =>
    withFacts(snapshot, action.namespace, (facts) =>
      facts.ruleset.state === 'known'
        ? { ...facts, ruleset: known(withClamp(facts.ruleset.value, action, backendOf(snapshot, action))) }
        : facts,
    ),
  text: {
    en: ({ mss }, where) => ({
      title:
        mss === null
          ? `Make ${where} lower the segment size of TCP connections to what fits its routes (MSS clamping)`
          : `Make ${where} lower the segment size of TCP connections to ${mss} bytes (MSS clamping)`,
      permanent: `Add the rule to the firewall's own configuration of ${where} (iptables-persistent, /etc/nftables.conf, firewalld).`,
      sideEffects: ['It helps TCP alone, and new connections alone.'],
    }),
    'zh-cn': ({ mss }, where) => ({
      title:
        mss === null
          ? `让 ${where} 把 TCP 连接的分段大小降低到路由所能容纳的程度（MSS clamping）`
          : `让 ${where} 把 TCP 连接的分段大小降低到 ${mss} 字节（MSS clamping）`,
      permanent: `把这条规则写进 ${where} 的防火墙配置（iptables-persistent、/etc/nftables.conf、firewalld）。`,
      sideEffects: ['只对 TCP 有效，而且只对新建立的连接有效。'],
    }),
  },
};

const ipWord = ({ family }: ClampMss): 'ip' | 'ip6' => (family === 4 ? 'ip' : 'ip6');

function withClamp(ruleset: Ruleset, action: ClampMss, backend: Table['backend']): Ruleset {
  const nft = backend === 'nft';
  const text = nft ? nftRule(action).join(' ') : `-A ${iptablesRule(action).join(' ')}`;
  const rule: Rule = {
    text,
    number: 1,
    parts: [
      {
        type: 'compare',
        fields: ['tcp flags'],
        negate: false,
        values: { type: 'inline', tuples: [[{ type: 'bits', mask: 0x06, value: 0x02 }]] },
      },
      { type: 'clamp-mss', mss: action.mss ?? 'route' },
    ],
  };
  const table: Table = {
    backend,
    family: nft ? 'inet' : ipWord(action),
    name: nft ? OWN_TABLE : 'mangle',
    chains: [
      {
        name: nft ? CHAIN : 'FORWARD',
        base: { type: 'filter', hook: 'forward', priority: MANGLE, policy: 'accept' },
        rules: [rule],
      },
    ],
    sets: [],
  };
  return { ...ruleset, tables: [...ruleset.tables, table] };
}
