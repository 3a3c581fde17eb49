import type { NamespaceId } from '../../model/ids.ts';
import type { Link, LinkKind, MacvlanMode } from '../../model/link.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Frame } from '../journey.ts';
import type { Fault } from './station.ts';
import { EVERYBODY, solicitedMac } from './group-address.ts';
import { uppersOf, type PlacedLink } from './wires.ts';

type Macvlan = Extract<LinkKind, { type: 'macvlan' }>;

/** A macvlan interface, and where it is. */
export interface Child extends PlacedLink {
  readonly kind: Macvlan;
}

/** All macvlan interfaces on a lower device. */
export const childrenOf = (snapshot: Snapshot, namespace: NamespaceId, lower: number): readonly Child[] =>
  uppersOf(snapshot, namespace, lower).flatMap(({ namespace: place, link }) =>
    link.kind.type === 'macvlan' ? [{ namespace: place, link, kind: link.kind }] : [],
  );

const inBridge = ({ kind }: Child): boolean => kind.mode === 'bridge';

/** Whether a source-mode interface listens to this sender. */
const listensTo = ({ kind }: Child, source: string | null): boolean =>
  source !== null && kind.sources?.includes(source) === true;

/** macvlan_compute_filter(): of groups an interface takes those that it has joined, which are those of its addresses. */
function joins({ addresses, flags, promiscuous }: Link, group: string): boolean {
  const all = [EVERYBODY, '01:00:5e:00:00:01', '33:33:00:00:00:01'];
  return (
    all.includes(group) ||
    promiscuous === true ||
    flags.includes('ALLMULTI') ||
    addresses.some(({ address, family }) => family === 6 && solicitedMac(address) === group)
  );
}

/** Who takes a frame that comes in by a lower device (macvlan_handle_frame() of drivers/net/macvlan.c); null: the device itself. */
export function childTaking(
  children: readonly Child[],
  frame: Pick<Frame, 'source' | 'destination' | 'group'>,
): Child | null {
  const passthru = children.find(({ kind }) => kind.mode === 'passthru');
  if (passthru) return passthru;
  const child = children.find(({ link }) => link.up && link.mac === frame.destination);
  if (child && frame.group !== undefined)
    return joins(child.link, frame.group) && heardFromOutside(children, child, frame.source) ? child : null;
  if (child?.kind.mode !== 'source') return child ?? null;
  return listensTo(child, frame.source) ? child : null;
}

/**
 * A sibling that a frame is handed to without leaving: macvlan_queue_xmit(), mode bridge on both sides. `certain` is false of a
 * group that it has not joined: its filter has a place for each of 256 hashes, keyed by where the kernel keeps the device
 * (mc_hash()), so that it takes one unjoined group in about fifty all the same.
 */
export function siblingTaking(
  children: readonly Child[],
  sender: Link,
  { destination, group }: Pick<Frame, 'destination' | 'group'>,
): { readonly sibling: Child; readonly certain: boolean } | null {
  if (sender.kind.type !== 'macvlan' || sender.kind.mode !== 'bridge') return null;
  const sibling = children.find(
    (child) => child.link !== sender && child.link.up && inBridge(child) && child.link.mac === destination,
  );
  return sibling ? { sibling, certain: group === undefined || joins(sibling.link, group) } : null;
}

/** Who hears a broadcast at once when a macvlan interface sends one, and who does not. */
export const heardBySiblings = (sender: Child, sibling: Child): boolean =>
  inBridge(sender) && inBridge(sibling);

/**
 * Who hears a broadcast that comes in by a lower device: macvlan_handle_frame() and macvlan_multicast_rx(). A frame that a child
 * itself sent comes back where the other side of the wire reflects it.
 */
export function heardFromOutside(children: readonly Child[], child: Child, source: string | null): boolean {
  if (child.kind.mode === 'source') return listensTo(child, source);
  const sender = children.find(({ link }) => link.up && link.mac === source);
  switch (sender?.kind.mode) {
    case undefined:
      return true;
    case 'vepa':
      return child !== sender && (child.kind.mode === 'vepa' || child.kind.mode === 'bridge');
    case 'bridge':
      return child !== sender && child.kind.mode === 'vepa';
    case 'private':
    case 'passthru':
    case 'source':
      return child === sender;
  }
}

/** Whether the lower device's own stack hears such a broadcast: not one that a private child sent. */
export function lowerHears(children: readonly Child[], source: string | null): boolean {
  const mode = children.find(({ link }) => link.up && link.mac === source)?.kind.mode;
  return mode === undefined || mode === 'vepa' || mode === 'bridge';
}

/** Two that stand on one wire and never meet there. */
export const apart = (
  lower: PlacedLink,
  dev: string,
  mode: MacvlanMode,
  problem: 'host-and-child' | 'siblings' | 'source',
): Fault => ({
  namespace: lower.namespace,
  inDev: null,
  step: { kind: 'macvlan', lower: lower.link.name, dev, mode, problem },
  disposition: problem === 'source' ? 'filtered-source' : 'neighbour-unresolved',
});
