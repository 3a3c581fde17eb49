import type { FixAction } from '../fixes/registry.ts';
import type { NamespaceId } from '../model/ids.ts';
import { findOwnContainer } from '../model/engines.ts';
import { findHost, type Snapshot } from '../model/snapshot.ts';

/** Namespaces that an action is at work in. */
export function touchedBy(action: FixAction, snapshot: Snapshot): readonly NamespaceId[] {
  if ('namespace' in action) return [action.namespace];
  if ('place' in action) return [action.place.namespace];
  if (!('host' in action)) return [];
  const host = findHost(snapshot, action.host);
  const own =
    'container' in action
      ? findOwnContainer(host, action.container ?? '', 'engine' in action ? action.engine : undefined)
      : null;
  return [
    ...(own?.container.namespace ? [own.container.namespace] : []),
    ...(host ? [host.rootNamespace] : []),
  ];
}

/** Whether anything is different for packets once it is done. */
export function changesPackets({ kind }: FixAction): boolean {
  switch (kind) {
    case 'ask-instead':
    case 'bypass-proxy':
    case 'edit-resolver':
    case 'start-container':
    case 'tell-name-server':
      return false;
    default:
      return true;
  }
}

/** Whether it changes what becomes of large packets alone. */
export const isAboutSize = ({ kind }: FixAction): boolean => kind === 'set-mtu' || kind === 'clamp-mss';
