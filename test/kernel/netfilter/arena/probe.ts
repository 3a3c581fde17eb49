/** A packet to send: through the router, or from it. Every probe has a source port of its own, by which it is found again. */
export interface Probe {
  readonly from: 'left' | 'router';
  readonly protocol: 'tcp' | 'udp';
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
}

/** What the kernel made of a probe. `forwarded`: it came to the right; `delivered`: to the router itself. */
export interface Observed {
  readonly end: 'forwarded' | 'delivered' | 'lost';
  readonly source?: string;
  readonly destination?: string;
  readonly destinationPort?: number;
  /** `3/13` (ICMP type and code) or `rst`, where an answer came and the packet did not arrive. */
  readonly answer?: string;
}
