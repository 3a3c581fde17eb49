import { known, type Fact } from '../../diagnostics/model/fact.ts';
import { parseAddress, parsePrefix, prefixRange, type Prefix } from '../../diagnostics/model/ip.ts';
import type { Address, BridgePort, Link, LinkKind, PortVlan } from '../../diagnostics/model/link.ts';
import type { Namespace, NamespaceFacts, NamespaceName } from '../../diagnostics/model/namespace.ts';
import type {
  FdbEntry,
  Neighbour,
  NeighbourState,
  Route,
  RouteType,
  RoutingRule,
} from '../../diagnostics/model/route.ts';
import type { Ruleset } from '../../diagnostics/model/ruleset.ts';
import type { Engine } from '../../diagnostics/model/container.ts';
import { absent } from '../../diagnostics/model/fact.ts';
import { vrfOf } from '../../diagnostics/simulate/route/vrf.ts';
import type { Snapshot } from '../../diagnostics/model/snapshot.ts';
import type { ListeningSocket } from '../../diagnostics/model/socket.ts';

/**
 * A namespace in a few words, as `ip` would print it. Interfaces are up and have a carrier; connected and local routes are
 * those that the kernel makes for the addresses of interfaces that are up.
 */
export interface NamespaceSketch {
  /** `eth0 10.0.0.2/24 -> router/r0`; words after the addresses: `bridge`, `macvlan`, `physical`, `down`, `no-carrier`, `master br0`, `isolated`, `blocked`, `hairpin`, `mac 02:…`, `mtu 1400`, `vrf 10` (its table), `ipvlan l2 private`, `bond eth0` (the active one), `team`, `vlan 10`, `vlan-aware`, `vlans 1u,10` (u: without a tag). */
  readonly links?: readonly string[];
  /** As `ip route add` takes them: `default via 10.0.0.1`, `blackhole 10.9.0.0/16`, `… table 100 metric 5 src 10.0.0.2`. */
  readonly routes?: readonly string[];
  /** Besides the three of every machine, as `ip rule add` takes them: `from 10.0.0.0/24 lookup 100 pref 50`. */
  readonly rules?: readonly string[];
  /** Over the defaults: `net/ipv4/conf/eth0/rp_filter` … */
  readonly sysctls?: Readonly<Record<string, string>>;
  /** `tcp 0.0.0.0:80`, `udp 127.0.0.1:53`, `tcp 0.0.0.0%red:80`. */
  readonly sockets?: readonly string[];
  /** `10.0.0.1 dev eth0 02:00:00:00:00:09 permanent`. */
  readonly neighbours?: readonly string[];
  /** `02:… dev veth0 master br0 static`. */
  readonly fdb?: readonly string[];
  readonly ruleset?: Ruleset;
  readonly forwarding?: boolean;
  /** Facts that replace the sketched ones: `unread`, `denied(…)`. */
  readonly facts?: Partial<NamespaceFacts>;
  readonly names?: readonly NamespaceName[];
}

const NO_RULES: Ruleset = { tables: [], unknowns: [] };

export const idOf = (name: string): string => `machine/${name}`;

interface Sketched {
  readonly name: string;
  readonly device: string;
  readonly index: number;
  readonly words: readonly string[];
  readonly peer: string | null;
}

const sketchLinks = (name: string, sketch: NamespaceSketch): readonly Sketched[] =>
  ['lo 127.0.0.1/8', ...(sketch.links ?? []).filter((text) => !text.startsWith('lo '))]
    .map((text) =>
      text.startsWith('lo ') ? ((sketch.links ?? []).find((own) => own.startsWith('lo ')) ?? text) : text,
    )
    .map((text, at) => {
      const [left = '', peer] = text.split('->').map((part) => part.trim());
      const [device = '', ...words] = left.split(/\s+/);
      return { name, device, index: at + 1, words, peer: peer ?? null };
    });

const wordAfter = (words: readonly string[], word: string): string | undefined =>
  words.includes(word) ? words[words.indexOf(word) + 1] : undefined;

