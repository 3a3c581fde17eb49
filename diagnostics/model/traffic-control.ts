/** A queueing discipline of an interface (`tc qdisc`): what leaves waits in it, or is thrown away by it. */
export interface Queue {
  readonly kind: string;
  /** `1:` */
  readonly handle: string;
  /** The class that it belongs to, as `1:10`; null: the interface's own. */
  readonly parent: string | null;
  /** Packets of a `pfifo`, bytes of a `bfifo` or `tbf`. */
  readonly limit?: number;
  /** Of `tbf`: what is larger never gets through. */
  readonly burst?: number;
  /** Of `netem`: the share of packets that it throws away, 0 to 1; null: it hangs on what came before. */
  readonly loss?: number | null;
  /** The class of what no filter speaks of, as `1:10`. */
  readonly default?: string;
  /** As `tc` takes it: `pfifo limit 0`; null where not all of it is known. */
  readonly words: string | null;
}

/** One thing that a filter looks at. */
export type FilterTest =
  | {
      readonly type: 'field';
      readonly field: 'source' | 'destination';
      readonly address: string;
      readonly length: number;
    }
  | { readonly type: 'protocol'; readonly value: number }
  | {
      readonly type: 'port';
      readonly field: 'sourcePort' | 'destinationPort';
      readonly from: number;
      readonly to: number;
    }
  | { readonly type: 'mac'; readonly field: 'source' | 'destination'; readonly value: string }
  /** Four bytes from `offset` of the network header on (u32). */
  | { readonly type: 'bytes'; readonly offset: number; readonly value: number; readonly mask: number }
  | { readonly type: 'mark'; readonly value: number; readonly mask: number }
  | { readonly type: 'unmodelled'; readonly text: string };

/** A filter of an interface (`tc filter`), in the order in which they are asked. */
export interface TrafficFilter {
  /** `ingress`, `egress`, or the queue or class that asks it (`1:`). */
  readonly at: string;
  /** `all`, `ip`, `ipv6`, `arp`, `802.1Q` … */
  readonly protocol: string;
  readonly preference: number;
  readonly kind: string;
  /** All of them have to hold. */
  readonly tests: readonly FilterTest[];
  /**
   * `next`: the filters behind it are asked; `class`: the queue of a class; `redirect`: another device gets the frame
   * (tc-mirred(8)); `unknown`: anything may happen.
   */
  readonly action: 'drop' | 'pass' | 'next' | 'class' | 'redirect' | 'unknown';
  readonly classId?: string;
  /** Of `redirect`: the device, and whether the frame leaves by it, or comes in by it. */
  readonly to?: { readonly dev: string; readonly side: 'ingress' | 'egress' };
  /** As `tc filter add` takes what follows the preference; null where not all of it is known. */
  readonly words: string | null;
}

/** What is out of the ordinary on one interface. */
export interface TrafficControl {
  readonly dev: string;
  readonly queues: readonly Queue[];
  /** null: there are some that could not be read. */
  readonly filters: readonly TrafficFilter[] | null;
}

/** A queue as tc(8) lists it. */
export const queueText = ({ kind, handle, parent, words }: Queue): string =>
  ['qdisc', words ?? kind, handle, ...(parent === null ? ['root'] : ['parent', parent])].join(' ');

/** A filter as tc(8) lists it. */
export const filterText = ({ at, protocol, preference, kind, words, action }: TrafficFilter): string =>
  ['filter', at, 'protocol', protocol, 'pref', preference, words ?? `${kind} … ${action}`].join(' ');
