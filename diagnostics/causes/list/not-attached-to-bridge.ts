import type { NamespaceId } from '../../model/ids.ts';
import { prefixContains } from '../../model/ip.ts';
import type { Evidence } from '../../model/diagnosis.ts';
import type { FixAction } from '../../fixes/registry.ts';
import { portsOf, type Link } from '../../model/link.ts';
import { vsctl } from '../../model/openvswitch.ts';
import { switchOf } from '../../simulate/link/openvswitch/own-port.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { segmentOf } from '../../simulate/link/segment.ts';
import type { CauseKind } from '../cause.ts';
import { linkEvidence, readIn } from '../evidence.ts';
import { unanswered } from '../unanswered.ts';
import {
  isOf,
  labelIn,
  linksIn,
  ownersOf,
  peerOf,
  type PlacedLink,
  type WaySituation,
} from '../situation.ts';

interface Loose extends PlacedLink {
  readonly bridge: Link;
  /** The other end of a tunnel. */
  readonly from?: NamespaceId;
}

/** The host end of a veth has no master, although the bridge that the packet needs is right beside it. */
export const notAttachedToBridge: CauseKind = {
  id: 'not-attached-to-bridge',
  find(situation) {
    if (situation.type !== 'way') return null;
    const { snapshot } = situation;
    const loose = farEnd(situation) ?? nearEnd(situation) ?? lastPort(situation) ?? tunnelsEnd(situation);
    if (!loose) return null;
    const { namespace, link, bridge } = loose;
    return {
      id: 'not-attached-to-bridge',
      place: { namespace },
      certainty: 'certain',
      params: {
        device: link.name,
        bridge: bridge.name,
        namespace: labelIn(snapshot, namespace),
        leadsTo: loose.from === undefined ? leadsTo(snapshot, link) : labelIn(snapshot, loose.from),
        tunnel: loose.from !== undefined,
      },
      evidence: [portEvidence(snapshot, loose), linkEvidence(snapshot, namespace, link)],
      remedies: [{ actions: [attaching(snapshot, loose)] }],
    };
  },
  text: {
    en: {
      summary: (p) =>
        `${p('device')} in ${p('namespace')}, the ${p('tunnel') === 'true' ? 'tunnel' : 'wire'} to ${p('leadsTo')}, is not attached to the bridge ${p('bridge')}`,
      explanation: (p) =>
        `A bridge passes frames only between the interfaces that are attached to it. ${p('device')} leads to ${p('leadsTo')}, but it is attached to none, so what the bridge ${p('bridge')} sends never gets there. Attached to ${p('bridge')}, it is on the same network as the others.`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('namespace')} 中通往 ${p('leadsTo')} 的 ${p('device')} 没有接到网桥 ${p('bridge')} 上`,
      explanation: (p) =>
        `网桥只在接入它的接口之间转发帧。${p('device')} 通往 ${p('leadsTo')}，但它没有接到任何网桥上，所以网桥 ${p('bridge')} 上的帧到不了那里。把它接入 ${p('bridge')}，它就和其他成员处在同一个网络里了。`,
    },
  },
};

const portEvidence = (snapshot: Snapshot, { namespace, link, bridge }: Loose): Evidence => {
  const ovs = switchOf(bridge);
  if (!ovs)
    return {
      source: readIn(snapshot, namespace, ['bridge', 'link', 'show', 'dev', link.name]),
      text: `${link.name}: no master`,
    };
  const ports = portsOf(linksIn(snapshot, namespace), bridge).map(({ name }) => name);
  return {
    source: readIn(snapshot, namespace, vsctl(ovs, ['list-ports', bridge.name])),
    text: ports.join(' '),
  };
};

/** A port of a switch goes into the VLAN that all others are in. */
function attaching(snapshot: Snapshot, { namespace, link, bridge }: Loose): FixAction {
  if (!switchOf(bridge)) return { kind: 'set-master', namespace, dev: link.name, bridge: bridge.name };
  const tags = portsOf(linksIn(snapshot, namespace), bridge)
    .filter(({ ovs }) => ovs?.role === 'system')
    .map(({ ovs }) => ovs?.tag ?? null);
  const [tag = null] = tags;
  const same = tags.every((other) => other === tag);
  return {
    ...{ kind: 'add-ovs-port', namespace, bridge: bridge.name, port: link.name },
    tag: same ? tag : null,
  };
}

const leadsTo = (snapshot: Snapshot, link: Link): string => {
  const peer = peerOf(snapshot, link);
  return peer ? labelIn(snapshot, peer.namespace) : link.name;
};

/** The owner of the address hangs on a loose end beside a bridge that hears the question. */
function farEnd(situation: WaySituation): Loose | null {
  const { snapshot, packet } = situation;
  const asked = unanswered(situation);
  if (!asked) return null;
  const { namespace } = asked;
  const heard = segmentOf(snapshot, namespace, asked.link).stations;
  for (const owner of ownersOf(snapshot, asked.address)) {
    const end = looseEnd(snapshot, owner.link, packet.family);
    if (!end) continue;
    const bridge = bridgesIn(snapshot, end.namespace).find(
      (it) =>
        (end.namespace === namespace && it.index === asked.link.index) ||
        heard.some((station) => station.namespace === end.namespace && station.link.index === it.index),
    );
    if (bridge) return { ...end, bridge };
  }
  return null;
}

/** The asker itself hangs on a loose end, beside a bridge that has its network. */
function nearEnd(situation: WaySituation): Loose | null {
  const { snapshot, packet } = situation;
  const asked = unanswered(situation);
  const end = asked ? looseEnd(snapshot, asked.link, packet.family) : null;
  if (!asked || !end) return null;
  const ours = asked.link.addresses.filter(isOf(packet.family));
  const bridge = bridgesIn(snapshot, end.namespace).find((it) => {
    const others = [
      { namespace: end.namespace, link: it },
      ...segmentOf(snapshot, end.namespace, it).stations,
    ].filter((station) => station.namespace !== asked.namespace);
    return others.some(({ link }) =>
      link.addresses.some(
        (other) => other.address === asked.address || ours.some((own) => prefixContains(own, other.address)),
      ),
    );
  });
  return bridge ? { ...end, bridge } : null;
}

/** The bridge that the packet is to leave by has no carrier: no port is left, and a wire to its network hangs loose beside it. */
function lastPort({ snapshot, namespace, step, packet }: WaySituation): Loose | null {
  if (step.kind !== 'transmit' || step.problem !== 'no-carrier') return null;
  const links = linksIn(snapshot, namespace);
  const bridge = links.find(
    ({ name, kind }) => name === step.dev && kind.type === 'bridge' && kind.openvswitch === undefined,
  );
  if (!bridge || links.some(({ master }) => master === bridge.index)) return null;
  const usable = isOf(packet.family);
  const link = links.find((it) => {
    const peer = it.kind.type === 'veth' ? peerOf(snapshot, it) : null;
    return (
      it.master === undefined &&
      !it.addresses.some(usable) &&
      peer?.link.addresses.some((theirs) =>
        bridge.addresses.some((own) => usable(own) && prefixContains(own, theirs.address)),
      )
    );
  });
  return link ? { namespace, link, bridge } : null;
}

/** The frame came out of a tunnel whose interface stands alone, beside the bridge that leads to the owner of the address. */
function tunnelsEnd(situation: WaySituation): Loose | null {
  const { snapshot, packet } = situation;
  const asked = unanswered(situation);
  if (!asked) return null;
  const owners = ownersOf(snapshot, asked.address);
  const heard = segmentOf(snapshot, asked.namespace, asked.link).stations;
  const loose = heard.find(
    ({ namespace: at, link, crossed }) =>
      (link.kind.type === 'vxlan' || link.kind.type === 'tunnel') &&
      at !== asked.namespace &&
      crossed.some(({ type }) => type === 'tunnel') &&
      link.master === undefined &&
      !link.addresses.some(isOf(packet.family)),
  );
  const bridge =
    loose &&
    bridgesIn(snapshot, loose.namespace).find((it) =>
      segmentOf(snapshot, loose.namespace, it).stations.some((station) =>
        owners.some(
          (owner) => owner.namespace === station.namespace && owner.link.index === station.link.index,
        ),
      ),
    );
  const from = loose?.crossed.findLast(({ type }) => type === 'tunnel')?.namespace;
  return loose && bridge && from !== undefined
    ? { namespace: loose.namespace, link: loose.link, bridge, from }
    : null;
}

/** The other end of a veth, where it carries neither a master nor an address: nobody uses it. */
function looseEnd(snapshot: Snapshot, link: Link, family: 4 | 6): PlacedLink | null {
  if (link.kind.type !== 'veth') return null;
  const peer = peerOf(snapshot, link);
  return peer && peer.link.master === undefined && !peer.link.addresses.some(isOf(family)) ? peer : null;
}

const bridgesIn = (snapshot: Snapshot, id: NamespaceId): readonly Link[] =>
  linksIn(snapshot, id).filter(({ kind }) => kind.type === 'bridge');