const addressOf = (text: string): Address => {
  const prefix = parsePrefix(text);
  const family = parseAddress(prefix?.address ?? '')?.family;
  if (!prefix || !family) throw new Error(`not an address: ${text}`);
  return {
    family,
    address: prefix.address,
    length: prefix.length,
    scope: prefix.address.startsWith('127.') ? 'host' : 'global',
    flags: [],
  };
};

/** A hardware address that tells the interface: the namespace's number, and the interface's. */
export const macOf = (namespaceNumber: number, index: number): string =>
  `02:00:00:00:${namespaceNumber.toString(16).padStart(2, '0')}:${index.toString(16).padStart(2, '0')}`;

const kindOf = ({ device, words, peer }: Sketched): LinkKind => {
  if (device === 'lo') return { type: 'loopback' };
  if (words.includes('bridge'))
    return { type: 'bridge', vlanFiltering: words.includes('vlan-aware'), stp: false };
  const vlan = wordAfter(words, 'vlan');
  if (vlan !== undefined) return { type: 'vlan', id: Number(vlan), protocol: '802.1Q' };
  const table = wordAfter(words, 'vrf');
  if (table !== undefined) return { type: 'vrf', table: Number(table) };
  const mode = wordAfter(words, 'ipvlan');
  if (mode === 'l2' || mode === 'l3' || mode === 'l3s') {
    const flag = (['private', 'vepa'] as const).find((word) => words.includes(word));
    return { type: 'ipvlan', mode, ...(flag ? { flag } : {}) };
  }
  const active = wordAfter(words, 'bond');
  if (active !== undefined) return { type: 'bond', mode: 'active-backup', active };
  if (words.includes('team')) return { type: 'team' };
  if (words.includes('macvlan')) return { type: 'macvlan', mode: 'bridge' };
  if (words.includes('dummy')) return { type: 'dummy' };
  return peer ? { type: 'veth' } : { type: 'physical' };
};

const vlansOf = (text: string): readonly PortVlan[] =>
  text.split(',').map((word) => ({
    id: parseInt(word, 10),
    pvid: word.endsWith('u'),
    untagged: word.endsWith('u'),
  }));

const isAddress = (word: string): boolean => /^[\da-f.:]+\/\d+$/i.test(word);

const portOf = (words: readonly string[], serving: boolean): BridgePort => ({
  state: words.includes('blocked') || !serving ? 'disabled' : 'forwarding',
  hairpin: words.includes('hairpin'),
  isolated: words.includes('isolated'),
  learning: true,
  flood: true,
});

const routeFrom = (text: string, links: readonly Link[]): Route => {
  const words = text.split(/\s+/);
  const types: readonly string[] = ['blackhole', 'unreachable', 'prohibit', 'throw', 'local'];
  const type = types.includes(words[0] ?? '') ? (words.shift() as RouteType) : 'unicast';
  const target = words.shift() ?? '';
  const prefix: Prefix | null =
    target === 'default' ? { address: '0.0.0.0', length: 0 } : parsePrefix(target);
  if (!prefix) throw new Error(`not a route: ${text}`);
  const via = wordAfter(words, 'via');
  const onLink = (link: Link): boolean =>
    link.addresses.some((own) => via !== undefined && inPrefix(own, via));
  const dev = wordAfter(words, 'dev') ?? links.find(onLink)?.name;
  const preferredSource = wordAfter(words, 'src');
  const refusing = type !== 'unicast' && type !== 'local';
  return {
    family: 4,
    table: Number(wordAfter(words, 'table') ?? (type === 'local' ? 255 : 254)),
    type,
    destination: prefix,
    nextHops: refusing
      ? []
      : [
          {
            ...(via ? { via } : {}),
            ...(dev ? { dev } : {}),
            weight: 1,
            flags: words.includes('linkdown') ? ['linkdown'] : [],
          },
        ],
    metric: Number(wordAfter(words, 'metric') ?? 0),
    ...(preferredSource ? { preferredSource } : {}),
    scope: wordAfter(words, 'scope') ?? (type === 'local' ? 'host' : via || refusing ? 'global' : 'link'),
    protocol: wordAfter(words, 'proto') ?? 'static',
    tos: 0,
    text,
  };
};

