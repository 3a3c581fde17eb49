import { randomInt } from 'node:crypto';

export type RecordType = 'A' | 'AAAA' | 'NS';

/** Of a server that knows nothing itself and asks nobody: glibc passes it over (send_dg() of resolv/res_send.c). */
const REFERRAL = 'REFERRAL';

/** What a server said, from a DNS message (RFC 1035). */
export interface DnsAnswer {
  /** `NOERROR`, `NXDOMAIN`, `SERVFAIL`, `REFUSED` …, or `REFERRAL`. */
  readonly code: string;
  /** Addresses of the asked type, in the server's order. */
  readonly addresses: readonly string[];
  /** Names that the asked one stands for, in order (CNAME). */
  readonly canonicalNames: readonly string[];
}

/**
 * A recursive question. dns-packet is loaded when the first one is asked, as a whole: its parts have
 * no names of their own once it is bundled.
 */
export async function dnsQuestion(name: string, type: RecordType): Promise<Uint8Array> {
  const { default: dns } = await import('dns-packet');
  return dns.encode({
    type: 'query',
    id: randomInt(0x10000),
    flags: dns.RECURSION_DESIRED,
    questions: [{ type, name }],
  });
}

/** null: not a DNS answer. */
export async function parseDnsAnswer(data: Uint8Array): Promise<DnsAnswer | null> {
  const { default: dns } = await import('dns-packet');
  try {
    const packet = dns.decode(Buffer.from(data));
    if (packet.type !== 'response') return null;
    const answers = packet.answers ?? [];
    const code = 'rcode' in packet ? String(packet.rcode) : 'NOERROR';
    const flags = packet.flags ?? 0;
    const knows = (flags & (dns.AUTHORITATIVE_ANSWER | dns.RECURSION_AVAILABLE)) !== 0;
    return {
      code: code === 'NOERROR' && answers.length === 0 && !knows ? REFERRAL : code,
      addresses: answers.flatMap((answer) =>
        answer.type === 'A' || answer.type === 'AAAA' ? [answer.data] : [],
      ),
      canonicalNames: answers.flatMap((answer) => (answer.type === 'CNAME' ? [answer.data] : [])),
    };
  } catch {
    return null;
  }
}
