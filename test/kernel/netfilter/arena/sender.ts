import { execa } from 'execa';
import { createInterface } from 'node:readline';
import type { Probe } from './probe.ts';

/** Sends the probes of each line that it reads, one after the other, and says so. */
const PROGRAM = `
const send = (probe) => new Promise((resolve) => {
  const { protocol, source, sourcePort, destination, destinationPort } = probe;
  if (protocol === 'udp') {
    const socket = require('node:dgram').createSocket(source.includes(':') ? 'udp6' : 'udp4');
    const done = () => { try { socket.close(); } catch {} resolve(); };
    socket.on('error', done);
    socket.bind(sourcePort, source, () => socket.send('0123456789', destinationPort, destination, done));
  } else {
    const socket = require('node:net').connect({
      host: destination, port: destinationPort, localAddress: source, localPort: sourcePort });
    socket.on('error', () => {});
    setImmediate(() => setImmediate(() => { socket.destroy(); resolve(); }));
  }
});
require('node:readline').createInterface({ input: process.stdin }).on('line', async (line) => {
  for (const probe of JSON.parse(line)) await send(probe);
  console.log('sent');
});`;

/** A process in a namespace that sends probes. */
export interface Sender {
  send(probes: readonly Probe[]): Promise<void>;
  stop(): Promise<void>;
}

/** Starts one; who starts it stops it. */
export function startSender(namespace: string): Sender {
  const child = execa('nsenter', [`--net=/run/netns/${namespace}`, process.execPath, '-e', PROGRAM], {
    reject: false,
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async send(probes) {
      child.stdin.write(`${JSON.stringify(probes)}\n`);
      const { done } = await lines.next();
      if (done) throw new Error(`the sender in ${namespace} ended: ${(await child).stderr}`);
    },
    async stop() {
      child.kill('SIGKILL');
      await child;
    },
  };
}
