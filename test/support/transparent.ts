import type { TestNetwork } from './network.ts';

/** A server that may be given what was meant for others (IP_TRANSPARENT, IPV6_TRANSPARENT): arguments are data. */
const PROGRAM = `
import socket, sys
address, port, transparent = sys.argv[1], int(sys.argv[2]), sys.argv[3] == 'yes'
family = socket.AF_INET6 if ':' in address else socket.AF_INET
server = socket.socket(family)
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
if transparent:
    server.setsockopt(*((41, 75) if family == socket.AF_INET6 else (0, 19)), 1)
server.bind((address, port))
server.listen()
while True:
    try:
        server.accept()[0].close()
    except OSError:
        pass
`;

/** Starts it in a namespace; ready when the promise resolves. */
export async function listenTransparently(
  net: TestNetwork,
  namespace: string,
  {
    address = '0.0.0.0',
    port,
    transparent = true,
  }: {
    readonly address?: string;
    readonly port: number;
    readonly transparent?: boolean;
  },
): Promise<void> {
  await net.spawn(namespace, ['python3', '-c', PROGRAM, address, String(port), transparent ? 'yes' : 'no']);
  await net.run(namespace, [
    'sh',
    '-c',
    'until ss -Hltn "sport = :$0" | grep -q .; do :; done',
    String(port),
  ]);
}

/** What comes in by `ra` for port 80 is given to port 3128 of the router. */
export const TPROXY =
  'iptables -t mangle -A PREROUTING -i ra -p tcp --dport 80 -j TPROXY --on-port 3128 --tproxy-mark 1/1';

/** The router gives what red asks of blue's port 80 to a proxy of its own, which listens or not. */
export async function giveToProxy(net: TestNetwork): Promise<void> {
  await net.run('router', 'ip rule add fwmark 1 lookup 100');
  await net.run('router', 'ip route add local default dev lo table 100');
  await net.run('router', TPROXY);
}
