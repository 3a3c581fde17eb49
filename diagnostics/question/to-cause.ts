import type { Finding, Remedy } from '../causes/finding.ts';
import { renderCause } from '../causes/text.ts';
import { labelIn } from '../causes/situation.ts';
import { changeBy, stepsOf, textOfAction, undoOf } from '../fixes/registry.ts';
import type { Cause, Evidence, Fix, FixStep } from '../model/diagnosis.ts';
import type { OtherFlows } from '../model/flow-effects.ts';
import { displayText } from '../model/display-text.ts';
import type { Language } from '../model/language.ts';
import { findNamespace, type Snapshot } from '../model/snapshot.ts';
import type { Found } from './found.ts';

/** What a remedy turned out to do on paper. */
export interface Tried {
  /** Whether the walk with it arrives. */
  readonly proven: boolean;
  /** null: other flows were not walked. */
  readonly otherFlows: OtherFlows | null;
}

/** A cause as an answer tells it. */
export function toCause(
  { finding, before, remedies }: Found,
  language: Language,
  certainty: Cause['certainty'],
  tried: (remedy: Remedy, index: number) => Tried,
): Cause {
  const { id, params } = finding;
  return {
    id,
    ...placeOf(finding, before),
    certainty,
    params,
    ...renderCause({ id, params }, language),
    evidence: finding.evidence.map(readable),
    fixes: remedies.map((remedy, index) => toFix(remedy, before, language, tried(remedy, index))),
  };
}

const placeOf = ({ place }: Finding, snapshot: Snapshot): Pick<Cause, 'host' | 'namespace'> =>
  'namespace' in place
    ? {
        host: findNamespace(snapshot, place.namespace)?.host ?? 'machine',
        namespace: labelIn(snapshot, place.namespace),
      }
    : { host: place.host, namespace: place.label };

const readable = ({ source, text }: Evidence): Evidence => ({
  source: displayText(source),
  text: displayText(text),
});

/** Each action sees the facts as those before it leave them; undone in the opposite order. */
function toFix(remedy: Remedy, before: Snapshot, language: Language, { proven, otherFlows }: Tried): Fix {
  let snapshot = before;
  const steps: FixStep[] = [];
  const undo: FixStep[][] = [];
  const permanent: string[] = [];
  const sideEffects: string[] = [];
  const titles: string[] = [];
  for (const action of remedy.actions) {
    steps.push(...stepsOf(action, snapshot));
    undo.unshift([...undoOf(action, snapshot)]);
    const text = textOfAction(action, snapshot, language);
    titles.push(displayText(text.title));
    if (text.permanent !== null) permanent.push(displayText(text.permanent));
    // Which flows open is said precisely where they were walked.
    const effects = [...text.sideEffects, ...(otherFlows === null ? (text.opens ?? []) : [])];
    sideEffects.push(...effects.map((effect) => displayText(effect)));
    snapshot = changeBy(action, snapshot);
  }
  return {
    title: titles.join(language === 'en' ? '; ' : '；'),
    steps,
    undo: undo.flat(),
    permanent: permanent.length === 0 ? null : [...new Set(permanent)].join(' '),
    proven,
    sideEffects: [...new Set(sideEffects)],
    ...(otherFlows === null ? {} : { otherFlows }),
  };
}
