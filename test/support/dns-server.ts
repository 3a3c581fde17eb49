import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import type { TestNetwork } from './network.ts';

/** What a test's name server knows and how it behaves. */
export interface DnsServerOptions {
  readonly address: string;
  /** Name → addresses of both families; `*.DOMAIN` answers for every name below it. */
  readonly names: Readonly<Record<string, readonly string[]>>;
  /** Default: it answers. `SERVFAIL`, `REFUSED`: it says so to every question; `silent`: it takes them and keeps quiet. */
  readonly behaviour?: 'answer' | 'SERVFAIL' | 'REFUSED' | 'silent';
  /** Answers by UDP are cut off: the whole one is to be had by TCP alone. */
  readonly truncates?: boolean;
}

export interface DnsServer {
  /** `NAME TYPE udp|tcp` of each question, in the order of their coming. */
  questions(): Promise<readonly string[]>;
  forget(): Promise<void>;
}

const program = (options: DnsServerOptions, log: string): string => `
const { encode, decode, streamEncode, streamDecode } = require(${JSON.stringify(`${process.cwd()}/node_modules/dns-packet`)});
const { appendFileSync } = require('node:fs');
const { address, names, behaviour = 'answer', truncates = false } = ${JSON.stringify(options)};
// An empty answer of a server that offers no recursion would be a referral to others.
const RECURSIVE = 128;
const CODES = { SERVFAIL: 2, REFUSED: 5 };
const known = (name) => {
  if (Object.hasOwn(names, name)) return names[name];
  for (let at = name.indexOf('.'); at !== -1; at = name.indexOf('.', at + 1))
    if (Object.hasOwn(names, '*' + name.slice(at))) return names['*' + name.slice(at)];
};
const answer = ({ id, questions }, transport) => {
  const { name, type } = questions[0];
  appendFileSync(${JSON.stringify(log)}, name + ' ' + type + ' ' + transport + '\\n');
  if (behaviour === 'silent') return null;
  const base = { id, type: 'response', questions };
  if (behaviour !== 'answer') return { ...base, flags: RECURSIVE | CODES[behaviour] };
  const addresses = known(name.toLowerCase());
  if (!addresses) return { ...base, flags: RECURSIVE | 3 };
  const fitting = addresses.filter((one) => one.includes(':') === (type === 'AAAA'));
  if (truncates && transport === 'udp') return { ...base, flags: RECURSIVE | 512 };
  return { ...base, flags: RECURSIVE, answers: fitting.map((data) => ({ type, name, data, ttl: 1 })) };
};
const socket = require('node:dgram').createSocket(address.includes(':') ? 'udp6' : 'udp4');
socket.on('message', (data, from) => {
  const message = answer(decode(data), 'udp');
  if (message) socket.send(encode(message), from.port, from.address);
});
require('node:net').createServer((client) => {
  client.on('error', () => {});
  let heard = Buffer.alloc(0);
  // Both questions of a client may come in one piece.
  client.on('data', (data) => {
    heard = Buffer.concat([heard, data]);
    while (heard.length >= 2 && heard.length >= 2 + heard.readUInt16BE(0)) {
      const length = 2 + heard.readUInt16BE(0);
      const message = answer(streamDecode(heard.subarray(0, length)), 'tcp');
      heard = heard.subarray(length);
      if (message) client.write(streamEncode(message));
    }
  });
}).listen(53, address, () => socket.bind(53, address));`;

/** A real name server in a namespace, ready to be asked by UDP and TCP. */
export async function serveDns(
  net: TestNetwork,
  namespace: string,
  options: DnsServerOptions,
): Promise<DnsServer> {
  const log = join(tmpdir(), `questions-${randomUUID()}`);
  await writeFile(log, '');
  await net.spawn(namespace, [process.execPath, '-e', program(options, log)]);
  const place = options.address.includes(':') ? `[${options.address}]:53` : `${options.address}:53`;
  while (!(await net.run(namespace, 'ss -H -lun')).includes(place));
  return {
    questions: async () => (await readFile(log, 'utf8')).split('\n').filter(Boolean),
    forget: () => writeFile(log, ''),
  };
}
