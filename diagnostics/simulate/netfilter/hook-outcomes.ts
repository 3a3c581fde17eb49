import type { Result } from './state.ts';
import type { HookOutcome } from './types.ts';

/** What may become of the packet, as the walk is told it. `overflow`: there were more possibilities than were followed. */
export function outcomes(results: readonly Result[], overflow: boolean): readonly HookOutcome[] {
  const shown = overflow ? results.slice(0, 1) : results;
  return shown.map(({ end, answer, state }) => {
    const several = shown.length > 1 || overflow;
    const doubts = [
      ...(overflow ? ['too many possibilities to follow them all'] : []),
      ...state.unmodelled,
      ...(several ? [...state.doubts, ...state.chances] : []),
    ];
    return {
      verdict: end === 'next' || end === 'return' ? 'accept' : end,
      ...(answer === undefined ? {} : { answer }),
      packet: state.packet,
      connection: state.connection,
      ...(state.trackedAs ? { trackedAs: state.trackedAs } : {}),
      ...(state.rerouted ? { rerouted: state.rerouted } : {}),
      ...(state.filled ? { filled: state.filled } : {}),
      ...(state.frame ? { frame: state.frame } : {}),
      steps: state.steps,
      certain: doubts.length === 0,
      doubts: [...new Set(doubts)],
      chances: several ? state.chances : [],
      unmodelled: overflow ? [...new Set(doubts)] : state.unmodelled,
    };
  });
}
