import type { Machine, Place } from '../host/machine.ts';
import type { ProbeQuestion, RawProbe } from '../source.ts';
import { dnsQuestion } from './dns-message.ts';
import { socketOutcome } from './outcome.ts';
import { askPing } from './ping.ts';
import { askSocket } from './socket-child.ts';

const DNS_PORT = 53;

/** The host a namespace id belongs to is its first part. */
export const placeOf = (namespace: string): Place => ({
  host: namespace.slice(0, namespace.lastIndexOf('/')),
  namespace,
});

/** Asks the kernel itself: a real connection, datagram or echo request from this namespace. Changes nothing. */
export async function probe(
  machine: Machine,
  question: ProbeQuestion,
  signal?: AbortSignal,
): Promise<RawProbe> {
  const place = placeOf(question.namespace);
  const { protocol, address, port, timeoutMilliseconds } = question;
  if (protocol === 'icmp') return askPing(machine, place, question, signal);
  if (port === null)
    return { outcome: 'not-run', milliseconds: null, detail: `A ${protocol} probe needs a port.` };
  // A DNS server is silent on anything but a question.
  const payload =
    protocol === 'udp' && port === DNS_PORT
      ? await dnsQuestion('.', 'NS')
      : new TextEncoder().encode('hoplab\n');
  const report = await askSocket(
    machine,
    place,
    { protocol, address, port, timeoutMilliseconds, payload },
    signal,
  );
  return socketOutcome(report, protocol);
}
