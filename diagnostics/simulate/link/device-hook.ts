import { atHook } from '../netfilter/hooks.ts';
import { chainsAt } from '../netfilter/base-chains.ts';
import { withDoubts, type Frame, type Journey, type Next } from '../journey.ts';
import type { View } from '../view.ts';

interface AtDevice {
  readonly hook: 'ingress' | 'egress';
  readonly dev: string;
  readonly frame: Frame;
}

/** A rule that speaks of IP leaves ARP alone; one that does not may take it too. */
const SPEAKS_OF_IP = /\b(ip|ip6|tcp|udp|icmp|protocol|l4proto)\b/;

/**
 * nf_ingress() and nf_hook_egress() of net/core/dev.c: chains of family netdev, and of inet's ingress, look at a frame where it
 * enters or leaves a device, before bridges and the IP stack do, or after.
 */
export function atDevice(
  view: View,
  journey: Journey,
  { hook, dev, frame }: AtDevice,
  then: (journey: Journey, frame: Frame) => readonly Next[],
): readonly Next[] {
  const at = { hook, layer: 'netdev', family: journey.packet.family } as const;
  const looks =
    view.ruleset !== null &&
    chainsAt(view.ruleset, at).some(({ devices }) => devices?.includes(dev) !== false);
  if (!looks) return then(journey, frame);
  const devices = hook === 'ingress' ? { inDev: dev, outDev: null } : { inDev: null, outDev: dev };
  const onward = (after: Journey, changed: Frame = frame): readonly Next[] => then(after, changed);
  return atHook(view, journey, { hook, ...devices, frame, layer: 'netdev' }, onward).map((next) =>
    frame.fresh && next.type === 'ended' && droppedHere(next.journey, journey, hook)
      ? { ...next, journey: withDoubts(next.journey, [doubt(view, dev)]) }
      : next,
  );
}

/** By a rule of this device that may take ARP too. */
const droppedHere = (after: Journey, before: Journey, hook: AtDevice['hook']): boolean => {
  const step = after.hops.at(-1)?.steps.at(-1);
  if (after.hops.length !== before.hops.length || step?.kind !== 'filter') return false;
  const { decidedBy, verdict } = step;
  return verdict === 'drop' && decidedBy.hook === hook && !SPEAKS_OF_IP.test(decidedBy.rule?.text ?? '');
};

const doubt = (view: View, dev: string): string =>
  `whether ARP passes the rules on ${dev} of ${view.label} is not modelled`;
