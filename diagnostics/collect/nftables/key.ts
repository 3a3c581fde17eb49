import type { Field } from '../../model/rule-field.ts';
import type { Match } from '../../model/rule-match.ts';
import { compare, text } from '../iptables/values.ts';
import type { Kind } from './kinds.ts';

/** What the left side of an nft match (or the key of a map) reads. */
export interface Key {
  readonly parts: readonly KeyPart[];
  /** Comparisons that nft makes in silence so that the field is there at all (`tcp dport` is asked of TCP only). */
  readonly requires: readonly Match[];
  /** `numgen … mod 3`: how many numbers can be drawn. */
  readonly chances?: number;
}

/** A field, and in what form nft writes its values. */
export interface KeyPart {
  readonly field: Field;
  readonly kind: Kind;
}

export const IPV4 = compare('nfproto', [text('ipv4')]);
export const IPV6 = compare('nfproto', [text('ipv6')]);

/** A single field; `requires`: what has to hold before it can be asked. */
export const key = (field: Field, kind: Kind, ...requires: readonly Match[]): Key => ({
  parts: [{ field, kind }],
  requires,
});
