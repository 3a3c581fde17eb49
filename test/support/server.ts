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

/**
 * Arguments are data: protocol, port, address, v6only, behaviour, name. Python starts in a fraction of the time that Node
 * takes, and there are thousands of these. The name is what /proc and ss(8) show (PR_SET_NAME).
 */
const PROGRAM = `
import os, socket, sys
protocol, port, address, v6only, behaviour, name = sys.argv[1:]
if name:
    with open('/proc/self/comm', 'wb') as comm:
        comm.write(os.fsencode(name))
family = socket.AF_INET6 if ':' in address else socket.AF_INET
server = socket.socket(family, socket.SOCK_STREAM if protocol == 'tcp' else socket.SOCK_DGRAM)
if family == socket.AF_INET6:
    server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, v6only == 'true')
if protocol == 'tcp':
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(socket.getaddrinfo(address, int(port), family)[0][4])
if protocol == 'tcp':
    server.listen(511)
print('ready', flush=True)

def serve(connection):
    with connection:
        try:
            while True:
                data = connection.recv(65536)
                if not data:
                    return
                if behaviour == 'echo':
                    connection.sendall(data)
        except OSError:
            pass

while protocol == 'udp':
    try:
        data, sender = server.recvfrom(65536)
        if behaviour == 'echo':
            server.sendto(data, sender)
    except OSError:
        pass
import _thread
while True:
    connection = server.accept()[0]
    if behaviour == 'hang-up':
        connection.close()
    else:
        _thread.start_new_thread(serve, (connection,))
`;

/** Starts a real TCP or UDP server; `enter` is the command prefix that enters its namespace. */
export async function startServer(enter: readonly string[], options: ServerOptions): Promise<Server> {
  const { protocol, port, address = '0.0.0.0', v6only = false, behaviour = 'echo', name = '' } = options;
  const [file = '', ...rest] = [
    ...enter,
    ...['python3', '-I', '-S', '-c', PROGRAM],
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
