import { sameAddress } from '../../model/ip.ts';
import type { Packet } from '../../model/packet.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Step } from '../../model/trace.ts';
import {
  blocked,
  withDoubts,
  type Ended,
  type Follow,
  type Frame,
  type Journey,
  type Next,
} from '../journey.ts';
import type { Fault, TunnelCrossing } from '../link/station.ts';
import { carry } from './carry.ts';
import { chooseRemotes } from './remotes.ts';
import { tunnelStep } from './tunnel-walk.ts';
import { tunnelEnd } from './tunnels.ts';
import { openNamespace } from '../view.ts';

/** About as large as a question for a neighbour is, whatever the packet that waits for the answer. */
const QUESTION_BYTES = 72;

/** Whether the question for a neighbour, and the answer, come through the tunnels between the two. */
export function discoverThrough(
  snapshot: Snapshot,
  before: Journey,
  { tunnels, frame }: { readonly tunnels: readonly TunnelCrossing[]; readonly frame: Frame },
  follow: Follow,
): { readonly journey: Journey; readonly fault: Fault | null; readonly blocked: Next | null } {
  let journey = before;
  const stages = [
    ...tunnels.map((tunnel) => ({ from: tunnel, to: tunnel.far, remote: tunnel.remote, answer: false })),
    ...[...tunnels].reverse().map((tunnel) => ({ from: tunnel.far, to: tunnel, remote: null, answer: true })),
  ];
  for (const { from, to, remote, answer } of stages) {
    const end = tunnelEnd(snapshot, from);
    const opened = openNamespace(snapshot, from.namespace);
    if (!end || opened.state === 'closed') {
      const missing = opened.state === 'closed' ? opened.missing : [];
      return {
        journey,
        fault: null,
        blocked: blocked(journey, 'a tunnel on the way was not looked at yet', missing),
      };
    }
    const sent: Frame = answer
      ? { source: frame.destination, destination: frame.source, fresh: true }
      : { source: frame.source, destination: null, fresh: false };
    const view = opened.view;
    const choice = chooseRemotes(snapshot, view, journey, end, sent);
    if (choice.type === 'unknown')
      return { journey, fault: null, blocked: blocked(journey, choice.reason, []) };
    const known =
      choice.type === 'remotes'
        ? choice.remotes.find(({ address }) => remote === null || sameAddress(address, remote))
        : undefined;
    if (!known)
      return {
        journey,
        fault: faultAt(from.namespace, tunnelStep(end, null, { problem: 'no-entry' })),
        blocked: null,
      };
    const question: Packet = { ...journey.packet, size: QUESTION_BYTES, checksum: null };
    const nexts = carry(snapshot, { ...journey, packet: question, hops: [] }, end, known, sent, follow);
    const come = nexts.find(
      (next) =>
        next.type === 'moving' &&
        next.place.namespace === to.namespace &&
        'link' in next.place &&
        next.place.link === to.link.index,
    );
    const [first] = nexts;
    if (!come && first?.type === 'ended') {
      if (first.ending.disposition === 'unknown') {
        const { missing, doubts } = first.journey;
        return { journey, fault: null, blocked: blocked(journey, doubts.at(-1) ?? '', missing) };
      }
      const step = tunnelStep(
        end,
        known,
        choice.type === 'remotes' && choice.own && sent.destination !== null ? { mac: sent.destination } : {},
      );
      return { journey, fault: faultOf(first, from.namespace, journey.packet, step), blocked: null };
    }
    if (!come)
      return {
        journey,
        fault: faultAt(from.namespace, tunnelStep(end, known, { problem: 'sender-elsewhere' })),
        blocked: null,
      };
    journey = withDoubts(
      { ...journey, snooped: come.journey.snooped, underlays: come.journey.underlays },
      come.journey.doubts.filter((text) => !journey.doubts.includes(text)),
    );
  }
  return { journey, fault: null, blocked: null };
}

const faultAt = (namespace: string, step: Step): Fault => ({
  namespace,
  inDev: null,
  step,
  disposition: 'neighbour-unresolved',
});

/** The tunnel that sent it, and the way of its packet. */
const faultOf = ({ journey, ending }: Ended, namespace: string, packet: Packet, step: Step): Fault => {
  const [first] = journey.hops;
  const at = first ? [{ namespace, packet, inDev: null, outDev: null, steps: [step] }, ...journey.hops] : [];
  const last = journey.hops.at(-1);
  return {
    namespace: last?.namespace ?? namespace,
    inDev: last?.inDev ?? null,
    step: last?.steps.at(-1) ?? step,
    disposition: ending.disposition,
    way: at,
  };
};
