import { once } from 'node:events';
import { execa } from 'execa';
import type { Server } from './network.ts';

/** Arguments: the device's name. It has a carrier as long as somebody holds it (tun(4) of the kernel's documentation). */
const PROGRAM = `
import fcntl, struct, sys, time
tun = open('/dev/net/tun', 'r+b', buffering=0)
fcntl.ioctl(tun, 0x400454ca, struct.pack('16sH', sys.argv[1].encode(), 0x1001))
print('ready', flush=True)
while True:
    time.sleep(1000)
`;

/** An interface of a named namespace that leads to a program, as a VPN's does: nobody sees what is behind it. */
export async function tunnelDevice(namespace: string, name: string): Promise<Server> {
  const child = execa('ip', ['netns', 'exec', namespace, 'python3', '-c', PROGRAM, name], {
    reject: false,
    stdin: 'ignore',
  });
  const ready = await Promise.race([once(child.stdout, 'data'), child.then(() => null)]);
  if (ready === null || child.pid === undefined)
    throw new Error(`the test's device ${name} was not made: ${(await child).stderr}`);
  return {
    pid: child.pid,
    async stop() {
      child.kill('SIGKILL');
      await child;
    },
  };
}
