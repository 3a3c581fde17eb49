import type { Transmit } from './transmitter.ts';
import type { NamespaceId } from '../../model/ids.ts';
import { portsOf, type Link } from '../../model/link.ts';
import { groupBy, remember } from '../../model/remember.ts';
import type { FdbEntry } from '../../model/route.ts';
import type { Ruleset } from '../../model/ruleset.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { atHook } from '../netfilter/hooks.ts';
import {
  blocked,
  ended,
  withDoubts,
  withForks,
  withSteps,
  type Frame,
  type Journey,
  type Next,
} from '../journey.ts';
import { frameDropped, takesFrame } from './mtu.ts';
import { bridgeCallsIptables } from './bridge-calls.ts';
import {
  admitted,
  bridgeDisposition,
  egressProblem,
  excepted,
  holderOf,
  isBridgeEntry,
  isTried,
  learnsBy,
  leavesAs,
  withTag,
  type BridgeProblem,
} from './bridge-port.ts';
import { castOf, EVERYBODY } from './group-address.ts';
import { segmentOf } from './segment.ts';
import { chainsAt } from '../netfilter/base-chains.ts';
import { unseenLinks } from '../tunnel/tunnels.ts';
import { linkByName, openNamespace, type View } from '../view.ts';

/** A frame in a bridge: from a port, or (null) from the bridge's own IP stack. */
export interface BridgedFrame {
  readonly bridge: Link;
  readonly inPort: Link | null;
  readonly frame: Frame;
}

/** Which ports a frame leaves by, and how the bridge knows. */
interface Choice {
  readonly ports: readonly Link[];
  readonly by: 'fdb' | 'flood';
  /** Ports whose far side nobody has looked at yet. */
  readonly unseen: readonly Link[];
}

const fdbByMac = remember((fdb: readonly FdbEntry[]) => groupBy(fdb, ({ mac }) => mac));

const entriesFor = (view: View, mac: string | null): readonly FdbEntry[] =>
  mac === null ? [] : (fdbByMac(view.fdb).get(mac) ?? []);

/**
 * br_fdb_find(). Where the destination answered just now, bridges have learned its port anew: br_fdb_update() moves static
 * entries too, unless they are sticky (which a listing does not tell). A frame to its own sender's address finds the port it came
 * in by: that was learned a moment before.
 */
const knownPort = (
  view: View,
  { bridge, inPort, frame }: BridgedFrame,
  vlan: number | null,
): Link | undefined => {
  if (frame.group !== undefined) return undefined;
  const fixed = inPort ? undefined : holderIn(view, bridge, frame);
  if (fixed) return fixed;
  if (inPort && learnsBy(bridge, inPort) && frame.source !== null && frame.source === frame.destination)
    return inPort;
  const answered = frame.fresh ? answeredBy(view, bridge, frame) : undefined;
  if (answered && learnsBy(bridge, answered)) return answered;
  if (frame.fresh && !answered) return undefined;
  const entry = entriesFor(view, frame.destination).find(
    (one) =>
      isBridgeEntry(one, bridge) &&
      one.state !== 'permanent' &&
      (vlan === null || one.vlan === undefined || one.vlan === vlan) &&
      linkByName(view, one.dev)?.master === bridge.index,
  );
  return entry ? linkByName(view, entry.dev) : undefined;
};

/** The port by which the answer for the destination came in, as far as it came this way. */
const answeredBy = (view: View, bridge: Link, { path }: Frame): Link | undefined => {
  const crossing = path?.find(
    (one) => one.type === 'bridge' && one.namespace === view.id && one.bridge === bridge.name,
  );
  const port = crossing?.type === 'bridge' ? crossing.outPort : null;
  return port === null ? undefined : linkByName(view, port);
};

/** Behind which ports of a bridge a hardware address is, and behind which more may be than can be seen. */
interface Reach {
  leading(mac: string): readonly Link[];
  readonly unseen: readonly Link[];
}

const reaches = remember<Snapshot, Map<string, Reach>>(() => new Map());

const reachOf = (snapshot: Snapshot, view: View, bridge: Link): Reach => {
  const known = reaches(snapshot);
  const key = `${bridge.index} ${view.id}`;
  const seen = known.get(key);
  if (seen) return seen;
  const ports = portsOf(view.links, bridge);
  const segments = ports.map((port) => ({ port, segment: segmentOf(snapshot, view.id, port) }));
  const behind = new Map<string, Link[]>();
  for (const { port, segment } of segments)
    for (const mac of new Set(segment.stations.flatMap(({ macs }) => macs))) {
      const found = behind.get(mac);
      if (found) found.push(port);
      else behind.set(mac, [port]);
    }
  const reach: Reach = {
    leading: (mac) => behind.get(mac) ?? [],
    unseen: segments.flatMap(({ port, segment }) =>
      segment.missing.length > 0 || segment.exits.length > 0 || segment.unknowns.length > 0 ? [port] : [],
    ),
  };
  known.set(key, reach);
  return reach;
};

