import { known } from '../../diagnostics/model/fact.ts';
import { linkNamed, type Link } from '../../diagnostics/model/link.ts';
import type { OvsBridge, OvsPort } from '../../diagnostics/model/openvswitch.ts';
import { withFacts, type Snapshot } from '../../diagnostics/model/snapshot.ts';
import { idOf } from './sketch-links.ts';

/** A bridge as the daemon's tools tell of it. */
export const ovsBridge = (flows: readonly string[], more: Partial<OvsBridge> = {}): OvsBridge => ({
  ...{ name: 'br0', database: null, management: null, control: null, userspace: true, unmodelled: [] },
  flows: known(flows),
  ...more,
});

export const ovsPort = (number: number, more: Partial<OvsPort> = {}): OvsPort => ({
  ...{ role: 'system', number, mode: 'trunk', tag: null, trunks: [] },
  ...more,
});

/** Makes an Open vSwitch bridge of a sketched one, with the ports that it has. */
export function withSwitch(
  snapshot: Snapshot,
  namespace: string,
  bridge: OvsBridge,
  ports: Readonly<Record<string, Partial<OvsPort>>> = {},
): Snapshot {
  const change = (links: readonly Link[]): readonly Link[] => {
    const own = linkNamed(links, bridge.name);
    return links.map((link): Link => {
      if (link === own)
        return {
          ...link,
          kind: { type: 'bridge', vlanFiltering: false, stp: false, openvswitch: bridge },
          ovs: ovsPort(65534, { role: 'internal' }),
        };
      return link.master === own?.index && own
        ? { ...link, ovs: ovsPort(link.index, ports[link.name] ?? {}) }
        : link;
    });
  };
  return withFacts(snapshot, idOf(namespace), (facts) => ({
    ...facts,
    links: facts.links.state === 'known' ? known(change(facts.links.value)) : facts.links,
  }));
}
