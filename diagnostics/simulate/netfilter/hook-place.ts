import type { Hook } from '../../model/ruleset.ts';
import type { Frame } from '../journey.ts';

/** Where a packet is when it meets a hook. */
export interface HookPlace {
  readonly hook: Hook;
  readonly inDev: string | null;
  readonly outDev: string | null;
  /** The port of a VRF that it came in by, where `inDev` is the VRF. */
  readonly vrfPort?: string;
  /** The next hop, which decides the address that masquerading takes; absent before it is known, and where nothing leaves. */
  readonly towards?: string | null;
  /** Bridge ports, where br_netfilter hands over a frame. */
  readonly physicalIn?: string;
  readonly physicalOut?: string;
  /** Hardware addresses, where a frame is looked at. */
  readonly frame?: Frame;
  /** A bridge's or a device's own hooks: only tables of their family look at a frame there. */
  readonly layer?: 'bridge' | 'netdev' | 'arp';
}