const inPrefix = (own: Address, address: string): boolean => {
  const range = prefixRange({ address: own.address, length: own.length });
  const [from, to, asked] = [range?.from, range?.to, address].map((one) => parseAddress(one ?? '')?.value);
  return from !== undefined && to !== undefined && asked !== undefined && from <= asked && asked <= to;
};

/** fib_add_ifaddr(): what the kernel adds by itself for an address. */
const kernelRoutes = (link: Link, vrf: number | null): readonly string[] =>
  link.addresses
    .filter((own) => own.family === 4)
    .flatMap((own) => {
      const local = `local ${own.address} dev ${link.name} table ${vrf ?? 255} src ${own.address} proto kernel`;
      if (link.kind.type === 'loopback')
        return [local, `local 127.0.0.0/8 dev ${link.name} table 255 src ${own.address} proto kernel`];
      const range = prefixRange({ address: own.address, length: own.length });
      if (!link.up || own.length === 32 || !range) return link.up ? [local] : [];
      return [
        local,
        `${range.from}/${own.length} dev ${link.name} proto kernel scope link src ${own.address}${vrf === null ? '' : ` table ${vrf}`}${link.carrier ? '' : ' linkdown'}`,
      ];
    });

const ruleFrom = (text: string): RoutingRule => {
  const words = text.split(/\s+/);
  const prefix = (word: string): Prefix | undefined => {
    const value = wordAfter(words, word);
    return value === undefined || value === 'all' ? undefined : (parsePrefix(value) ?? undefined);
  };
  const from = prefix('from');
  const to = prefix('to');
  const iif = wordAfter(words, 'iif');
  const oif = wordAfter(words, 'oif');
  const mark = wordAfter(words, 'fwmark');
  const table = wordAfter(words, 'lookup');
  const refusal = words.find((word) => word === 'blackhole' || word === 'unreachable' || word === 'prohibit');
  return {
    family: 4,
    priority: Number(wordAfter(words, 'pref') ?? 100),
    not: words.includes('not'),
    ...(from ? { from } : {}),
    ...(to ? { to } : {}),
    ...(iif ? { iif } : {}),
    ...(oif ? { oif } : {}),
    ...(mark ? { mark: { value: Number(mark), mask: 0xffffffff } } : {}),
    unmodelled: words.includes('uidrange') ? ['uidrange'] : [],
    action: refusal
      ? { type: refusal as 'blackhole' }
      : words.includes('[l3mdev-table]')
        ? { type: 'vrf' }
        : { type: 'lookup', table: Number(table ?? 254) },
    text,
  };
};

const STANDARD_RULES = [
  'from all lookup 255 pref 0',
  'from all lookup 254 pref 32766',
  'from all lookup 253 pref 32767',
];

const socketFrom = (text: string): ListeningSocket => {
  const [protocol = '', place = ''] = text.split(/\s+/);
  const colon = place.lastIndexOf(':');
  const [address = '', device] = place
    .slice(0, colon)
    .replace(/^\[|\]$/g, '')
    .split('%');
  const family = address.includes(':') ? 6 : 4;
  return {
    protocol: protocol === 'udp' ? 'udp' : 'tcp',
    family,
    address,
    port: Number(place.slice(colon + 1)),
    v6only: false,
    ...(device === undefined ? {} : { device }),
  };
};

const neighbourFrom = (text: string): Neighbour => {
  const [address = '', , dev = '', ...rest] = text.split(/\s+/);
  const mac = rest.find((word) => word.includes(':'));
  return {
    address,
    dev,
    ...(mac ? { mac } : {}),
    state: (rest.at(-1) ?? 'none') as NeighbourState,
    proxy: false,
  };
};

const fdbFrom = (text: string): FdbEntry => {
  const [mac = '', ...words] = text.split(/\s+/);
  const master = wordAfter(words, 'master');
  return {
    mac,
    dev: wordAfter(words, 'dev') ?? '',
    ...(master ? { master } : {}),
    state: words.includes('static') ? 'static' : words.includes('permanent') ? 'permanent' : 'learned',
  };
};

