import type { Snapshot } from '../model/snapshot.ts';
import { deliver } from './deliver.ts';
import { atHook } from './hooks.ts';
import type { Journey, Next } from './journey.ts';
import type { View } from './view.ts';

/** ip_local_deliver(): INPUT, then whoever takes it. */
export const receiveLocal = (
  snapshot: Snapshot,
  view: View,
  journey: Journey,
  dev: string,
): readonly Next[] =>
  atHook(view, journey, { hook: 'input', inDev: dev, outDev: null }, (after) =>
    deliver(snapshot, view, after, dev),
  );
