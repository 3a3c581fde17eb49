import type { Diagnosis } from '../model/diagnosis.ts';
import { displayText } from '../model/display-text.ts';
import type { Language } from '../model/language.ts';
import type { Hop, Trace } from '../model/trace.ts';
import { stepText } from './step-text.ts';

/** A hop as a person reads it. */
export interface WayLine {
  /** Of the namespace; with its host where there are several. */
  readonly place: string;
  /** `eth0 → eth1`; '' for a packet that is made and taken in one place. */
  readonly devices: string;
  /** What happened there, the telling steps only. */
  readonly events: readonly string[];
  /** The way ends here, and not well. */
  readonly stops: boolean;
  /** It may go on from here: what becomes of the packet could not be seen. */
  readonly unseen: boolean;
}

/** A trace as lines, numbered by whoever prints them. */
export function wayLines(
  trace: Trace,
  { namespaces }: Pick<Diagnosis, 'namespaces'>,
  language: Language,
): readonly WayLine[] {
  const severalHosts = new Set(Object.values(namespaces).map(({ host }) => host)).size > 1;
  const failed = trace.disposition !== 'delivered' && trace.disposition !== 'exits-machine';
  return trace.hops.map((hop, index) => {
    const { label = hop.namespace, host = '' } = namespaces[hop.namespace] ?? {};
    const stops = failed && index === trace.hops.length - 1;
    return {
      place: displayText(severalHosts && host !== '' ? `${host}/${label}` : label),
      devices: displayText(devicesOf(hop)),
      events: eventsOf(hop, stops, language),
      stops,
      unseen: stops && trace.disposition === 'unknown',
    };
  });
}

const devicesOf = ({ inDev, outDev }: Hop): string =>
  [inDev, outDev].filter((dev) => dev !== null).join(' → ');

/** The last step always tells something where the way stops; elsewhere only what is out of the ordinary. */
function eventsOf({ steps }: Hop, stops: boolean, language: Language): readonly string[] {
  const texts = steps.flatMap((step) => {
    const text = stepText(step, language);
    return text === null ? [] : [text];
  });
  const unique = [...new Set(texts)];
  if (!stops || unique.length > 0) return unique;
  return [language === 'en' ? 'the way ends here' : '到此为止'];
}
