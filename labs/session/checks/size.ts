import { displayText } from '../../../diagnostics/model/display-text.ts';
import type { Hop } from '../../../diagnostics/model/trace.ts';
import type { CheckOf } from '../../format/check-schema.ts';
import type { CheckContext } from './context.ts';
import { fail, PASS, unknown, type CheckOutcome } from './outcome.ts';
import { checkReach, questionOf } from './reach.ts';

/** IPv4 and ICMP headers; IPv6 and ICMPv6. */
const HEADERS = { 4: 28, 6: 48 } as const;

/**
 * Whether packets of a size get through whole, both ways. The interfaces on the way decide at first, without a packet; the
 * kernel confirms it by one that must not be fragmented, where `probe` allows it.
 */
export async function checkMtu(
  what: CheckOf<'mtu'>,
  context: CheckContext,
  probe: boolean,
): Promise<CheckOutcome> {
  const { from, to, bytes } = what;
  const reached = await checkReach({ from, to, expect: 'reachable' }, context, false);
  if (reached.state !== 'pass') return reached;
  const answer = await context.ask(questionOf({ from, to }, context), false, 'en');
  for (const hop of answer.legs.flatMap(({ forward, back }) => [...forward.hops, ...(back?.hops ?? [])])) {
    const narrow = await narrowest(hop, context);
    if (narrow && narrow.mtu < bytes) {
      const place = displayText(answer.namespaces[hop.namespace]?.label ?? hop.namespace);
      return fail(
        `${narrow.dev} in ${place} takes packets of ${narrow.mtu} bytes at most.`,
        `${place} 的 ${narrow.dev} 最多只能通过 ${narrow.mtu} 字节的包。`,
      );
    }
  }
  return probe ? sendWhole(what, context, answer.flow.address ?? to) : PASS;
}

async function narrowest(
  hop: Hop,
  context: CheckContext,
): Promise<{ readonly dev: string; readonly mtu: number } | undefined> {
  const fact = await context.factOf(hop.namespace, 'links');
  if (fact.state !== 'known') return undefined;
  const devices = [hop.inDev, hop.outDev];
  return fact.value
    .filter(({ name }) => devices.includes(name))
    .map(({ name, mtu }) => ({ dev: displayText(name), mtu }))
    .sort((a, b) => a.mtu - b.mtu)[0];
}

async function sendWhole(
  { from, bytes }: CheckOf<'mtu'>,
  context: CheckContext,
  address: string,
): Promise<CheckOutcome> {
  const payload = bytes - HEADERS[address.includes(':') ? 6 : 4];
  const { exitCode, stderr } = await context.run(from, [
    ...['ping', '-n', '-c', '1', '-W', '1', '-M', 'do', '-s', String(payload), address],
  ]);
  if (exitCode === 0) return PASS;
  if (exitCode !== 1)
    return unknown(
      `A packet of ${bytes} bytes could not be sent (${displayText(stderr.trim().split('\n')[0] ?? '')}).`,
      `无法发出 ${bytes} 字节的包（${displayText(stderr.trim().split('\n')[0] ?? '')}）。`,
    );
  return fail(
    `A packet of ${bytes} bytes that may not be cut up does not get through.`,
    `不允许分片时，${bytes} 字节的包过不去。`,
  );
}
