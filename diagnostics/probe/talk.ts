import type dgramModule from 'node:dgram';
import type { Socket as DatagramSocket } from 'node:dgram';
import type netModule from 'node:net';
import type { Socket } from 'node:net';

/**
 * A conversation with sockets of a namespace. Its text may run in another Node: it uses what it is given, and what every Node has,
 * and nothing else of this project. Question and report are data, as JSON has it. Only its first report counts.
 */
export type Talk<Question> = (
  surroundings: Surroundings,
  question: Question,
  say: (report: unknown) => void,
) => Promise<void>;

/** What a talk has at hand; all of it ends with the talk. */
export interface Surroundings {
  /** Not connected yet; `device`: bound to that interface, or VRF (SO_BINDTODEVICE). */
  stream(address: string, device?: string): Promise<Socket>;
  /** Bound to a port, or any; `shared`: another socket of ours may have the same. */
  datagrams(address: string, port: number, shared: boolean, device?: string): Promise<DatagramSocket>;
  /** What has come in by then is heard before. */
  after(milliseconds: number, work: () => void): void;
}

/** The surroundings of a process that is in the namespace itself; text, as a talk is. */
export const ownSurroundings = (net: typeof netModule, dgram: typeof dgramModule): Surroundings => ({
  stream: () => Promise.resolve(new net.Socket()),
  datagrams: (address, port, shared) =>
    new Promise((resolve, reject) => {
      const socket = dgram.createSocket({ type: address.includes(':') ? 'udp6' : 'udp4', reuseAddr: shared });
      socket.once('error', reject);
      socket.bind(port, () => {
        socket.off('error', reject);
        resolve(socket);
      });
    }),
  after: (milliseconds, work) => {
    setTimeout(() => setImmediate(work), milliseconds);
  },
});
