import type { ChainPlace } from './rule-patch.ts';

/**
 * nft(8) joins its arguments and reads them as one text: quoting for a shell does not help there, and its own quotes know no
 * escapes. What cannot be said safely is left to a person.
 */
export const isNftName = (name: string): boolean => /^[A-Za-z_][A-Za-z0-9_/.-]*$/.test(name);

/** An interface's name between nft's quotes: no quote that would end it, no asterisk at the end that would mean any rest. */
export const isNftDevice = (name: string): boolean => /^[^"\\\s*\u0000-\u001f]+$/.test(name);

/** A rule as it was listed, to be said again: one statement of one line, its quotes closed. */
export const isNftRule = (text: string): boolean =>
  /^[^;\n\r\\]*$/.test(text) && (text.match(/"/g)?.length ?? 0) % 2 === 0;

/** Whether a place can be named in a command. */
export const isSayable = ({ backend, table, chain }: ChainPlace): boolean =>
  backend !== 'nft' || [table, chain].every(isNftName);
