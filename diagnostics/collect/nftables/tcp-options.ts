import { entry } from '../../host/external-json.ts';
import type { Match } from '../../model/rule-match.ts';
import { compare, number } from '../iptables/values.ts';
import { at, numberAt, textAt, type Json } from './json.ts';
import { key, type Key } from './key.ts';

/** Kinds of options by nft's names (nft's src/tcpopt.c). */
const KINDS: Readonly<Record<string, number>> = {
  eol: 0,
  nop: 1,
  maxseg: 2,
  window: 3,
  'sack-perm': 4,
  // Older names of the same.
  'sack-permitted': 4,
  sack: 5,
  sack0: 5,
  sack1: 5,
  sack2: 5,
  sack3: 5,
  timestamp: 8,
  md5sig: 19,
  mptcp: 30,
  fastopen: 34,
};

/** Where fields lie in an option: from which byte on, and how many (RFC 9293, RFC 7323). */
const FIELDS: Readonly<Record<string, readonly [number, number]>> = {
  kind: [0, 1],
  length: [1, 1],
  'maxseg size': [2, 2],
  'window count': [2, 1],
  'timestamp tsval': [2, 4],
  'timestamp tsecr': [6, 4],
};

const BYTE = 8;

/** The kind of an option of TCP: by its name, or `tcp option 42`, `tcp option @42,16,16`. */
export const tcpOptionKind = (option: Json | undefined): number | null => {
  const name = textAt(option, 'name');
  if (name === null) return numberAt(option, 'base');
  return entry(KINDS, name) ?? (/^\d+$/.test(name) ? Number(name) : null);
};

/** A field of an option; whoever has not the option meets nothing. null: not modelled. */
export function readTcpOption(option: Json): Key | null {
  const [kind, name, field] = [tcpOptionKind(option), textAt(option, 'name'), textAt(option, 'field')];
  if (kind === null) return null;
  const [offset, bits] = [numberAt(option, 'offset'), numberAt(option, 'len')];
  if (offset !== null && bits !== null && at(option, 'base') !== undefined)
    return offset % BYTE === 0 && bits % BYTE === 0 && bits <= 4 * BYTE
      ? key(`tcp option ${kind} ${offset / BYTE} ${bits / BYTE}`, 'number')
      : null;
  if (name === null || field === null) return null;
  const place = entry(FIELDS, field === 'kind' || field === 'length' ? field : `${name} ${field}`);
  // Of other options only a connection knows more than that they are there.
  const [from, size] = place ?? [2, 1];
  return key(`tcp option ${kind} ${from} ${size}`, 'number');
}

/** `tcp option sack-perm exists`; null: another match. What is no TCP has none (nft_exthdr_tcp_eval()). */
export function readTcpOptionPresence(
  left: Json | undefined,
  right: Json,
  op: string,
): readonly Match[] | null {
  const option = at(left, 'tcp option');
  const kind = tcpOptionKind(option);
  if (kind === null || typeof right !== 'boolean' || at(option, 'field') !== undefined) return null;
  return [compare(`tcp option ${kind}`, [number(right === (op === '==') ? 1 : 0)])];
}
