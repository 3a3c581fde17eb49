import { findHost } from '../model/snapshot.ts';
import type { WaySituation } from './situation.ts';

/** Whether TO is a container that has its host's network: no other container's ports were meant then. */
export function namesHostContainer({ flow, snapshot }: WaySituation): boolean {
  const { to } = flow;
  return (
    to.type === 'namespace' &&
    to.container !== undefined &&
    findHost(snapshot, to.host)?.rootNamespace === to.namespace
  );
}
