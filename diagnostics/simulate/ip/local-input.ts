import type { Snapshot } from '../../model/snapshot.ts';
import { deliver } from './deliver.ts';
import { atHook } from '../netfilter/hooks.ts';
import { atIpsec } from './ipsec.ts';
import type { Journey, Next } from '../journey.ts';
import { inputDevice } from '../route/vrf.ts';
import { atVirtualService } from './virtual-service.ts';
import type { View } from '../view.ts';

/** ip_local_deliver(): INPUT, then whoever takes it. */
export const receiveLocal = (
  snapshot: Snapshot,
  view: View,
  journey: Journey,
  dev: string,
): readonly Next[] =>
  atHook(view, journey, { hook: 'input', inDev: inputDevice(view, dev), outDev: null }, (after) =>
    atVirtualService(view, after, (own) =>
      atIpsec(view, own, { direction: 'in', inDev: dev, outDev: null }, (allowed) =>
        deliver(snapshot, view, allowed, dev),
      ),
    ),
  );
