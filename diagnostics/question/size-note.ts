import type { Flow } from '../model/flow.ts';
import type { JudgedWay, Way } from './judge-way.ts';
import type { Note } from './notes.ts';

/**
 * What becomes of packets of the size that was asked for: as the probe saw it, else as the walk has it. Where they are lost, a
 * cause says so.
 */
export function sizeNote(
  { size }: Flow,
  ways: readonly Way[],
  judged: readonly JudgedWay[],
): readonly Note[] {
  if (size === undefined) return [];
  const seen = judged[0]?.probe.sizes?.find(({ direction }) => direction === 'forward');
  const foretold = ways[0]?.large[0]?.find(({ direction, certain }) => direction === 'forward' && certain);
  const { fate, passes } = seen ?? foretold ?? { fate: 'unclear', passes: null };
  if (fate === 'passes') return [{ type: 'size-passes', size }];
  return fate === 'adapts' && passes !== null ? [{ type: 'size-adapts', size, passes }] : [];
}
