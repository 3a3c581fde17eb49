import { ownersOf } from '../causes/situation.ts';
import type { Flow } from '../model/flow.ts';
import { familyOf } from '../model/ip.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { Note } from './notes.ts';

/** An IPv6 address whose end reads as a port too: `fe80::1:80` (RFC 5952, 6: with a port it stands in brackets). */
export interface Unbracketed {
  /** What stands before the port. */
  readonly address: string;
  readonly port: number;
}

/** Null where an end without its last group is no address, or that group no port. */
export function unbracketedPort(text: string): Unbracketed | null {
  const [, address = '', digits = ''] = /([^/]+):([1-9]\d{0,4})$/.exec(text) ?? [];
  const port = Number(digits);
  return port <= 65535 && familyOf(address) === 6 ? { address, port } : null;
}

/** That TO was taken as an address without a port, where nobody is known to have that address. */
export function unbracketedNote(snapshot: Snapshot, { to, toText, port }: Flow): readonly Note[] {
  if (to.type !== 'address' || port !== null || ownersOf(snapshot, to.address).length > 0) return [];
  const meant = unbracketedPort(toText);
  return meant ? [{ type: 'unbracketed', written: toText, ...meant }] : [];
}
