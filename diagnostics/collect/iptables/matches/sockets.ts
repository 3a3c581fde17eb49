import type { RulePart } from '../../../model/ruleset.ts';
import type { Extension } from '../options.ts';
import { compare, number, unmodelledMatch } from '../values.ts';

const KNOWN: ReadonlySet<string> = new Set(['--transparent', '--nowildcard', '--restore-skmark']);

/**
 * socket_match() of xt_socket.c: there is a socket that the packet would come to. One that is bound to every address counts only
 * with --nowildcard, whatever its name says.
 */
export function ownSocket({ options, text: written }: Extension): readonly RulePart[] {
  const names = new Set(options.map(({ name }) => name));
  if ([...names].some((name) => !KNOWN.has(name))) return [unmodelledMatch(written)];
  return [
    compare('socket wildcard', names.has('--nowildcard') ? [number(0), number(1)] : [number(0)]),
    ...(names.has('--transparent') ? [compare('socket transparent', [number(1)])] : []),
    ...(names.has('--restore-skmark') ? [{ type: 'restore-socket-mark' } as const] : []),
  ];
}
