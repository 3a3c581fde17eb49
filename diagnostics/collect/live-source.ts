import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { batching, type Hung } from '../host/batching.ts';
import type { FoundNamespace, Machine, Scan } from '../host/machine.ts';
import { loadSystemCalls } from '../host/native/system-calls.ts';
import type { Container } from '../model/container.ts';
import { engineKey, keyOf, type OwnContainer } from '../model/engines.ts';
import { denied, known } from '../model/fact.ts';
import type { NamespaceId } from '../model/ids.ts';
import type { Namespace, NamespaceFacts, NamespaceName } from '../model/namespace.ts';
import { UNREAD_FACTS, withFacts, type Host, type MissingFact, type Snapshot } from '../model/snapshot.ts';
import { probe } from '../probe/probe.ts';
import { unansweredName } from '../model/dns-answer.ts';
import { resolveNames } from '../probe/resolve-names.ts';
import type { FactSource } from '../source.ts';
import { placeContainers, type HostEngine } from './docker/containers.ts';
import { askAllEngines } from './engines.ts';
import { optional } from '../host/external-json.ts';
import { joinMovedPorts } from './openvswitch/moved-ports.ts';
import { readFacts } from './read-facts.ts';
import { readResolver } from './resolver.ts';
import { readTableNames } from './route-tables.ts';

/** What the last discovery found, beside what its snapshot tells. */
interface View {
  readonly scan: Scan;
  readonly engines: readonly HostEngine[];
  readonly hung: Hung;
}

/** Facts of the kernel and the engines of this machine, or of a lab's hosts, as they are now. */
export function createLiveSource(machine: Machine): FactSource {
  let view: View | null = null;

  async function look(): Promise<View> {
    // It takes a while, and so do the engines' answers.
    void loadSystemCalls();
    // Engines first: a container that they know is then among the processes.
    const answers = await askAllEngines(machine);
    const scan = await machine.scan();
    const engines = answers.flatMap(({ host, first, others }) =>
      [first, ...others].map((answer) => placeContainers(host.id, answer, scan.namespaces, scan.privileged)),
    );
    return { scan, engines, hung: new Map() };
  }

  const isHidden = (id: NamespaceId): boolean =>
    view?.engines.some(({ hidden }) => hidden.includes(id)) === true;

  return {
    async discover() {
      view = await look();
      return toSnapshot(view);
    },
    async read(snapshot, missing, signal) {
      view ??= await look();
      const { scan, engines, hung } = view;
      const context = {
        machine: batching(machine, hung),
        namespaces: scan.namespaces,
        tableNumber: readTableNames(),
        discovery: scan,
        signal,
      };
      const [facts, hosts] = await Promise.all([
        readFacts(
          context,
          scan.privileged,
          missing.filter(({ namespace }) => !isHidden(namespace)),
        ),
        withContainerResolvers(snapshot.hosts, engines, missing),
      ]);
      let result: Snapshot = { ...snapshot, hosts };
      for (const [id, read] of facts) result = withFacts(result, id, (before) => ({ ...before, ...read }));
      return joinMovedPorts(result);
    },
    probe: (question, signal) =>
      isHidden(question.namespace)
        ? Promise.resolve({ outcome: 'not-run', milliseconds: null, detail: NO_PROBE })
        : probe(machine, question, signal),
    resolve: (question, signal) =>
      isHidden(question.namespace)
        ? Promise.resolve(question.asks.map((ask) => unansweredName(ask, NO_PROBE)))
        : resolveNames(machine, question, signal),
  };
}

function toSnapshot({ scan, engines }: View): Snapshot {
  return {
    schema: 1,
    machine: {
      kernel: release(),
      bootId: bootId(),
      takenAt: new Date().toISOString(),
      privileged: scan.privileged,
      ...ownIds(),
    },
    hosts: scan.hosts.map((host) => ({ ...host, ...enginesOf(host.id, engines) })),
    namespaces: [
      ...scan.namespaces.map((found) => toNamespace(found, engines)),
      ...engines.flatMap(({ host, hidden }) =>
        hidden.map((id) => ({
          ...toNamespace({ id, host, inode: 0, names: [], path: '' }, engines),
          facts: HIDDEN_FACTS,
        })),
      ),
    ],
  };
}

const NO_PROBE =
  'No probe was made, because only an administrator may enter this network namespace: run the same with sudo.';

const HIDDEN = denied(
  'The network of this container may only be seen by an administrator: run the same with sudo.',
);

