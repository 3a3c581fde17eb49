import type { Prefix } from './ip.ts';

/** A WireGuard interface, as wg(8) shows it. What is secret (private and preshared keys) is never read. */
export interface Wireguard {
  /** Its own key, by which its peers know it; null: it has none yet, and takes nothing. */
  readonly publicKey: string | null;
  /** The UDP port at which it listens, and from which it sends; 0: none before it is up. */
  readonly port: number;
  /** The mark by which its own packets are routed (`fwmark`); absent: none. */
  readonly mark?: number;
  /** A program over a tun interface (wireguard-go), which sends nobody an error. */
  readonly program?: true;
  readonly peers: readonly WireguardPeer[];
}

/** A peer of a WireGuard interface (wg(8)); no secret is kept of it. */
export interface WireguardPeer {
  readonly publicKey: string;
  /** Where it was told, or was last heard from; absent: neither. */
  readonly endpoint?: { readonly address: string; readonly port: number };
  /** What is sent to it, and the sources that it may send from (`allowed-ips`). */
  readonly allowed: readonly Prefix[];
}
