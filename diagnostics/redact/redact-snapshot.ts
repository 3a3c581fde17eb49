import { containersOn, enginesOn } from '../model/engines.ts';
import { valueOr } from '../model/fact.ts';
import { isAddress, type Prefix } from '../model/ip.ts';
import type { Chain } from '../model/ruleset.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { renumber, type Renumbering } from './addresses.ts';
import { renewHardware, type Hardware } from './hardware.ts';
import { addInterfaces, Names } from './names.ts';
import { withoutAddressHash, withoutBits } from './rule-bits.ts';
import { scrubber, type Scrub } from './scrub.ts';

/** A snapshot that tells nothing of whose it is. */
export interface Redacted {
  readonly snapshot: Snapshot;
  /** What containers and namespaces are called now: for whoever has to ask, never for the file. */
  readonly renamed: readonly { readonly before: string; readonly now: string }[];
}

/** Names of engines' own, and of DNS's. */
const ORDINARY_NETWORKS = new Set(['bridge', 'host', 'none', 'default']);
const ORDINARY_LABELS = /^(?:localhost|localdomain|ip6|ip6-\w+|host|gateway|docker|internal|)$/;

/** Tables and chains that every firewall of their kind has; sets without a name are numbered. */
const ORDINARY_RULES =
  /^(?:DEFAULT$|(?:ipset|recent) |(?:filter|nat|mangle|raw|security)(?:$|_)|(?:pre|post)routing|input|forward|output|ingress|egress|DOCKER|KUBE-|ufw6?-|firewalld|docker-bridges|libvirt|LIBVIRT|CNI-|__(?:set|map))/i;

/** Words of the model itself, which no name may be mistaken for. */
const KEPT = new Set([
  ...['schema', 'kernel', 'takenAt', 'state', 'type', 'kind', 'scope', 'protocol', 'flags', 'mode', 'driver'],
  ...['version', 'backend', 'family', 'hook', 'policy', 'with', 'change', 'exposedPorts', 'by'],
  ...['hostsSources', 'libc', 'direction', 'at', 'side', 'role'],
]);

/** Words that decide about packets, and are no names there. */
const DECISIONS = new Set(['accept', 'block', 'drop', 'pass', 'next', 'class', 'unknown']);
const DECIDING = new Set(['verdict', 'action', 'in', 'fwd', 'out']);

/**
 * The same network under other names and numbers: routes, rules and names lead to the same answers, and nobody can tell whose it is.
 * Each call draws new numbers.
 */
export function redactSnapshot(snapshot: Snapshot): Redacted {
  const rows: string[] = [];
  visit(snapshot, (text) => void rows.push(text));
  const whole = rows.join('\n');
  const names = namesOf(snapshot, (name) => whole.includes(name));
  const hardware = renewHardware(whole);
  const numbers = drawNumbers(snapshot, whole, hardware);
  const scrub = scrubber(names.all, hardware.macs, numbers);
  const interfaces = new Set(interfaceNames(snapshot));
  const programs = new Names((name) => whole.includes(name));
  // A container that does not run has no namespace, and can be asked about.
  const ends = new Set([
    ...snapshot.namespaces
      .flatMap((namespace) => namespace.names)
      .flatMap((name) =>
        name.type === 'container' || name.type === 'netns' ? [`${name.type}:${name.name}`] : [],
      ),
    ...snapshot.hosts.flatMap(containersOn).map(({ name }) => `container:${name}`),
  ]);
  const renamed = [...ends].map((before) => {
    const [type = '', name = ''] = before.split(/:(.*)/s);
    return { before, now: `${type}:${names.get(name) ?? name}` };
  });
  const redacted = change(snapshot, '', { names, numbers, scrub, interfaces, programs }) as Snapshot;
  return { snapshot: redacted, renamed };
}

function visit(value: unknown, see: (text: string) => void): void {
  if (typeof value === 'string') see(value);
  else if (typeof value === 'object' && value !== null)
    for (const [name, one] of Object.entries(value)) {
      see(name);
      visit(one, see);
    }
}