/** A snapshot as `collect` would make it of a network that these few words describe. */
export function sketchSnapshot(
  sketches: Readonly<Record<string, NamespaceSketch>>,
  engine: Fact<Engine> = absent,
): Snapshot {
  const all = new Map(Object.entries(sketches).map(([name, sketch]) => [name, sketchLinks(name, sketch)]));
  const find = (end: string): Sketched | undefined => {
    const [name = '', device] = end.split('/');
    return all.get(name)?.find((one) => one.device === device);
  };
  const names = Object.keys(sketches);

  const linkFrom = (one: Sketched): Link => {
    const far = one.peer === null ? undefined : find(one.peer);
    const up = !one.words.includes('down');
    const carrier =
      up &&
      !one.words.includes('no-carrier') &&
      !(far && kindOf(one).type === 'veth' && far.words.includes('down'));
    const master = wordAfter(one.words, 'master');
    const vlans = wordAfter(one.words, 'vlans');
    const above = master === undefined ? undefined : find(`${one.name}/${master}`);
    const bridged = above !== undefined && kindOf(above).type === 'bridge';
    return {
      index: one.index,
      name: one.device,
      kind: kindOf(one),
      mac:
        one.device === 'lo'
          ? null
          : (wordAfter(one.words, 'mac') ??
            (far && kindOf(one).type === 'ipvlan'
              ? macOf(names.indexOf(far.name), far.index)
              : macOf(names.indexOf(one.name), one.index))),
      mtu: Number(wordAfter(one.words, 'mtu') ?? (one.device === 'lo' ? 65536 : 1500)),
      up,
      carrier,
      flags: /^ipvlan l3/.test(one.words.join(' ').replace(/^.*?(?=ipvlan)/, '')) ? ['NOARP'] : [],
      ...(above === undefined ? {} : { master: above.index }),
      ...(bridged ? { port: portOf(one.words, carrier) } : {}),
      ...(one.peer === null
        ? {}
        : { peer: { namespace: far ? idOf(far.name) : null, index: far?.index ?? 0 } }),
      ...(vlans === undefined ? {} : { vlans: vlansOf(vlans) }),
      addresses: one.words.filter(isAddress).map(addressOf),
    };
  };

  const namespaceFrom = (name: string, sketch: NamespaceSketch, at: number): Namespace => {
    const links = (all.get(name) ?? []).map(linkFrom);
    const sysctls: Record<string, string> = {};
    for (const dev of ['all', 'default', ...links.map((link) => link.name)])
      sysctls[`net/ipv4/conf/${dev}/forwarding`] = sketch.forwarding ? '1' : '0';
    return {
      id: idOf(name),
      host: 'machine',
      inode: at + 1,
      names: sketch.names ?? [name === 'host' ? { type: 'host' } : { type: 'netns', name }],
      facts: {
        links: known(links),
        routes: known(
          [
            ...links.flatMap((link) => kernelRoutes(link, vrfOf({ links }, link.name)?.kind.table ?? null)),
            ...(sketch.routes ?? []),
          ].map((text) => routeFrom(text, links)),
        ),
        rules: known([...STANDARD_RULES, ...(sketch.rules ?? [])].map(ruleFrom)),
        neighbours: known((sketch.neighbours ?? []).map(neighbourFrom)),
        fdb: known((sketch.fdb ?? []).map(fdbFrom)),
        sysctls: known({ ...sysctls, ...sketch.sysctls }),
        ruleset: known(sketch.ruleset ?? NO_RULES),
        sockets: known((sketch.sockets ?? []).map(socketFrom)),
        conntrack: known([]),
        datagramPorts: known([]),
        ipsec: absent,
        trafficControl: absent,
        virtualServices: absent,
        socketPrograms: absent,
        offloads: absent,
        resolver: absent,
        ...sketch.facts,
      },
    };
  };

  return {
    schema: 1,
    machine: { kernel: '6.18.0', bootId: 'test', takenAt: '2025-01-01T00:00:00Z', privileged: true },
    hosts: [{ id: 'machine', rootNamespace: idOf('host'), engine }],
    namespaces: Object.entries(sketches).map(([name, sketch], at) => namespaceFrom(name, sketch, at)),
  };
}
