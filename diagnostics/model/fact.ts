/** Something about a machine that was read, is not there, was not looked at yet, or could not be read. */
export type Fact<T> =
  | { readonly state: 'known'; readonly value: T }
  | { readonly state: 'absent' }
  | { readonly state: 'unread' }
  | { readonly state: 'denied'; readonly reason: string };

/** A fact that was read. */
export const known = <T>(value: T): Fact<T> => ({ state: 'known', value });

/** Read, and not there: no such file, no such tool's table, no engine. */
export const absent: Fact<never> = { state: 'absent' };

/** Nobody has asked for it yet; a walk that needs it names it in `Trace.missing`. */
export const unread: Fact<never> = { state: 'unread' };

/** It could not be read; `reason` is one sentence that a user understands. */
export const denied = (reason: string): Fact<never> => ({ state: 'denied', reason });

/** The value where it is known, else `fallback` (use it only where absent and unknown mean the same). */
export const valueOr = <T, F>(fact: Fact<T>, fallback: F): T | F =>
  fact.state === 'known' ? fact.value : fallback;
