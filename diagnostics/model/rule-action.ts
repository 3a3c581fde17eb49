import type { Prefix } from './ip.ts';
import type { Field } from './rule-field.ts';
import type { NumberMap, Translation, TranslationMap, Verdict, VerdictMap } from './rule-map.ts';

/** What a rule does with a packet that all its matches before this hold for. */
export type Action =
  | { readonly type: 'verdict'; readonly verdict: Verdict }
  | { readonly type: 'verdict-map'; readonly fields: readonly Field[]; readonly map: VerdictMap }
  /** `with`: `icmp-port-unreachable`, `icmp-host-prohibited`, `tcp-reset` … (iptables' words). */
  | { readonly type: 'reject'; readonly with: string }
  | ({ readonly type: 'dnat' | 'snat' } & Translation)
  /** dnat, snat or redirect to what a map holds for the packet; a packet it holds nothing for goes to the next rule. */
  | {
      readonly type: 'translation-map';
      readonly change: 'dnat' | 'snat' | 'redirect';
      readonly family?: 4 | 6;
      readonly fields: readonly Field[];
      readonly map: TranslationMap;
    }
  /** The network part of the address is replaced: of the destination or the source, as the hook has it. */
  | { readonly type: 'netmap'; readonly address: string; readonly length: number }
  | { readonly type: 'masquerade'; readonly ports?: readonly [number, number] }
  /** To this machine itself (output) or to the address of the interface it came in by (prerouting). */
  | { readonly type: 'redirect'; readonly ports?: readonly [number, number]; readonly random?: boolean }
  /** new = (old & ~mask) ^ value, moved then by `shift`. */
  | {
      readonly type: 'set-mark' | 'set-ct-mark';
      readonly mask: number;
      readonly value: number;
      readonly shift?: number;
    }
  /**
   * restore: mark = (mark & ~packetMask) ^ (ct mark & connectionMask); save: the other way round. `shift`: by so many bits what is
   * copied is moved first, to the left; below nought to the right.
   */
  | {
      readonly type: 'restore-mark' | 'save-mark';
      readonly packetMask: number;
      readonly connectionMask: number;
      readonly shift?: number;
    }
  /** The prefix of an address becomes another one, and 16 bits of the rest such that the sum stays what it was (RFC 6296). */
  | {
      readonly type: 'translate-prefix';
      readonly end: 'source' | 'destination';
      readonly from: Prefix;
      readonly to: Prefix;
    }
  /** A number of the packet becomes what a map holds for it; a packet it holds nothing for goes to the next rule. */
  | {
      readonly type: 'mark-map';
      readonly target: MapTarget;
      readonly fields: readonly Field[];
      readonly map: NumberMap;
    }
  /**
   * Something of the packet is put into a set or a map, or taken out. `fields`: what of it, where that is known; without, or
   * without `change`, what a later rule finds there is open.
   */
  | {
      readonly type: 'fill';
      readonly set: string;
      readonly change?: 'add' | 'delete';
      readonly fields?: readonly Field[];
    }
  /** Bits of the packet's headers, or of what the machine knows of it, become others; conntrack and NAT are not told. */
  | { readonly type: 'rewrite'; readonly target: RewriteTarget; readonly value: Computed }
  /** A helper looks into the connection from now on: of what it announces no walk is. `early`: before conntrack has seen the packet. */
  | { readonly type: 'assign-helper'; readonly early?: true }
  /** Bits that the connection has from now on. */
  | { readonly type: 'set-label'; readonly labels: readonly number[] }
  /** new = (old & ~mask) ^ value */
  | { readonly type: 'set-tos'; readonly mask: number; readonly value: number }
  | { readonly type: 'set-ttl'; readonly change: 'set' | 'increase' | 'decrease'; readonly value: number }
  /** The largest segment that a SYN asks for, made smaller where it is larger; `route`: what fits the routes there and back. */
  | { readonly type: 'clamp-mss'; readonly mss: number | 'route' }
  /** Options of TCP are written over with nothing (`reset tcp option`, TCPOPTSTRIP). */
  | { readonly type: 'remove-tcp-options'; readonly kinds: readonly number[] }
  | FrameChange
  /** The packet's mark becomes that of the socket it would come to. */
  | { readonly type: 'restore-socket-mark' }
  | Claim
  /** SYNPROXY: who begins a connection is answered here, and the destination is asked when that one has answered in turn. */
  | { readonly type: 'answer-syn' }
  | { readonly type: 'notrack' }
  /** Before conntrack has seen the packet: connections of different zones are strangers to each other. */
  | { readonly type: 'set-zone'; readonly id: number | 'mark'; readonly directions: ZoneDirections }
  /** counter, log, comment: nothing happens to the packet. */
  | { readonly type: 'none'; readonly text: string }
  /**
   * An action that is not modelled. `decides`: it may take, drop or pass the packet; else the packet goes on, changed in
   * a way that is not modelled.
   */
  | { readonly type: 'unmodelled'; readonly text: string; readonly decides: boolean };

/** What a rule may put another value into. `priority`: skb->priority, by which queues sort. */
export type RewriteTarget =
  'saddr' | 'daddr' | 'sport' | 'dport' | 'mark' | 'ct mark' | 'priority' | 'frag-off' | 'tcp flags';

/** What a rule may set to a value that a map holds. */
export type MapTarget = RewriteTarget | 'ct zone';

/** A value written in the rule, or worked out from the packet: its field, changed step by step. */
export type Computed =
  | { readonly type: 'constant'; readonly value: number | string }
  | { readonly type: 'field'; readonly field: Field; readonly steps: readonly BitStep[] };

/** One operation on 32 bits. */
export interface BitStep {
  readonly operator: '&' | '|' | '^' | '<<' | '>>';
  readonly constant: number;
}

/** What rules make of a frame (ebtables, nft's `ether daddr set`). */
export type FrameChange =
  /**
   * Another hardware address; `bridge`: that of the bridge whose port it came by. `judged`: whose it is then is found out anew;
   * else it counts as whose it was before. `arp`: it is also the one that an ARP message says of its sender.
   */
  | {
      readonly type: 'set-ether';
      readonly end: 'source' | 'destination';
      readonly address: string;
      readonly judged?: true;
      readonly arp?: true;
    }
  /** Whose it counts as. */
  | { readonly type: 'set-packet-type'; readonly to: PacketType }
  /** A question of ARP is answered at once, with this address. */
  | { readonly type: 'answer-arp'; readonly address: string };

/** skb->pkt_type */
export type PacketType = 'host' | 'broadcast' | 'multicast' | 'otherhost';

/**
 * TPROXY: the packet is given, as it is, to the transparent socket that listens here, wherever it was going. Without an address,
 * to that of the interface it came in by; without a port, to its own.
 */
export interface Claim {
  readonly type: 'claim';
  readonly family?: 4 | 6;
  readonly address?: string;
  readonly port?: number;
  /** Of iptables: new = (old & ~mask) ^ value, where a socket takes it. */
  readonly mark?: { readonly mask: number; readonly value: number };
  /** Where no socket takes it: iptables drops the packet, nft goes to the next rule. */
  readonly otherwise: 'drop' | 'next';
}

/** For which direction of a connection the zone tells it from others. */
export type ZoneDirections = 'both' | 'original' | 'reply';
