import { once } from 'node:events';
import { execa } from 'execa';
import type { Server } from './network.ts';

/** Arguments: port, device. Node has no SO_BINDTODEVICE. */
const PROGRAM = `
import socket, sys, time
held = []
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.setsockopt(socket.SOL_SOCKET, 25, sys.argv[2].encode())
listener.bind(('0.0.0.0', int(sys.argv[1])))
listener.listen()
print('ready', flush=True)
while True:
    held.append(listener.accept())
`;

/** A TCP server of a named namespace, tied to one interface. */
export async function listenOnDevice(namespace: string, port: number, device: string): Promise<Server> {
  const child = execa('ip', ['netns', 'exec', namespace, 'python3', '-c', PROGRAM, String(port), device], {
    reject: false,
    stdin: 'ignore',
  });
  const ready = await Promise.race([once(child.stdout, 'data'), child.then(() => null)]);
  if (ready === null || child.pid === undefined)
    throw new Error(`the test's server on ${device} did not start: ${(await child).stderr}`);
  return {
    pid: child.pid,
    async stop() {
      child.kill('SIGKILL');
      await child;
    },
  };
}
