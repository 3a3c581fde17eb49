import type { TestNetwork } from './network.ts';

/** `by-tcp`: no answer fits into a datagram; `failing`: it cannot tell anything. */
type Manner = 'by-udp' | 'by-tcp' | 'failing';

const program = (address: string, names: Readonly<Record<string, string>>, manner: Manner): string => `
const { encode, decode } = require(${JSON.stringify(`${process.cwd()}/node_modules/dns-packet`)});
const names = ${JSON.stringify(names)};
const answer = (data) => {
  const { id, questions } = decode(data);
  if (${JSON.stringify(manner)} === 'failing') return encode({ id, type: 'response', flags: 2, questions });
  const { name, type } = questions[0];
  const canonical = name + '.example';
  const found = type === 'A' && Object.hasOwn(names, name);
  return encode({ id, type: 'response', flags: found ? 0 : 3, questions, answers: found ? [
    { type: 'CNAME', name, data: canonical },
    { type: 'A', name: canonical, data: names[name] } ] : [] });
};
const TRUNCATED = 0x200;
const truncated = (data) => encode({ ...decode(data), type: 'response', flags: TRUNCATED });
const socket = require('node:dgram').createSocket('udp4');
const byTcp = ${JSON.stringify(manner)} === 'by-tcp';
socket.on('message', (data, from) => socket.send(byTcp ? truncated(data) : answer(data), from.port, from.address));
require('node:net').createServer((client) => client.once('data', (data) => {
  const said = answer(data.subarray(2));
  client.end(Buffer.concat([Buffer.from([said.length >> 8, said.length & 255]), said]));
})).listen(53, ${JSON.stringify(address)});
socket.bind(53, ${JSON.stringify(address)});`;

/** A name server in a namespace, ready: it answers `names` by way of a canonical name; every other name does not exist. */
export async function serveNames(
  net: TestNetwork,
  namespace: string,
  address: string,
  names: Readonly<Record<string, string>>,
  manner: Manner = 'by-udp',
): Promise<void> {
  await net.spawn(namespace, [process.execPath, '-e', program(address, names, manner)]);
  const ready = new RegExp(`udp.*${address}:53[^]*tcp.*${address}:53`);
  while (!ready.test(await net.run(namespace, 'ss -H -lunt')));
}
