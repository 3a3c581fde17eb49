import type { Finding, Remedy } from '../causes/cause.ts';
import { renderCause } from '../causes/text.ts';
import { labelIn } from '../causes/situation.ts';
import { changeBy, stepsOf, textOfAction, undoOf, type FixAction } from '../fixes/registry.ts';
import type { Cause, Evidence, Fix, FixStep } from '../model/diagnosis.ts';
import { displayText } from '../model/display-text.ts';
import type { Language } from '../model/language.ts';
import { findNamespace, type Snapshot } from '../model/snapshot.ts';
import type { Found } from './explain.ts';

/** A cause as an answer tells it. `proven` says of each remedy whether the walk with it arrives. */
export function toCause(
  { finding, before, remedies }: Found,
  language: Language,
  certainty: Cause['certainty'],
  proven: (remedy: Remedy) => boolean,
): Cause {
  const { id, params } = finding;
  return {
    id,
    ...placeOf(finding, before),
    certainty,
    params,
    ...renderCause({ id, params }, language),
    evidence: finding.evidence.map(readable),
    fixes: remedies.map((remedy) => toFix(remedy, before, language, proven(remedy))),
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
function toFix(remedy: Remedy, before: Snapshot, language: Language, proven: boolean): Fix {
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
    sideEffects.push(...text.sideEffects.map((effect) => displayText(effect)));
    snapshot = changeBy(action, snapshot);
  }
  return {
    title: titles.join(language === 'en' ? '; ' : '；'),
    steps,
    undo: undo.flat(),
    permanent: permanent.length === 0 ? null : [...new Set(permanent)].join(' '),
    proven,
    sideEffects: [...new Set(sideEffects)],
  };
}

/** Whether a machine can carry a remedy out, rather than a person. */
export const hasSteps = (action: FixAction, snapshot: Snapshot): boolean =>
  stepsOf(action, snapshot).length > 0;
