import type { NamespaceId } from '../../../model/ids.ts';
import { linkAt, type Link } from '../../../model/link.ts';
import type { OvsBridge } from '../../../model/openvswitch.ts';
import { bridgeDisposition } from '../bridge-port.ts';
import { isOwnPort } from '../openvswitch/own-port.ts';
import { cameTagged } from '../openvswitch/ports.ts';
import { spreadOver } from '../openvswitch/spread.ts';
import type { Crossing, Fault } from '../station.ts';
import { unseenLinks } from '../../tunnel/tunnels.ts';
import { linksOf, uppersOf } from '../wires.ts';
import { notUp, type Flood, type Wave } from './flood.ts';

/** By a port that Open vSwitch made: into its bridge, to the other end of a patch, or to where a tunnel leads. */
export function bySwitchPort(flood: Flood, namespace: NamespaceId, link: Link, wave: Wave): void {
  const bridge = linkAt(linksOf(flood.snapshot, namespace) ?? [], link.master ?? 0);
  if (link.ovs && isOwnPort(link) && bridge) flood.through(namespace, bridge, link, wave);
  else if (link.peer?.namespace) flood.arrive(link.peer.namespace, link.peer.index, wave);
  else if (link.ovs?.role === 'internal') {
    const unseen = unseenLinks(flood.snapshot);
    flood.missing.push(...unseen);
    if (unseen.length === 0)
      flood.unknowns.push(`which namespace the port ${link.name} was given to is not known`);
  } else if (link.ovs?.role !== 'patch')
    flood.unknowns.push(
      link.ovs
        ? `where the port ${link.name} of Open vSwitch leads is not modelled`
        : `${link.name} is of the kind ${link.kind.type}, which is not modelled`,
    );
}

/** Through an Open vSwitch bridge: to all its ports but one, as far as their VLANs let it. */
export function throughSwitch(
  flood: Flood,
  namespace: NamespaceId,
  bridge: Link,
  ovs: OvsBridge,
  inPort: Link,
  wave: Wave,
): void {
  const links = linksOf(flood.snapshot, namespace) ?? [];
  const place = { kind: 'bridge', bridge: bridge.name, inPort: inPort.name, by: 'flood' } as const;
  const { reached, unknowns } = spreadOver(links, bridge, ovs, { inPort, tag: wave.vlan });
  flood.unknowns.push(...unknowns.filter((text) => !flood.unknowns.includes(text)));
  for (const { port, tag, refused } of reached) {
    const own = isOwnPort(port);
    const fault: Fault | null =
      wave.fault ??
      (refused === null
        ? null
        : {
            namespace,
            inDev: inPort.name,
            step: {
              ...place,
              outPort: refused === 'in' ? null : port.name,
              problem: 'vlan',
              ...cameTagged(wave.vlan),
            },
            disposition: bridgeDisposition('vlan'),
          });
    const crossing: Crossing = {
      type: 'bridge',
      namespace,
      bridge: bridge.name,
      inPort: inPort === bridge ? null : inPort.name,
      outPort: port === bridge ? null : port.name,
      tags: [wave.vlan, tag],
    };
    const onward = { ...wave, fault, vlan: tag, crossed: [...wave.crossed, crossing] };
    if (!own) flood.transmit(namespace, port, onward);
    else intoHost(flood, namespace, port, onward);
  }
}

/** Out by a switch's own interface, to the host's IP stack or to what stands on that interface. */
function intoHost(flood: Flood, namespace: NamespaceId, link: Link, before: Wave): void {
  const fault: Fault | null = before.fault ?? notUp(namespace, link);
  const wave = { ...before, fault };
  const tagged = uppersOf(flood.snapshot, namespace, link.index).find(
    ({ link: upper }) => upper.kind.type === 'vlan' && upper.kind.id === wave.vlan,
  );
  if (tagged) flood.arrive(tagged.namespace, tagged.link.index, { ...wave, vlan: null });
  else flood.station(namespace, link, wave);
}
