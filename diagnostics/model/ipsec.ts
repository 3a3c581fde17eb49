import type { Prefix } from './ip.ts';

/** `in`: to this machine; `fwd`: what it passes on, as it comes in; `out`: what leaves it, made here or passed on. */
export type IpsecDirection = 'in' | 'fwd' | 'out';

/**
 * What a policy does with packets of its flow: lets them pass (protected, where it has templates), or drops them
 * (XFRM_POLICY_*).
 */
export type IpsecVerdict = 'accept' | 'block';

/** Bits of a value that have to be so; the other bits may be anything. */
export interface Masked {
  readonly value: number;
  readonly mask: number;
}

/** A kind of protection that a policy asks for (`tmpl` of ip-xfrm(8)). */
export interface IpsecTemplate {
  /** The ends of a tunnel; the unspecified address: those of the packet. */
  readonly source: string;
  readonly destination: string;
  /** `esp`, `ah`, `comp`. */
  readonly protocol: string;
  /** `transport`, `tunnel`, `beet` … */
  readonly mode: string;
  /** 0: any. */
  readonly request: number;
  /** Only where it can be had (`level use`). */
  readonly optional: boolean;
}

/** An IPsec policy of the kernel's (`ip xfrm policy`), whoever put it there. */
export interface IpsecPolicy {
  readonly direction: IpsecDirection;
  readonly family: 4 | 6;
  readonly source: Prefix;
  readonly destination: Prefix;
  /** IP protocol number; null: any. */
  readonly protocol: number | null;
  /** Of ICMP: type and code. */
  readonly sourcePort?: Masked;
  readonly destinationPort?: Masked;
  readonly device?: string;
  readonly mark?: Masked;
  /** Of an xfrm interface: other packets do not meet the policy. */
  readonly interfaceId?: number;
  /** `sub` policies are asked beside those of type `main`. */
  readonly type: 'main' | 'sub';
  /** The lowest is asked first. */
  readonly priority: number;
  readonly verdict: IpsecVerdict;
  readonly templates: readonly IpsecTemplate[];
  /** What of its selector is not modelled. */
  readonly unmodelled: readonly string[];
  /** Words of ip-xfrm(8) that name the policy, and those that say the rest of it: `src … dst …`, `action block …`. */
  readonly selector: string;
  readonly settings: string;
}

/** A security association, without its keys. */
export interface IpsecState {
  readonly source: string;
  readonly destination: string;
  readonly protocol: string;
  readonly mode: string;
  readonly request: number;
}

/** What IPsec asks of packets in a namespace. */
export interface Ipsec {
  readonly policies: readonly IpsecPolicy[];
  /** null: not known. */
  readonly states: readonly IpsecState[] | null;
  /** What becomes of packets that no policy speaks of (`ip xfrm policy setdefault`). */
  readonly defaults: Readonly<Record<IpsecDirection, IpsecVerdict>>;
}

/** As ip-xfrm(8) says it, in one line. */
export const ipsecPolicyText = ({ direction, selector, settings }: IpsecPolicy): string =>
  `${selector} dir ${direction} ${settings}`.trim();
