import type { Machine, Place } from '../host/machine.ts';
import type { ProbeWatch, RawProbe } from '../source.ts';
import { startCapture } from './capture.ts';
import { ICMP_ERRORS, icmpWords, isAbout, parseIcmpError } from './icmp-error.ts';

/** How long after a socket was told of an error the packet that told it may be printed. */
const PRINTED_MILLISECONDS = 300;

export interface ErrorWatch {
  /** Says which error came, and ends the watch. `due`: the socket was told of one, so it is on its way to us. */
  end(due: boolean): Promise<RawProbe['icmp'] | null>;
  cancel(): Promise<void>;
}

/** Listens where a packet is sent from for errors about it, which a socket is told of without who sent them. */
export async function watchErrors(
  machine: Machine,
  place: Place,
  protocol: 'tcp' | 'udp',
  { destinations }: ProbeWatch,
): Promise<ErrorWatch> {
  const capture = startCapture(machine, place, ICMP_ERRORS);
  const sees = await capture.listens;
  return {
    cancel: () => capture.stop(),
    async end(due) {
      const found = await capture.first(
        ({ bytes }) => {
          const error = parseIcmpError(bytes);
          return error !== null && isAbout(error, protocol, destinations);
        },
        sees && due ? PRINTED_MILLISECONDS : 0,
      );
      await capture.stop();
      const error = found && parseIcmpError(found.bytes);
      return error && { from: error.from, says: icmpWords(error) };
    },
  };
}
