import { absent, known, type Fact } from '../../diagnostics/model/fact.ts';
import type { Engine } from '../../diagnostics/model/container.ts';
import type { Namespace, NamespaceFacts, NamespaceName } from '../../diagnostics/model/namespace.ts';
import type { FdbEntry, Neighbour, NeighbourState } from '../../diagnostics/model/route.ts';
import type { Ruleset } from '../../diagnostics/model/ruleset.ts';
import type { Snapshot } from '../../diagnostics/model/snapshot.ts';
import type { ListeningSocket } from '../../diagnostics/model/socket.ts';
import { vrfOf } from '../../diagnostics/simulate/route/vrf.ts';
import { idOf, linksOf } from './sketch-links.ts';
import { kernelRoutes, routeFrom, ruleFrom, STANDARD_RULES } from './sketch-routes.ts';
import { wordAfter } from './sketch-words.ts';

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
  const all = linksOf(
    Object.fromEntries(Object.entries(sketches).map(([name, { links = [] }]) => [name, links])),
  );
  const namespaceFrom = (name: string, sketch: NamespaceSketch, at: number): Namespace => {
    const links = all.get(name) ?? [];
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
