import type { NamespaceId } from '../model/ids.ts';
import type { Link } from '../model/link.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { PlacedLink } from '../simulate/link/wires.ts';
import type { Finding, Remedy } from './finding.ts';
import { childAtEnd } from './child-at-end.ts';
import { readIn } from './evidence.ts';
import { labelIn, linkIn, linksIn, type WaySituation } from './situation.ts';

/** An interface that has its own address on the wire of a lower device. */
export interface PlacedChild extends PlacedLink {
  readonly kind: { readonly mode: string };
}

/** What differs between the drivers that put interfaces on a lower device. */
export interface BelowDriver<Child extends PlacedChild> {
  readonly id: string;
  readonly name: 'macvlan' | 'ipvlan';
  readonly children: (snapshot: Snapshot, namespace: NamespaceId, lower: number) => readonly Child[];
  /** How `ip -d link` writes the kind. */
  readonly told: (child: Child) => string;
  readonly remedies: (situation: WaySituation, lower: Link, child: Child) => readonly Remedy[];
}

/** The host of a lower device and an interface on it are at the two ends: neither ever hears the other. */
export function hostAndChild<Child extends PlacedChild>(
  situation: WaySituation,
  { id, name, children, told, remedies }: BelowDriver<Child>,
): Finding | null {
  const { snapshot, namespace, step } = situation;
  if (step.kind !== 'macvlan' || (step.driver ?? 'macvlan') !== name || step.problem !== 'host-and-child')
    return null;
  const lower = linkIn(snapshot, namespace, step.lower);
  const child = lower && childAtEnd(situation, children(snapshot, namespace, lower.index), step.dev);
  if (!lower || !child) return null;
  return {
    id,
    place: { namespace },
    certainty: 'certain',
    params: {
      namespace: labelIn(snapshot, namespace),
      lower: lower.name,
      child: labelIn(snapshot, child.namespace),
      device: child.link.name,
      mode: child.kind.mode,
    },
    evidence: [
      {
        source: readIn(snapshot, child.namespace, ['ip', '-d', 'link', 'show', 'dev', child.link.name]),
        text: `${child.link.name}@${lower.name}: ${told(child)}`,
      },
    ],
    remedies: remedies(situation, lower, child),
  };
}

/** A name that no interface there has. */
export function freeLinkName(snapshot: Snapshot, namespace: NamespaceId, prefix: string): string {
  const taken = new Set(linksIn(snapshot, namespace).map(({ name }) => name));
  for (let at = 0; ; at += 1) if (!taken.has(`${prefix}${at}`)) return `${prefix}${at}`;
}
