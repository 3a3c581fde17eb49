import { findCause } from '../causes/registry.ts';
import type { SenderSituation } from '../causes/situation.ts';
import { familyOf } from '../model/ip.ts';
import type { Cause } from '../model/diagnosis.ts';
import type { Flow } from '../model/flow.ts';
import type { Language } from '../model/language.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { predict } from '../simulate/answer/predict.ts';
import type { FlowStart } from '../simulate/start.ts';
import { walkFlow } from '../simulate/walk.ts';
import type { RawProbe } from '../source.ts';
import { toCause } from './to-cause.ts';

/** What a program met that no walk of a packet shows: an answer from elsewhere, no port to connect from. */
export interface Met {
  readonly start: FlowStart;
  readonly what: SenderSituation['met'];
}

/** What the kernel’s own answers tell of that, the same thing once. */
export function metBySenders(
  asked: readonly { readonly start: FlowStart; readonly raw: RawProbe | null }[],
): readonly Met[] {
  const met = asked.flatMap(({ start, raw }): readonly Met[] => {
    if (raw?.elsewhere !== undefined)
      return [{ start, what: { type: 'other-answer', address: raw.elsewhere } }];
    const without = start.protocol === 'udp' ? raw?.noPort : raw?.noSource;
    return without === true && (start.protocol === 'udp' || isTcp4(start))
      ? [{ start, what: { type: 'no-port' } }]
      : [];
  });
  return [...new Map(met.map((one) => [JSON.stringify([one.what, one.start.destination]), one])).values()];
}

/** In IPv6, the same error says as well that no address fits. */
const isTcp4 = ({ protocol, destination }: FlowStart): boolean =>
  protocol === 'tcp' && familyOf(destination) === 4;

export function senderCauses(
  snapshot: Snapshot,
  flow: Flow,
  met: readonly Met[],
  language: Language,
): readonly Cause[] {
  return met.flatMap(({ start, what }) => {
    const situation = {
      type: 'sender',
      snapshot,
      flow,
      start,
      namespace: start.namespace,
      met: what,
    } as const;
    const finding = findCause(situation);
    if (!finding) return [];
    const { remedies } = finding;
    return [
      toCause({ finding, before: snapshot, start, remedies }, language, finding.certainty, ({ actions }) => ({
        proven: actions.every(
          (action) =>
            // More ports than there were, of which none could be taken so far.
            action.kind === 'write-sysctl' ||
            (action.kind === 'ask-instead' &&
              action.address !== undefined &&
              predict(walkFlow(snapshot, { ...start, destination: action.address })).outcome === 'reply'),
        ),
        otherFlows: null,
      })),
    ];
  });
}
