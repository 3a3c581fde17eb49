import type { Hop } from '../../../diagnostics/model/trace.ts';
import type { Dice } from './dice.ts';
import type { DrawnNetwork } from './draw-network.ts';

/** A fault on the way of a flow that worked. */
export interface PathFault {
  readonly name: string;
  readonly node: string;
  readonly commands: readonly { readonly argv: readonly string[]; readonly input?: string }[];
  /** `id node` of causes that name it rightly; `id *` where several places are right. */
  readonly accepts: readonly string[];
  /** A server that has to be stopped for it. */
  readonly stops?: { readonly protocol: 'tcp' | 'udp'; readonly port: number; readonly again?: string };
  /** A person has to mend it: nobody else knows what was there. */
  readonly hands?: true;
}

/** A place on the way. */
export interface At {
  readonly drawn: DrawnNetwork;
  readonly dice: Dice;
  readonly node: string;
  readonly hop: Hop;
  readonly direction: 'forward' | 'back';
  readonly previous: string | null;
  readonly first: boolean;
  readonly last: boolean;
}

/** Commands without words that have spaces. */
export const words = (...lines: readonly string[]): PathFault['commands'] =>
  lines.map((line) => ({ argv: line.split(' ') }));