const networksOf = (snapshot: Snapshot): readonly Prefix[] =>
  snapshot.namespaces.flatMap(({ facts }) =>
    valueOr(facts.links, []).flatMap(({ addresses }) =>
      addresses.map(({ address, length }) => ({ address, length })),
    ),
  );

/** Draws until no new address is one of the old ones, or as near to it as a small network lets. */
function drawNumbers(snapshot: Snapshot, whole: string, { fit }: Hardware): Renumbering {
  const old = new Set(whole.match(/\d{1,3}(?:\.\d{1,3}){3}/g)?.filter(isAddress));
  const networks = networksOf(snapshot);
  let best: { readonly numbers: Renumbering; readonly left: number } | null = null;
  for (let draw = 0; draw < 200; draw += 1) {
    const numbers = renumber(networks, fit);
    const left = [...old].filter((address) => old.has(numbers.address(address))).length;
    if (best === null || left < best.left) best = { numbers, left };
  }
  return best?.numbers ?? renumber(networks, fit);
}

const interfaceNames = (snapshot: Snapshot): readonly string[] =>
  snapshot.namespaces.flatMap(({ facts }) => [
    ...valueOr(facts.links, []).map(({ name }) => name),
    ...Object.keys(valueOr(facts.sysctls, {})).flatMap(
      (key) => /^net\/ipv[46]\/(?:conf|neigh)\/([^/]+)\//.exec(key)?.[1] ?? [],
    ),
    ...valueOr(facts.rules, []).flatMap(({ iif, oif }) => [iif ?? [], oif ?? []].flat()),
    ...ruleTexts(valueOr(facts.ruleset, null)).filter((text) => !text.endsWith('*')),
  ]);

/** Names of interfaces in rules, also of such that are gone. */
function ruleTexts(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(ruleTexts);
  const { fields, values, devices } = value as {
    readonly fields?: readonly string[];
    readonly values?: unknown;
    readonly devices?: readonly string[];
  };
  const places = ['iif', 'oif', 'physical in', 'physical out'];
  const own = fields?.some((field) => places.includes(field)) === true ? textValues(values) : [];
  return [...own, ...(devices ?? []), ...Object.values(value).flatMap(ruleTexts)];
}

function textValues(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  const { type, value: text } = value as { readonly type?: unknown; readonly value?: unknown };
  return type === 'text' && typeof text === 'string' ? [text] : Object.values(value).flatMap(textValues);
}

/** WireGuard's: they tell whose machine it is. */
const publicKeys = (snapshot: Snapshot): readonly string[] =>
  snapshot.namespaces
    .flatMap(({ facts }) => valueOr(facts.links, []))
    .flatMap(({ kind }) => (kind.type === 'tunnel' && kind.wireguard ? [valueOr(kind.wireguard, null)] : []))
    .flatMap((own) => (own ? [own.publicKey ?? [], own.peers.map(({ publicKey }) => publicKey)].flat() : []));

