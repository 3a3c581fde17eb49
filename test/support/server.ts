import { execa } from 'execa';
import { once } from 'node:events';

/** What a test's server does. */
export interface ServerOptions {
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
  /** Default: every address of the family (`0.0.0.0`); `::` takes IPv4 too unless `v6only`. */
  readonly address?: string;
  readonly v6only?: boolean;
  /** `echo` (default) sends back what it gets; `silent` accepts and says nothing; `hang-up` closes at once (tcp). */
  readonly behaviour?: 'echo' | 'silent' | 'hang-up';
  /** What the process calls itself. */
  readonly name?: string;
}

export interface Server {
  readonly pid: number;
  stop(): Promise<void>;
}

/** Arguments are data: protocol, port, address, v6only, behaviour, name. */
const PROGRAM = `
const [protocol, port, address, v6only, behaviour, name] = process.argv.slice(1);
if (name) process.title = name;
const ready = () => console.log('ready');
if (protocol === 'tcp') {
  const server = require('node:net').createServer((socket) => {
    socket.on('error', () => {});
    if (behaviour === 'echo') socket.pipe(socket);
    if (behaviour === 'hang-up') socket.destroy();
  });
  server.listen({ port: Number(port), host: address, ipv6Only: v6only === 'true' }, ready);
} else {
  const socket = require('node:dgram').createSocket({
    type: address.includes(':') ? 'udp6' : 'udp4', ipv6Only: v6only === 'true' });
  if (behaviour === 'echo') socket.on('message', (data, from) => socket.send(data, from.port, from.address));
  socket.bind(Number(port), address, ready);
}`;

/** Starts a real TCP or UDP server; `enter` is the command prefix that enters its namespace. */
export async function startServer(enter: readonly string[], options: ServerOptions): Promise<Server> {
  const { protocol, port, address = '0.0.0.0', v6only = false, behaviour = 'echo', name = '' } = options;
  const [file = '', ...rest] = [
    ...enter,
    process.execPath,
    '-e',
    PROGRAM,
    protocol,
    String(port),
    address,
    String(v6only),
    behaviour,
    name,
  ];
  const child = execa(file, rest, { reject: false, stdin: 'ignore' });
  const ready = await Promise.race([once(child.stdout, 'data'), child.then(() => null)]);
  if (ready === null || child.pid === undefined) {
    const { stderr } = await child;
    throw new Error(`the test's ${protocol} server on ${address}:${port} did not start: ${stderr}`);
  }
  return {
    pid: child.pid,
    async stop() {
      child.kill('SIGKILL');
      await child;
    },
  };
}
