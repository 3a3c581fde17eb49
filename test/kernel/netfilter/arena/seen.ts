import type { TestNetwork } from '../../../support/network.ts';
import type { Observed, Probe } from './probe.ts';

/** Writes every new flow's addresses and ports into a set, before any other rule of the hook or after all. */
const recorder = (hook: string, priority: number): string => `
  set arrived4 { type ipv4_addr . ipv4_addr . inet_service . inet_service; flags dynamic; size 65535; }
  set arrived6 { type ipv6_addr . ipv6_addr . inet_service . inet_service; flags dynamic; size 65535; }
  chain arrived { type filter hook ${hook} priority ${priority};
    meta l4proto { tcp, udp } add @arrived4 { ip saddr . ip daddr . th sport . th dport }
    meta l4proto { tcp, udp } add @arrived6 { ip6 saddr . ip6 daddr . th sport . th dport }
  }`;

/** ICMP errors and resets, by the port of the probe they answer. */
const ANSWERS = `
  set icmp4 { type inet_service . icmp_type . icmp_code; flags dynamic; size 65535; }
  set icmp6 { type inet_service . icmpv6_type . icmpv6_code; flags dynamic; size 65535; }
  set resets { type inet_service; flags dynamic; size 65535; }
  chain answers { type filter hook prerouting priority -150;
    ct state related meta l4proto icmp add @icmp4 { ct original proto-src . icmp type . icmp code }
    ct state related meta l4proto icmpv6 add @icmp6 { ct original proto-src . icmpv6 type . icmpv6 code }
    tcp flags & rst == rst add @resets { tcp dport }
  }`;

const table = (...parts: readonly string[]): string => `table inet seen { ${parts.join('\n')}\n}`;

/** Tables that write down what arrives in each namespace, for `nft -f`. */
export const SEEN_IN = {
  left: table(ANSWERS),
  router: table(recorder('input', 10_000), ANSWERS),
  right: table(recorder('prerouting', -400)),
} as const;

/** The elements of the sets of these tables, by namespace and set: `right arrived4`. */
export type Seen = ReadonlyMap<string, readonly (readonly (string | number)[])[]>;

export async function readSeen(net: TestNetwork): Promise<Seen> {
  const seen = new Map<string, readonly (readonly (string | number)[])[]>();
  for (const namespace of Object.keys(SEEN_IN))
    for (const [name, elements] of await readSets(net, namespace)) seen.set(`${namespace} ${name}`, elements);
  return seen;
}

type Element = { readonly concat?: readonly (string | number)[] } | string | number;

async function readSets(
  net: TestNetwork,
  namespace: string,
): Promise<readonly (readonly [string, readonly (readonly (string | number)[])[]])[]> {
  const listing = JSON.parse(await net.run(namespace, 'nft -n -j list table inet seen')) as {
    readonly nftables: readonly {
      readonly set?: { readonly name: string; readonly elem?: readonly Element[] };
    }[];
  };
  return listing.nftables.flatMap(({ set }) =>
    set
      ? [
          [
            set.name,
            (set.elem ?? []).map((one) => (typeof one === 'object' ? (one.concat ?? []) : [one])),
          ] as const,
        ]
      : [],
  );
}

/** What became of a probe, as far as it was seen. */
export function observed(seen: Seen, probe: Probe): Observed {
  const family = probe.source.includes(':') ? 6 : 4;
  for (const [end, namespace] of [
    ['forwarded', 'right'],
    ['delivered', 'router'],
  ] as const) {
    const found = seen.get(`${namespace} arrived${family}`)?.find(([, , port]) => port === probe.sourcePort);
    if (found)
      return {
        end,
        source: String(found[0]),
        destination: String(found[1]),
        destinationPort: Number(found[3]),
      };
  }
  const icmp = seen.get(`${probe.from} icmp${family}`)?.find(([port]) => port === probe.sourcePort);
  const reset = seen.get(`${probe.from} resets`)?.some(([port]) => port === probe.sourcePort);
  return {
    end: 'lost',
    ...(icmp ? { answer: `${icmp[1]}/${icmp[2]}` } : reset ? { answer: 'rst' } : {}),
  };
}
