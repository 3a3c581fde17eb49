import type { Machine, Place } from '../host/machine.ts';

/** What the kernel counts of a namespace's datagrams, of one family, and of the sockets of one port. */
export interface UdpCounters {
  /** Read by programs (udp_recvmsg()), or taken by a tunnel. */
  readonly taken: number;
  /** For ports on which nobody listens. */
  readonly noPort: number;
  /** Bytes that wait in the sockets of the port. */
  readonly waiting: number;
  /** Lost because the buffer of such a socket was full, or its filter refused them. */
  readonly lost: number;
}

const FILES = ['/proc/net/snmp', '/proc/net/snmp6', '/proc/net/udp', '/proc/net/udp6'];

/** null where they cannot be read. */
export async function readUdpCounters(
  machine: Machine,
  place: Place,
  family: 4 | 6,
  port: number,
): Promise<UdpCounters | null> {
  // Without IPv6 half of the files are missing: what is there is said all the same.
  const output = await machine.run(place, { argv: ['cat', ...FILES] });
  return parseUdpCounters(output.stdout, family, port);
}

export function parseUdpCounters(text: string, family: 4 | 6, port: number): UdpCounters | null {
  const counter = family === 4 ? snmp(text) : snmp6(text);
  const [taken, noPort] = [counter('InDatagrams'), counter('NoPorts')];
  if (taken === null || noPort === null) return null;
  // A socket of IPv6 takes IPv4's datagrams too.
  const sockets = text.split('\n').filter((line) => localPort(line) === port);
  return {
    taken,
    noPort,
    waiting: sum(sockets.map((line) => parseInt(/ [0-9A-F]{8}:([0-9A-F]{8}) /.exec(line)?.[1] ?? '0', 16))),
    lost: sum(sockets.map((line) => Number(/(\d+)\s*$/.exec(line)?.[1] ?? 0))),
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

type Counter = (name: string) => number | null;

/** Two lines, names and numbers: `Udp: InDatagrams NoPorts …`. */
const snmp = (text: string): Counter => {
  const [names = '', numbers = ''] = text.split('\n').filter((line) => line.startsWith('Udp: '));
  const at = names.split(' ');
  return (name) => {
    const value = numbers.split(' ')[at.indexOf(name)];
    return at.includes(name) && value !== undefined ? Number(value) : null;
  };
};

const snmp6 =
  (text: string): Counter =>
  (name) => {
    const value = new RegExp(`^Udp6${name}\\s+(\\d+)$`, 'm').exec(text)?.[1];
    return value === undefined ? null : Number(value);
  };

/** Of a line of /proc/net/udp: `  12: 0100007F:0035 00000000:0000 07 …`. */
const localPort = (line: string): number | null => {
  const port = /^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) /.exec(line)?.[1];
  return port === undefined ? null : parseInt(port, 16);
};