const HIDDEN_FACTS: NamespaceFacts = {
  links: HIDDEN,
  routes: HIDDEN,
  rules: HIDDEN,
  neighbours: HIDDEN,
  fdb: HIDDEN,
  sysctls: HIDDEN,
  ruleset: HIDDEN,
  sockets: HIDDEN,
  conntrack: HIDDEN,
  datagramPorts: HIDDEN,
  ipsec: HIDDEN,
  trafficControl: HIDDEN,
  virtualServices: HIDDEN,
  socketPrograms: HIDDEN,
  offloads: HIDDEN,
  resolver: HIDDEN,
};

function enginesOf(host: string, engines: readonly HostEngine[]): Pick<Host, 'engine' | 'others'> {
  const [engine, ...others] = engines.filter((it) => it.host === host).map((it) => it.engine);
  return { engine: engine ?? { state: 'absent' }, ...(others.length === 0 ? {} : { others }) };
}

/** Most telling first: the host itself, containers, `ip netns` names, processes. */
const RANK: Readonly<Record<NamespaceName['type'], number>> = {
  host: 0,
  container: 1,
  netns: 2,
  pid: 3,
  fd: 4,
};

function toNamespace({ id, host, inode, names }: FoundNamespace, engines: readonly HostEngine[]): Namespace {
  const own = engines.flatMap(({ engine }) =>
    engine.state === 'known'
      ? engine.value.containers
          .filter((container) => container.namespace === id)
          .map((container) => ({ container, engine: engine.value }))
      : [],
  );
  const containers = [...own]
    .sort((one, other) => placeOf(one.container) - placeOf(other.container))
    .map((one): NamespaceName =>
      nameIn(
        one,
        engines.filter((it) => it.host === host),
      ),
    );
  // What a cgroup tells is for containers of engines that were not asked.
  const unclaimed = names.filter(
    (name) => name.type !== 'container' || !own.some(({ container }) => container.id.startsWith(name.name)),
  );
  const ranked = [...unclaimed, ...containers].sort((a, b) => RANK[a.type] - RANK[b.type]);
  return { id, host, inode, names: ranked, facts: UNREAD_FACTS };
}

/** The owner of a network names it, before those that joined it; in a pod the owner only keeps it, and is nobody's concern. */
const placeOf = ({ networkMode, pod }: Container): number =>
  Number(networkMode.startsWith('container:') === (pod === undefined));

/** Its name, with its engine's where that is not Docker; of several that are called the same, its pod's, or its id. */
function nameIn({ container, engine }: OwnContainer, engines: readonly HostEngine[]): NamespaceName {
  const alike = engines.flatMap((it) =>
    it.engine.state === 'known' && engineKey(it.engine.value) === engineKey(engine)
      ? it.engine.value.containers.filter(({ name }) => name === container.name)
      : [],
  ).length;
  return {
    type: 'container',
    name: alike > 1 ? (container.pod ?? container.id.slice(0, SHOWN_DIGITS)) : container.name,
    ...keyOf(engine),
  };
}

/** As many digits of an id as engines show. */
const SHOWN_DIGITS = 12;

/** A container has resolver files of its own: they are read with those of its namespace. */
function withContainerResolvers(
  hosts: readonly Host[],
  engines: readonly HostEngine[],
  missing: readonly MissingFact[],
): Promise<readonly Host[]> {
  const wanted = new Set(missing.filter(({ fact }) => fact === 'resolver').map(({ namespace }) => namespace));
  const withResolver = async (container: Container, pid: number | undefined): Promise<Container> =>
    pid !== undefined && container.namespace !== null && wanted.has(container.namespace)
      ? { ...container, resolver: await readResolver(`/proc/${pid}/root`, null, container.files ?? {}) }
      : container;
  return Promise.all(
    hosts.map(async (host): Promise<Host> => {
      if (wanted.size === 0) return host;
      const processes = new Map(
        engines.filter((one) => one.host === host.id).flatMap((one) => [...one.processes]),
      );
      const read = async (engine: Host['engine']): Promise<Host['engine']> => {
        if (engine.state !== 'known') return engine;
        const containers = await Promise.all(
          engine.value.containers.map((container) => withResolver(container, processes.get(container.id))),
        );
        return known({ ...engine.value, containers });
      };
      const others = host.others === undefined ? undefined : await Promise.all(host.others.map(read));
      return { ...host, engine: await read(host.engine), ...optional('others', others) };
    }),
  );
}

const ownIds = (): Pick<Snapshot['machine'], 'user'> =>
  process.getuid && process.getgid ? { user: { uid: process.getuid(), gid: process.getgid() } } : {};

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}