function namesOf(snapshot: Snapshot, taken: (name: string) => boolean): Names {
  const names = new Names(taken);
  for (const host of snapshot.hosts) {
    if (host.id !== 'machine') names.add(host.id, 'host-');
    for (const { tag } of enginesOn(host)) names.add(tag ?? '', 'engine-');
    for (const network of enginesOn(host).flatMap((engine) => engine.networks)) {
      names.addId(network.id);
      if (!ORDINARY_NETWORKS.has(network.name)) names.add(network.name, 'network-');
    }
    for (const container of containersOn(host)) {
      names.addId(container.id);
      names.add(container.name, 'container-');
      names.add(container.image, 'image-');
      names.add(container.service ?? '', 'service-');
      names.add(container.pod ?? '', 'pod-');
      const { http, https, all, noProxy = [] } = container.proxies ?? {};
      const proxies = [http, https, all].flatMap((place) => place?.host ?? []);
      addLabels(
        names,
        [...proxies, ...noProxy]
          .map((host) => host.replace(/^[*.]+/, ''))
          .filter((host) => !/^[\d.:/]*$/.test(host)),
      );
      for (const { network, networkId, aliases } of container.networks) {
        names.addId(networkId);
        if (network !== '' && !ORDINARY_NETWORKS.has(network)) names.add(network, 'network-');
        addLabels(names, aliases);
      }
    }
  }
  for (const namespace of snapshot.namespaces)
    for (const name of namespace.names)
      if (name.type === 'netns' || name.type === 'container') names.add(name.name, `${name.type}-`);
  for (const { facts } of snapshot.namespaces)
    for (const table of valueOr(facts.ruleset, null)?.tables ?? []) {
      const own = [table.name, ...[...table.chains, ...table.sets].map(({ name }) => name)];
      for (const name of own) if (!ORDINARY_RULES.test(name)) names.add(name, 'rules-');
      for (const name of [...own.flatMap(listNames), ...table.chains.flatMap(listNamesInRules)])
        if (!ORDINARY_RULES.test(name)) addListName(names, name);
    }
  for (const key of publicKeys(snapshot)) names.add(key, 'key-');
  const interfaces = interfaceNames(snapshot);
  const wildcards = snapshot.namespaces
    .flatMap(({ facts }) => ruleTexts(valueOr(facts.ruleset, null)))
    .filter((text) => text.endsWith('*'));
  addInterfaces(names, interfaces, wildcards);
  const resolvers = [
    ...snapshot.namespaces.map(({ facts }) => facts.resolver),
    ...snapshot.hosts.flatMap(containersOn).map(({ resolver }) => resolver),
  ];
  for (const resolver of resolvers) {
    const files = valueOr(resolver, null);
    addLabels(names, [...(files?.search ?? []), ...(files?.hosts.flatMap((host) => host.names) ?? [])]);
  }
  return names;
}

/** Sets of ipset and lists of `-m recent` are called so in the model. */
const LIST_KINDS = ['ipset', 'recent'] as const;

const listNames = (name: string): readonly string[] => /^(?:ipset|recent) (.+)$/.exec(name)?.slice(1) ?? [];

/** Options of iptables whose value somebody chose, also where what is called so could not be read. */
const LIST_OPTIONS =
  / --(?:match-set|add-set|del-set|map-set|name|hashlimit-name|nfacct-name|rateest-name|rateest) ([^\s"]+)/g;

const listNamesInRules = ({ rules }: Chain): readonly string[] =>
  rules.flatMap(({ text }) => [...text.matchAll(LIST_OPTIONS)].flatMap(([, name]) => name ?? []));

function addListName(names: Names, name: string): void {
  const given = names.add(name, 'rules-');
  for (const kind of LIST_KINDS) names.set(`${kind} ${name}`, `${kind} ${given}`);
}

function addLabels(names: Names, domains: readonly string[]): void {
  for (const label of domains
    .filter((name) => names.get(name) === undefined)
    .flatMap((name) => name.split('.')))
    if (!ORDINARY_LABELS.test(label)) names.add(label, 'name-');
}

interface Tools {
  readonly names: Names;
  readonly numbers: Renumbering;
  readonly scrub: Scrub;
  readonly interfaces: ReadonlySet<string>;
  readonly programs: Names;
}

/** Every value by the name it has in the model. */
function change(value: unknown, name: string, tools: Tools): unknown {
  if (typeof value === 'string') return changeText(value, name, tools);
  if (typeof value !== 'object' || value === null) return value;
  if (name === 'flows' && 'value' in value && Array.isArray(value.value))
    return { ...value, value: value.value.map((flow) => tools.scrub.text(ordinaryFlow(String(flow)))) };
  // Where an engine keeps its files tells whose it is.
  if (name === 'files') return ordinaryPaths(value);
  // An engine's words about a failed start hold paths and commands of its user.
  if (name === 'ended' && 'error' in value) return { ...value, error: '…' };
  if (Array.isArray(value)) return changeList(value, name, tools);
  const { type, address, length, value: text } = value as Readonly<Record<string, unknown>>;
  const unfitted = withoutBits(value);
  if (unfitted) return unfitted;
  if (type === 'text' && typeof text === 'string') return { type, value: comparedText(text, tools) };
  if (typeof address === 'string' && typeof length === 'number' && !('scope' in value)) {
    return { ...value, ...tools.numbers.prefix({ address, length }) };
  }
  if ('from' in value && 'to' in value && typeof value.from === 'string' && typeof value.to === 'string') {
    const [first] = tools.numbers.range(value.from, value.to);
    if (first && 'from' in first) return { ...value, ...first };
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      // Keys with slashes are sysctls: the fourth part may be an interface.
      key.startsWith('net/')
        ? key
            .split('/')
            .map((part) => placeName(part, tools))
            .join('/')
        : key,
      name === 'process' && key === 'name' ? program(String(one), tools) : change(one, key, tools),
    ]),
  );
}

