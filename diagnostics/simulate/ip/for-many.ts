import { ended, withSteps, type Journey, type Next } from '../journey.ts';
import { confEither, confOwn6 } from '../sysctl.ts';
import type { View } from '../view.ts';

/** Whether packets for one machine alone are thrown away where the frame was for many (RFC 1122, 3.3.6). */
export const isUnwanted = (view: View, { toMany, packet }: Journey, dev: string): boolean =>
  toMany !== undefined &&
  (packet.family === 4
    ? confEither(view, dev, 'drop_unicast_in_l2_multicast')
    : confOwn6(view, dev, 'drop_unicast_in_l2_multicast') !== 0);

/** Of a packet whose frame was for many, whoever drops it tells nobody. */
export const leftToMany = (journey: Journey, dev: string): Next =>
  ended(withSteps(journey, { kind: 'receive', dev, problem: 'for-many' }), 'filtered-source');
