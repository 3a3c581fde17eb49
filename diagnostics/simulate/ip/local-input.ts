import type { Snapshot } from '../../model/snapshot.ts';
import { deliver } from './deliver.ts';
import { atHook } from '../netfilter/hooks.ts';
import { atIpsec } from './ipsec.ts';
import { enter, withSteps, type Journey, type Next } from '../journey.ts';
import { inputDevice } from '../route/vrf.ts';
import { atVirtualService } from './virtual-service.ts';
import { linkByIndex, type View } from '../view.ts';

/**
 * ipvlan_l3_rcv() and ipvlan_nf_input() of drivers/net/ipvlan (mode L3S): INPUT was run where the lower device is, and none is where
 * the packet is taken.
 */
export function receiveHanded(
  snapshot: Snapshot,
  view: View,
  before: Journey,
  index: number,
): readonly Next[] {
  const dev = linkByIndex(view, index)?.name ?? '';
  return deliver(snapshot, view, withSteps(enter(before, view.id, dev), { kind: 'receive', dev }), dev);
}

/** ip_local_deliver(): INPUT, then whoever takes it. */
export const receiveLocal = (
  snapshot: Snapshot,
  view: View,
  journey: Journey,
  dev: string,
): readonly Next[] =>
  atHook(view, journey, { hook: 'input', ...inputDevice(view, dev), outDev: null }, (after) =>
    atVirtualService(view, after, (own) =>
      atIpsec(view, own, { direction: 'in', inDev: dev, outDev: null }, (allowed) =>
        deliver(snapshot, view, allowed, dev),
      ),
    ),
  );