const choosePorts = (snapshot: Snapshot, view: View, bridged: BridgedFrame, vlan: number | null): Choice => {
  const { bridge, inPort, frame } = bridged;
  const port = knownPort(view, bridged, vlan);
  if (port) return { ports: [port], by: 'fdb', unseen: [] };
  const reach = reachOf(snapshot, view, bridge);
  const mayTake = (other: Link): boolean => other !== inPort || other.port?.hairpin === true;
  const all = frame.destination === null ? [] : reach.leading(frame.destination);
  // A flood goes to all of them; only where somebody takes the frame does it go on.
  const others = all.filter(mayTake);
  // Back to where it came from, and nowhere else: refused below, for want of hairpin mode.
  const leading = others.length > 0 ? others : all;
  const unseen = reach.unseen.filter((other) => mayTake(other) && !leading.includes(other));
  const learned =
    frame.group === undefined &&
    entriesFor(view, frame.destination).some(
      (entry) => isBridgeEntry(entry, bridge) && leading.some((one) => one.name === entry.dev),
    );
  return { ports: leading, by: learned ? 'fdb' : 'flood', unseen };
};

/** br_flood(): a port may be spared what the bridge cannot place, and what is for many. */
const notFlooded = ({ group }: Frame, inPort: Link | null, port: Link): BridgeProblem | null => {
  if (group === undefined) return isTried(port) ? null : 'not-flooded';
  return inPort && excepted(castOf(group) ?? 'broadcast', port);
};

/** A frame crosses a bridge to another port; br_forward() and br_flood() of net/bridge/br_forward.c. */
export function bridgeFrame(
  snapshot: Snapshot,
  view: View,
  before: Journey,
  bridged: BridgedFrame,
  transmit: Transmit,
): readonly Next[] {
  const { bridge, inPort, frame } = bridged;
  const place = { kind: 'bridge' as const, bridge: bridge.name, inPort: inPort?.name ?? null };
  if (frame.destination === EVERYBODY)
    return [blocked(before, `a broadcast through ${bridge.name} is not followed`, [])];
  const journey = withDoubts(before, doubtsOf(view));
  // br_dev_xmit(): what the bridge's own stack sends to an address of the bridge itself goes nowhere, and to a port's by that port.
  if (inPort === null && holderIn(view, bridge, frame) === null)
    return [
      ended(
        withSteps(journey, { ...place, outPort: null, by: 'local', problem: 'no-port-leads-there' }),
        'neighbour-unresolved',
      ),
    ];
  const tag = frame.vlan ?? null;
  const entry = admitted(bridge, inPort ?? bridge, tag);
  if (entry === 'refused')
    return [
      ended(withSteps(journey, { ...place, outPort: null, by: 'flood', problem: 'vlan' }), 'filtered-source'),
    ];
  const choice = choosePorts(snapshot, view, bridged, entry.vlan);
  if (choice.ports.length === 0 && choice.unseen.length > 0) {
    const onlyExit = choice.unseen.find((port) => segmentOf(snapshot, view.id, port).exits.length > 0);
    const missing = choice.unseen.flatMap((port) => segmentOf(snapshot, view.id, port).missing);
    if (missing.length === 0 && onlyExit) {
      const stepped = withSteps(journey, { ...place, outPort: onlyExit.name, by: 'flood' });
      return transmit(snapshot, view, stepped, onlyExit, frame);
    }
    return [
      blocked(journey, `which port of ${bridge.name} leads to ${frame.destination} is not known`, missing),
    ];
  }
  // Something may stand on the bridge, in a namespace that nobody has looked into.
  const above = inPort && bridge.promiscuous ? unseenLinks(snapshot) : [];
  if (choice.ports.length === 0 && above.length > 0)
    return [blocked(journey, `what stands on ${bridge.name} of ${view.label} is not known yet`, above)];
  if (choice.ports.length === 0)
    return [
      ended(
        withSteps(journey, { ...place, outPort: null, by: 'flood', problem: 'no-port-leads-there' }),
        'neighbour-unresolved',
      ),
    ];
  return choice.ports.flatMap((port) => {
    const leaving = leavesAs(port, entry.vlan, tag);
    const problem =
      egressProblem(inPort, port) ??
      (leaving === 'refused' ? 'vlan' : choice.by === 'flood' ? notFlooded(frame, inPort, port) : null);
    const step = { ...place, outPort: port.name, by: choice.by } as const;
    if (problem || leaving === 'refused')
      return [
        ended(
          withSteps(journey, { ...step, problem: problem ?? 'vlan' }),
          bridgeDisposition(problem ?? 'vlan'),
        ),
      ];
    const outgoing = withTag(frame, leaving.tag);
    const several =
      choice.ports.length > 1
        ? withForks(journey, [`${frame.destination} is behind several ports of ${bridge.name}`])
        : journey;
    const stepped = withSteps(several, step);
    const hook = inPort ? 'forward' : 'output';
    const out = { inDev: inPort?.name ?? null, outDev: port.name };
    return atBridgeHook(view, stepped, { hook, ...out, frame: outgoing }, (passed, forwarded) =>
      filteredAsIp(view, passed, { bridge, inPort, port }, (after) =>
        atBridgeHook(
          view,
          after,
          { hook: 'postrouting', ...out, inDev: null, frame: forwarded },
          (sent, leaving) =>
            // br_dev_queue_push_xmit()
            takesFrame(port.mtu, sent.packet)
              ? transmit(snapshot, view, sent, port, withTag(leaving, leaving.vlan ?? null))
              : [frameDropped(sent, port)],
        ),
      ),
    );
  });
}

