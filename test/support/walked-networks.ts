import type { Protocol } from '../../diagnostics/model/flow.ts';
import { type Snapshot } from '../../diagnostics/model/snapshot.ts';
import { walkFlow, type RoundTrip } from '../../diagnostics/simulate/walk.ts';
import { idOf } from './sketch-links.ts';
import { sketchSnapshot, type NamespaceSketch } from './snapshot.ts';

/** Small networks that walks are tried on, and how to ask about them. */
export type Sketches = Readonly<Record<string, NamespaceSketch>>;

export const ask = (
  snapshot: Snapshot,
  from: string,
  to: string,
  protocol: Protocol = 'icmp',
  port: number | null = null,
) => walkFlow(snapshot, { from: 'namespace', namespace: idOf(from), destination: to, protocol, port });

export const lastStep = (trip: RoundTrip) => trip.forward.hops.at(-1)?.steps.at(-1);

/** red — router — blue, all well. */
export const ROUTED: Sketches = {
  red: {
    links: ['eth0 10.0.1.2/24 -> router/r0'],
    routes: ['default via 10.0.1.1'],
    sockets: ['tcp 0.0.0.0:22'],
  },
  router: { links: ['r0 10.0.1.1/24 -> red/eth0', 'r1 10.0.2.1/24 -> blue/eth0'], forwarding: true },
  blue: {
    links: ['eth0 10.0.2.2/24 -> router/r1'],
    routes: ['default via 10.0.2.1'],
    sockets: ['tcp 0.0.0.0:80', 'tcp 127.0.0.1:81', 'udp 0.0.0.0:53'],
  },
};

/** Three namespaces on a bridge of the host. */
export const BRIDGED: Sketches = {
  host: {
    links: [
      'br0 10.0.0.1/24 bridge',
      'v1 master br0 -> a/eth0',
      'v2 master br0 -> b/eth0',
      'v3 master br0 -> c/eth0',
    ],
  },
  a: { links: ['eth0 10.0.0.2/24 -> host/v1'] },
  b: { links: ['eth0 10.0.0.3/24 -> host/v2'] },
  c: { links: ['eth0 10.0.0.4/24 -> host/v3'] },
};

export const change = (sketches: Sketches, name: string, to: NamespaceSketch): Snapshot =>
  sketchSnapshot({ ...sketches, [name]: { ...sketches[name], ...to } });
