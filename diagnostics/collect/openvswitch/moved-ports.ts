import { known } from '../../model/fact.ts';
import type { NamespaceId } from '../../model/ids.ts';
import type { Link } from '../../model/link.ts';
import { withFacts, type Snapshot } from '../../model/snapshot.ts';

interface Placed {
  readonly namespace: NamespaceId;
  readonly link: Link;
}

/**
 * Joins internal ports of Open vSwitch that were given to another namespace with the interfaces that they are there. Nothing but
 * the name tells (its database forgets the hardware address): where several have it, none is joined.
 */
export function joinMovedPorts(snapshot: Snapshot): Snapshot {
  const all = snapshot.namespaces.flatMap(({ id, facts: { links } }) =>
    links.state === 'known' ? links.value.map((link): Placed => ({ namespace: id, link })) : [],
  );
  const ports = all.filter(({ link }) => link.index < 0 && link.ovs?.role === 'internal');
  if (ports.length === 0) return snapshot;
  const there = all.filter(({ link }) => isPort(link));
  return ports.reduce((before, port) => {
    const named = (one: Placed): boolean => one.link.name === port.link.name;
    const [found, ...others] = there.filter(named);
    if (!found || others.length > 0 || ports.filter(named).length > 1) return before;
    if (port.link.peer && found.link.peer) return before;
    return joined(joined(before, port, found), found, port);
  }, snapshot);
}

/** Of the kernel module, or a tap, which the daemon reads and writes; both take every frame. */
const isPort = ({ kind, promiscuous, master, ovs, index }: Link): boolean =>
  index > 0 &&
  ovs === undefined &&
  master === undefined &&
  (kind.type === 'openvswitch' || (kind.type === 'tun' && kind.mode === 'tap' && promiscuous === true));

const joined = (snapshot: Snapshot, one: Placed, other: Placed): Snapshot =>
  withFacts(snapshot, one.namespace, (facts) =>
    facts.links.state === 'known'
      ? {
          ...facts,
          links: known(
            facts.links.value.map((link) =>
              link === one.link
                ? {
                    ...link,
                    kind: { type: 'openvswitch' } as const,
                    peer: { namespace: other.namespace, index: other.link.index },
                  }
                : link,
            ),
          ),
        }
      : facts,
  );
