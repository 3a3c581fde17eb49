import type { Link } from '../../model/link.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Step } from '../../model/trace.ts';
import { ICMP } from '../ip/icmp-numbers.ts';
import {
  blocked,
  ended,
  withForks,
  withSteps,
  type Follow,
  type Frame,
  type Journey,
  type Next,
} from '../journey.ts';
import { carry } from './carry.ts';
import { chooseRemotes, leadingRemotes } from './remotes.ts';
import { carriesFrames, tunnelEnd, wireguardOf, type Remote, type TunnelEnd } from './tunnels.ts';
import type { View } from '../view.ts';

/** vxlan_xmit(), ip_tunnel_xmit(), wg_xmit(): a frame leaves by a tunnel, in a packet of its own for each remote. */
export function throughTunnel(
  snapshot: Snapshot,
  view: View,
  journey: Journey,
  { link, frame }: { readonly link: Link | undefined; readonly frame: Frame },
  follow: Follow,
): readonly Next[] {
  const end = link && tunnelEnd(snapshot, { namespace: view.id, link });
  if (!end) return [blocked(journey, `a tunnel of ${view.label} was not found`, [])];
  const choice = leadingRemotes(
    snapshot,
    view,
    end,
    chooseRemotes(snapshot, view, journey, end, frame),
    frame,
  );
  // Of a frame whose next hop was not found, and of a packet that the kernel's WireGuard sends nowhere, the sender hears.
  const unasked = carriesFrames(end) && frame.destination === null;
  const kernels = end.word === 'wireguard' && wireguardOf(end)?.program !== true;
  const silent = unasked || kernels ? { answer: addressUnreachable(journey) } : {};
  switch (choice.type) {
    case 'unknown':
      return [blocked(journey, choice.reason, [])];
    case 'nowhere': {
      const stepped = withSteps(journey, tunnelStep(end, null, { problem: choice.problem }));
      return [ended(stepped, choice.problem === 'other-family' ? 'dropped' : 'neighbour-unresolved', silent)];
    }
    case 'remotes':
      break;
  }
  const { remotes, own } = choice;
  const several = remotes.length > 1;
  return remotes.flatMap((remote) => {
    const mac = own && frame.destination !== null ? { mac: frame.destination } : {};
    const stepped = withSteps(journey, tunnelStep(end, remote, mac));
    const sent = several
      ? withForks(stepped, [`${end.link.name} of ${view.label} sends the frame to several remotes`])
      : stepped;
    return carry(snapshot, sent, end, remote, frame, follow).map((next) =>
      next.type === 'ended' && next.ending.disposition !== 'unknown' && unasked
        ? { ...next, ending: { ...next.ending, namespace: view.id, ...silent } }
        : next,
    );
  });
}

const addressUnreachable = ({ packet }: Journey) =>
  ({ kind: 'icmp', ...ICMP[packet.family].addressUnreachable, speaks: 'router' }) as const;

export const tunnelStep = (
  end: TunnelEnd,
  remote: Remote | null,
  more: Partial<Extract<Step, { kind: 'tunnel' }>> = {},
): Step => ({
  kind: 'tunnel',
  dev: end.link.name,
  tunnel: end.word,
  id: remote?.id ?? end.id,
  remote: remote?.address ?? null,
  ...more,
});
