import type { RouteQuery, RouteResult } from './route.ts';

/** A packet that came in by a device, as routing looks at it. */
export interface InputQuery {
  readonly source: string;
  readonly destination: string;
  readonly dev: string;
  readonly mark: number;
  readonly protocol?: number;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
}

/** What the tables are asked for it (ip_route_input_slow, ip6_route_input). */
export const queryOf = (
  { source, destination, dev, mark, protocol, sourcePort, destinationPort }: InputQuery,
  family: 4 | 6,
): RouteQuery => ({
  family,
  destination,
  source,
  inDev: dev,
  outDev: null,
  mark,
  protocol: protocol ?? null,
  sourcePort: sourcePort ?? null,
  destinationPort: destinationPort ?? null,
});

/** Why fib_validate_source() or ip_route_input_slow() refuses a source. */
export type SourceReason = 'rp-filter-strict' | 'rp-filter-loose' | 'martian';

export type Found = Extract<RouteResult, { found: true }>;
type NotFound = Extract<RouteResult, { found: false }>;

/** Where an incoming packet goes (struct rtable after ip_route_input_slow). */
export type InputRoute =
  | { readonly type: 'local' | 'broadcast'; readonly result: Found | null }
  | { readonly type: 'forward'; readonly result: Found }
  /** Forwarding is off on the device it came in by: dropped in silence. */
  | { readonly type: 'not-forwarding'; readonly result: Found | null }
  | { readonly type: 'error'; readonly result: NotFound }
  | { readonly type: 'martian'; readonly reason: SourceReason; readonly result: Found | null };
