import { entry } from '../../host/external-json.ts';
import type { MapTarget } from '../../model/rule-action.ts';
import type { Match } from '../../model/rule-match.ts';
import { at, textAt, type Json } from './json.ts';
import { readKey } from './keys.ts';
import type { Kind } from './kinds.ts';

/** What a `… set …` statement changes. */
export interface Target {
  readonly target: MapTarget;
  /** How values of it are written. */
  readonly kind: Kind;
  /** What the packet has to be for it to be there. */
  readonly requires: readonly Match[];
}

const META: Readonly<Record<string, Target>> = {
  mark: { target: 'mark', kind: 'number', requires: [] },
  priority: { target: 'priority', kind: 'priority', requires: [] },
};
const CONNECTION: Readonly<Record<string, Target>> = {
  mark: { target: 'ct mark', kind: 'number', requires: [] },
  zone: { target: 'ct zone', kind: 'number', requires: [] },
};

/** Fields of headers that may become others. */
const HEADER: Readonly<Record<string, MapTarget>> = {
  saddr: 'saddr',
  daddr: 'daddr',
  sport: 'sport',
  dport: 'dport',
  'frag-off': 'frag-off',
  'tcp flags': 'tcp flags',
};

/** Reads the left side of `… set …`; null: it is none of these. */
export function targetOf(json: Json | undefined): Target | null {
  const ct = at(json, 'ct');
  const named =
    entry(META, textAt(at(json, 'meta'), 'key') ?? '') ??
    (textAt(ct, 'dir') === null ? entry(CONNECTION, textAt(ct, 'key') ?? '') : undefined);
  if (named) return named;
  const [part, ...others] = readKey(json)?.parts ?? [];
  if (at(json, 'payload') === undefined || !part || others.length > 0) return null;
  const { field, kind } = part;
  const target = entry(HEADER, field);
  return target ? { target, kind, requires: readKey(json)?.requires ?? [] } : null;
}
