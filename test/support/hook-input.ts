import { parseIptablesSave } from '../../diagnostics/collect/iptables-save.ts';
import type { Packet } from '../../diagnostics/model/packet.ts';
import type { Ruleset } from '../../diagnostics/model/ruleset.ts';
import type { Connection, HookInput } from '../../diagnostics/simulate/netfilter/types.ts';

export const PACKET: Packet = {
  family: 4,
  source: '10.0.0.1',
  destination: '10.0.1.1',
  protocol: 'tcp',
  sourcePort: 40000,
  destinationPort: 80,
  tcpFlags: 'S',
  mark: 0,
  ttl: 64,
  size: 60,
  dontFragment: true,
};

/** A new connection's first packet, forwarded from `a` to `b`, with what the test is about changed. */
export function hookInput(
  packet: Partial<Packet> = {},
  more: Partial<Omit<HookInput, 'packet' | 'connection'>> & {
    readonly connection?: Partial<Connection>;
  } = {},
): HookInput {
  const full: Packet = { ...PACKET, ...packet };
  const { connection, ...rest } = more;
  return {
    packet: full,
    inDev: 'a',
    outDev: 'b',
    connection: {
      state: 'new',
      direction: 'original',
      dnat: false,
      snat: false,
      original: {
        source: full.source,
        sourcePort: full.sourcePort,
        destination: full.destination,
        destinationPort: full.destinationPort,
      },
      mark: 0,
      ...connection,
    },
    nat: { type: 'consult' },
    addressType: () => 'unicast',
    deviceAddress: () => null,
    ...rest,
  };
}

/** A ruleset from lines as iptables-save prints them. */
export function iptables(text: string, family: 'ip' | 'ip6' = 'ip'): Ruleset {
  const { tables, unknowns } = parseIptablesSave(text, { backend: 'iptables-nft', family });
  return { tables, unknowns };
}

/** The filter table with these lines, every base chain accepting unless told. */
export const filter = (...lines: readonly string[]): Ruleset =>
  iptables(
    [
      '*filter',
      ':INPUT ACCEPT [0:0]',
      ':FORWARD ACCEPT [0:0]',
      ':OUTPUT ACCEPT [0:0]',
      ...lines,
      'COMMIT',
    ].join('\n'),
  );

export const nat = (...lines: readonly string[]): Ruleset =>
  iptables(
    [
      '*nat',
      ':PREROUTING ACCEPT [0:0]',
      ':INPUT ACCEPT [0:0]',
      ':OUTPUT ACCEPT [0:0]',
      ':POSTROUTING ACCEPT [0:0]',
      ...lines,
      'COMMIT',
    ].join('\n'),
  );

export const together = (...rulesets: readonly Ruleset[]): Ruleset => ({
  tables: rulesets.flatMap(({ tables }) => tables),
  unknowns: rulesets.flatMap(({ unknowns }) => unknowns),
});
