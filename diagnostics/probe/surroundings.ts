import { closeSync } from 'node:fs';
import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { Socket } from 'node:net';
import { getSystemErrorName } from 'node:util';
import type { Machine, Place } from '../host/machine.ts';
import type { SystemCalls } from '../host/native/system-calls.ts';
import type { Surroundings } from './talk.ts';

const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK_CLOEXEC = 0x800 | 0x80000;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const SO_BINDTODEVICE = 25;

/** Surroundings in this process, and their end. */
export interface Opened extends Surroundings {
  close(): void;
}

/**
 * A socket belongs for good to the namespace in which it was made: made inside, it is used from here. Null where this process
 * may not go inside.
 */
export async function surroundingsInside(machine: Machine, place: Place): Promise<Opened | null> {
  if ((await machine.within(place, () => true)) === null) return null;
  const ends: (() => void)[] = [];
  let closed = false;

  async function open(work: (calls: SystemCalls) => number): Promise<number> {
    const made = await machine.within(place, ({ calls }) => work(calls));
    if (made === null) throw codeError('EPERM');
    return made.value;
  }

  const kept = <T extends Socket | DatagramSocket>(socket: T, end: () => void): T => {
    if (closed) end();
    else ends.push(end);
    return socket;
  };

  return {
    stream: async (address, device) => {
      const fd = await open((calls) =>
        onDevice(calls, made(calls, familyNumber(address), SOCK_STREAM), device),
      );
      // Node's own word for a socket that is not to be read before it is connected.
      const options = { fd, manualStart: true };
      const socket = new Socket(options);
      return kept(socket, () => {
        socket.on('error', () => undefined);
        socket.destroy();
      });
    },
    datagrams: async (address, port, shared, device) => {
      const fd = await open((calls) =>
        onDevice(calls, bound(calls, familyNumber(address), port, shared), device),
      );
      const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject);
        socket.bind({ fd }, () => {
          socket.off('error', reject);
          resolve();
        });
      });
      return kept(socket, () => {
        socket.on('error', () => undefined);
        socket.close();
      });
    },
    after: (milliseconds, work) => {
      const timer = setTimeout(() => setImmediate(work), milliseconds);
      if (closed) clearTimeout(timer);
      else ends.push(() => clearTimeout(timer));
    },
    close: () => {
      closed = true;
      for (const end of ends.splice(0)) end();
    },
  };
}

const familyNumber = (address: string): number => (address.includes(':') ? AF_INET6 : AF_INET);

const codeError = (code: string): Error & { readonly code: string } =>
  Object.assign(new Error(code), { code });

/** @throws an error with the `code` that Node's own would have */
function made(calls: SystemCalls, family: number, type: number): number {
  const fd = calls.socket(family, type | SOCK_NONBLOCK_CLOEXEC, 0);
  if (fd < 0) throw codeError(getSystemErrorName(-calls.errno()));
  return fd;
}

/** Bound to an interface, where one is given. */
function onDevice(calls: SystemCalls, fd: number, device: string | undefined): number {
  if (device === undefined) return fd;
  const name = Buffer.from(device);
  if (calls.setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, name.length) === 0) return fd;
  const errno = calls.errno();
  closeSync(fd);
  throw codeError(getSystemErrorName(-errno));
}

/** To every address of the namespace, as Node binds. */
function bound(calls: SystemCalls, family: number, port: number, shared: boolean): number {
  const fd = made(calls, family, SOCK_DGRAM);
  const one = Buffer.from([1, 0, 0, 0]);
  if (shared) calls.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, one, one.length);
  const address = Buffer.alloc(family === AF_INET ? 16 : 28);
  address.writeUInt16LE(family, 0);
  address.writeUInt16BE(port, 2);
  if (calls.bind(fd, address, address.length) === 0) return fd;
  const errno = calls.errno();
  closeSync(fd);
  throw codeError(getSystemErrorName(-errno));
}
