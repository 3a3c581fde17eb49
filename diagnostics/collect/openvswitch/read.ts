import type { FoundNamespace, Output } from '../../host/machine.ts';
import { known, type Fact } from '../../model/fact.ts';
import type { Link } from '../../model/link.ts';
import { ofctl, vsctl, type OvsBridge } from '../../model/openvswitch.ts';
import { damaged, refusal, type ReadContext } from '../read-context.ts';
import { parseDatabase, type SavedBridge } from './database.ts';
import { withBridges, withTaken, type FoundBridge } from './links.ts';
import { switchSockets, type SwitchSockets } from './sockets.ts';

type Run = (argv: readonly string[]) => Promise<Output>;

const WHAT = 'bridges of Open vSwitch';
const FLOWS = 'flow tables of Open vSwitch';

/** The interfaces with what Open vSwitch makes of them, where one runs in the namespace: nothing is asked elsewhere. */
export async function withOpenvswitch(
  context: ReadContext,
  namespace: FoundNamespace,
  links: Fact<readonly Link[]>,
): Promise<Fact<readonly Link[]>> {
  if (links.state !== 'known' || namespace.switches === undefined) return links;
  const { signal } = context;
  const run: Run = (argv) =>
    context.machine.run(
      { host: namespace.host, namespace: namespace.id },
      { argv, ...(signal ? { signal } : {}) },
    );
  const bridges: FoundBridge[] = [];
  for (const sockets of new Map(
    namespace.switches.flatMap((pid) => {
      const own = switchSockets(pid);
      return own ? [[own.database, own] as const] : [];
    }),
  ).values()) {
    const found = await readBridges(run, sockets);
    if ('state' in found) {
      if (found.state === 'denied') return withTaken(links, found.reason);
      continue;
    }
    bridges.push(...found);
  }
  return known(withBridges(links.value, namespace.id, bridges));
}

const LISTS = ['Bridge', 'Port', 'Interface', 'Open_vSwitch'].flatMap((table, at) => [
  ...(at === 0 ? [] : ['--']),
  ...['list', table],
]);

async function readBridges(run: Run, sockets: SwitchSockets): Promise<readonly FoundBridge[] | Fact<never>> {
  const { database, control } = sockets;
  const address = { database, control, management: null };
  const output = await run(vsctl(address, ['--timeout=3', '--format=json', ...LISTS]));
  const saved =
    refusal(output, WHAT, 'ovs-vsctl') ?? parseDatabase(output.stdout) ?? damaged(WHAT, 'ovs-vsctl');
  if ('state' in saved) return saved;
  return Promise.all(saved.map(async (one) => ({ ...one, bridge: await readFlows(run, sockets, one) })));
}

/** A bridge that speaks only later versions does not answer the tools' usual one. */
async function readFlows(run: Run, sockets: SwitchSockets, saved: SavedBridge): Promise<OvsBridge> {
  const { database, control } = sockets;
  const { name, userspace, unmodelled } = saved;
  const bridge: Omit<OvsBridge, 'flows'> = {
    ...{ name, userspace, unmodelled, database, control },
    ...(saved.offloads ? { offloads: true } : {}),
    management: sockets.management(name),
  };
  let refused: Fact<never> | null = null;
  for (const protocol of [{}, { protocol: 'OpenFlow13' }, { protocol: 'OpenFlow15' }]) {
    const asked: OvsBridge = { ...bridge, ...protocol, flows: { state: 'unread' } };
    const output = await run(ofctl(asked, ['--timeout=3', '--names', '--no-stats'], 'dump-flows'));
    const failed = refusal(output, FLOWS, 'ovs-ofctl');
    if (!failed) return { ...asked, flows: known(flowLines(output.stdout)) };
    refused ??= failed;
  }
  return { ...bridge, flows: refused ?? damaged(FLOWS, 'ovs-ofctl') };
}

/** One a line; the head of an answer (`NXST_FLOW reply …`) has no actions. */
const flowLines = (output: string): readonly string[] =>
  output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /(?:^|[ ,])actions=/.test(line));