const ordinaryPaths = (files: object): object => ({
  ...('hosts' in files ? { hosts: '/etc/hosts' } : {}),
  ...('resolvConf' in files ? { resolvConf: '/etc/resolv.conf' } : {}),
});

/** A flow of Open vSwitch without what somebody wrote down in it, and without masks that new numbers cannot be fitted to. */
const ordinaryFlow = (text: string): string =>
  text
    .replace(/\bnote:[\da-f.]+/gi, 'note:00')
    .replace(
      /(?<==)(?:[\d.]+\/\d+\.[\d.]+|[\da-f:]*:[\da-f:]*\/[\da-f:]*:[\da-f:]*:(?![\da-f]{2}:)[\da-f:]*)/gi,
      '…',
    );

const placeName = (text: string, { names, interfaces }: Tools): string =>
  interfaces.has(text) || text.endsWith('*') ? (names.get(text) ?? text) : text;

/** What a rule compares with: an interface, a hardware address, a cgroup's path, or a word of the kernel's. */
const comparedText = (text: string, tools: Tools): string =>
  text.includes('/')
    ? text.replace(/[^/]+/g, (part) => program(part, tools))
    : placeName(tools.scrub.mac(text), tools);

/** Relays whose engine tells where they lead are known by their names. */
const RELAYS: ReadonlySet<string> = new Set(['docker-proxy', 'rootlessport', 'rootlesskit']);

const program = (name: string, { programs }: Tools): string =>
  RELAYS.has(name) ? name : programs.add(name, 'program-');

/** A list of tuples may grow: a range that falls apart becomes several. */
function changeList(list: readonly unknown[], name: string, tools: Tools): unknown {
  if (name !== 'tuples') return list.map((one) => change(one, name, tools));
  return list.flatMap((tuple) =>
    Array.isArray(tuple)
      ? tuple.reduce<unknown[][]>(
          (made, part) => made.flatMap((before) => pieces(part, tools).map((piece) => [...before, piece])),
          [[]],
        )
      : [],
  );
}

function pieces(part: unknown, tools: Tools): readonly unknown[] {
  const { type, from, to } = part as Readonly<Record<string, unknown>>;
  if (type !== 'range' || typeof from !== 'string' || typeof to !== 'string')
    return [change(part, '', tools)];
  return tools.numbers
    .range(from, to)
    .map((one) => ('length' in one ? { type: 'prefix', ...one } : { type: 'range', ...one }));
}

function changeText(text: string, name: string, tools: Tools): string {
  switch (name) {
    case 'bootId':
      return '';
    case 'endpoint':
    case 'client':
    case 'database':
    case 'management':
    case 'control':
      return 'redacted';
    case 'comment':
      return '…';
    case 'networkMode':
      return ORDINARY_NETWORKS.has(text) ? text : tools.scrub.text(text);
    case 'cgroup':
      return text.replace(/[^/]+/g, (part) => program(part, tools));
    case 'process':
      return program(text, tools);
    case 'field':
    case 'fields':
      return withoutAddressHash(text);
    default:
      return KEPT.has(name) || (DECIDING.has(name) && DECISIONS.has(text)) ? text : tools.scrub.text(text);
  }
}