const doubtsOf = (view: View): readonly string[] => {
  const unreadable = view.unreadable.get('fdb');
  return unreadable === undefined ? [] : [unreadable];
};

/** Tables of family bridge look at frames. */
const filtersFrames = ({ ruleset }: View): boolean => ruleset !== null && hasBridgeChains(ruleset);

const hasBridgeChains = remember(({ tables }: Ruleset) =>
  tables.some(({ family, chains }) => family === 'bridge' && chains.some(({ base }) => base !== undefined)),
);

/** Whether frames that cross a bridge of the namespace meet no rules there: nothing looks into them. */
export const onlySwitches = (snapshot: Snapshot, id: NamespaceId): boolean => {
  const opened = openNamespace(snapshot, id);
  if (opened.state === 'closed') return false;
  const { view } = opened;
  if (view.trafficControl.length > 0 || view.links.some(({ programs }) => programs !== undefined))
    return false;
  const called = FAMILIES.some((family) => bridgeCallsIptables(view, { family }));
  return !called && (view.ruleset === null || !hasFrameChains(view.ruleset));
};

const FAMILIES = [4, 6] as const;

const hasFrameChains = remember((ruleset: Ruleset) => {
  const hooks = ['ingress', 'egress'] as const;
  const devices = FAMILIES.some((family) =>
    hooks.some((hook) => chainsAt(ruleset, { hook, layer: 'netdev', family }).length > 0),
  );
  return devices || hasBridgeChains(ruleset);
});

/** The bridge's own hooks (NF_BR_*), where nothing is done unless there are tables of family bridge. */
export const atBridgeHook = (
  view: View,
  journey: Journey,
  at: {
    readonly hook: 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting';
    readonly inDev: string | null;
    readonly outDev: string | null;
    readonly frame: Frame;
  },
  then: (journey: Journey, frame: Frame) => readonly Next[],
): readonly Next[] =>
  filtersFrames(view)
    ? atHook(view, journey, { ...at, layer: 'bridge' }, (after, frame = at.frame) => then(after, frame))
    : then(journey, at.frame);

/** br_nf_forward_ip() and br_nf_post_routing() of net/bridge/br_netfilter_hooks.c. */
const filteredAsIp = (
  view: View,
  journey: Journey,
  way: { readonly bridge: Link; readonly inPort: Link | null; readonly port: Link },
  then: (journey: Journey) => readonly Next[],
): readonly Next[] => {
  if (!way.inPort || !bridgeCallsIptables(view, journey.packet)) return then(journey);
  const physical = { physicalIn: way.inPort.name, physicalOut: way.port.name };
  const { name } = way.bridge;
  return atHook(view, journey, { hook: 'forward', inDev: name, outDev: name, ...physical }, (forwarded) =>
    atHook(view, forwarded, { hook: 'postrouting', inDev: null, outDev: name, ...physical }, then),
  );
};

const holderIn = (view: View, bridge: Link, { destination }: Frame): Link | null | undefined =>
  destination === null ? undefined : holderOf(view.links, bridge, entriesFor(view, destination), destination);

/** Whether the bridge keeps a frame that came in by a port for its own IP stack: its own address, one of its ports', or one kept for it. */
export const staysInBridge = (view: View, bridge: Link, frame: Frame): boolean =>
  holderIn(view, bridge, frame) !== undefined;
