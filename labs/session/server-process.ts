import { execa } from 'execa';
import { once } from 'node:events';
import type { LabServer } from '../format/topology-schema.ts';
import type { LabNode } from './node.ts';

/** TCP answers like a small web server, UDP sends back what it gets. Arguments are data: protocol, port, address, text. */
const PROGRAM = `
process.title = 'lab-server';
const [protocol, port, address, text] = process.argv.slice(1);
const ready = () => console.log('ready');
if (protocol === 'tcp') {
  require('node:http')
    .createServer((request, response) => response.end(text + '\\n'))
    .listen({ port: Number(port), host: address }, ready);
} else {
  const socket = require('node:dgram').createSocket(address.includes(':') ? 'udp6' : 'udp4');
  socket.on('message', (data, from) => socket.send(data, from.port, from.address));
  socket.bind(Number(port), address, ready);
}`;

/** Starts a real server in a node; it waits on its port when this returns, and ends with its host. */
export async function startServer(node: LabNode, server: LabServer): Promise<void> {
  const [file = '', ...rest] = [
    ...node.enter,
    ...[process.execPath, '-e', PROGRAM, server.protocol, String(server.port), server.address, server.text],
  ];
  const child = execa(file, rest, { reject: false, cleanup: false, stdin: 'ignore' });
  const ready = await Promise.race([once(child.stdout, 'data').then(() => true), child.then(() => false)]);
  if (ready) return;
  const { stderr } = await child;
  throw new Error(`the server on port ${server.port} of ${node.name} did not start: ${stderr.trim()}`);
}
