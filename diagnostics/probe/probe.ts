import { randomBytes } from 'node:crypto';
import type { Machine, Place } from '../host/machine.ts';
import { familyOf } from '../model/ip.ts';
import type { ProbeQuestion, RawProbe } from '../source.ts';
import { watchArrival } from './arrival.ts';
import { dnsQuestion } from './dns-message.ts';
import { watchErrors } from './error-watch.ts';
import { socketOutcome } from './outcome.ts';
import { askPing } from './ping.ts';
import { askSocket, type SocketQuestion } from './ask-socket.ts';

const DNS_PORT = 53;

/** The host a namespace id belongs to is its first part. */
export const placeOf = <Id extends string>(namespace: Id): Place & { readonly namespace: Id } => ({
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
  const { protocol, address, port, timeoutMilliseconds, watch, device } = question;
  if (protocol === 'icmp') return askPing(machine, place, question, signal);
  if (port === null)
    return { outcome: 'not-run', milliseconds: null, detail: `A ${protocol} probe needs a port.` };
  const payload = await payloadFor(protocol, port);
  const bound = device === undefined ? {} : { device };
  const asked = { protocol, address, port, timeoutMilliseconds, payload, ...bound };
  const ask = async (): Promise<RawProbe> =>
    socketOutcome(await askSocket(machine, place, asked, signal), protocol);
  if (watch === undefined) return ask();
  if (protocol === 'udp') return askWatched(machine, place, { ...asked, protocol, watch }, ask);
  const first = watch.expectsError ? null : await ask();
  // An error that nobody expected: once more, to see who sends it.
  if (first !== null && !toldOfError(first)) return first;
  const second = await askWatched(machine, place, { ...asked, watch }, ask);
  // Errors are limited in their rate: the second may be kept back.
  return first === null || second.icmp ? second : first;
}

/** A DNS server is silent on anything but a question; anything else is told apart from what others send. */
const payloadFor = async (protocol: 'tcp' | 'udp', port: number): Promise<Uint8Array> =>
  protocol === 'udp' && port === DNS_PORT
    ? dnsQuestion('.', 'NS')
    : new TextEncoder().encode(`hoplab ${randomBytes(8).toString('hex')}\n`);

const toldOfError = ({ outcome }: RawProbe): boolean =>
  outcome === 'unreachable' || outcome === 'prohibited' || outcome === 'refused' || outcome === 'too-big';

type Watched = Required<Omit<SocketQuestion, 'device'>> & Required<Pick<ProbeQuestion, 'watch'>>;

/** Both ends are listened to before anything is sent; what is not needed any more ends at once. */
async function askWatched(
  machine: Machine,
  place: Place,
  { protocol, address, payload, watch }: Watched,
  ask: () => Promise<RawProbe>,
): Promise<RawProbe> {
  const { receiver } = watch;
  const [errors, arrival] = await Promise.all([
    watchErrors(machine, place, protocol, watch),
    protocol === 'udp' && receiver
      ? watchArrival(machine, {
          place: placeOf(receiver.namespace),
          family: familyOf(address) ?? 4,
          port: receiver.port,
          payload,
        })
      : null,
  ]);
  const raw = await ask();
  if (raw.outcome === 'timeout' && raw.elsewhere === undefined) {
    const [icmp, arrived] = await Promise.all([errors.end(false), arrival?.end()]);
    return { ...raw, ...(icmp ? { icmp } : {}), ...(arrived ? { arrival: arrived } : {}) };
  }
  const [icmp] = await Promise.all([
    toldOfError(raw) ? errors.end(true) : errors.cancel().then(() => null),
    arrival?.cancel(),
  ]);
  return icmp ? { ...raw, icmp } : raw;
}
