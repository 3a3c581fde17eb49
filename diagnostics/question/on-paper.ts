import type { Remedy } from '../causes/finding.ts';
import { changeBy, type FixAction } from '../fixes/registry.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { FlowStart } from '../simulate/start.ts';

/** Facts, and what is asked of them. */
export interface State {
  readonly snapshot: Snapshot;
  readonly start: FlowStart;
  /** A remedy was to ask another address: TO is no longer where packets go. */
  readonly elsewhere?: true;
}

/** A remedy on paper: facts change, or the question does; and what TO stands for may be another address then. */
export function applyRemedy(
  state: State,
  remedy: Remedy,
  retarget: Retarget = (_snapshot, before) => before,
): State {
  const snapshot = remedy.actions.reduce((now, action) => changeBy(action, now), state.snapshot);
  const start = state.elsewhere ? state.start : retarget(snapshot, state.start);
  const elsewhere = state.elsewhere === true || remedy.actions.some(asksElsewhere);
  return {
    snapshot,
    start: remedy.actions.reduce(startAfter, start),
    ...(elsewhere ? { elsewhere } : {}),
  };
}

const asksElsewhere = (action: FixAction): boolean =>
  action.kind === 'ask-instead' && action.address !== undefined;

/** Where a first packet goes once the facts are these. */
export type Retarget = (snapshot: Snapshot, start: FlowStart) => FlowStart;

const startAfter = (start: FlowStart, action: FixAction): FlowStart =>
  action.kind === 'ask-instead'
    ? {
        ...start,
        ...(action.port === null ? {} : { port: action.port }),
        ...(action.address === undefined ? {} : { destination: action.address }),
      }
    : start;
