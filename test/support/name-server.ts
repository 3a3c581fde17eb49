import type { TestNetwork } from './network.ts';

const program = (address: string, names: Readonly<Record<string, string>>): string => `
const { encode, decode } = require(${JSON.stringify(`${process.cwd()}/node_modules/dns-packet`)});
const names = ${JSON.stringify(names)};
const socket = require('node:dgram').createSocket('udp4');
socket.on('message', (data, from) => {
  const { id, questions } = decode(data);
  const { name, type } = questions[0];
  const canonical = name + '.example';
  const found = type === 'A' && Object.hasOwn(names, name);
  socket.send(encode({ id, type: 'response', flags: found ? 0 : 3, questions, answers: found ? [
    { type: 'CNAME', name, data: canonical },
    { type: 'A', name: canonical, data: names[name] } ] : [] }), from.port, from.address);
});
socket.bind(53, ${JSON.stringify(address)});`;

/** A name server in a namespace, ready: it answers `names` by way of a canonical name; every other name does not exist. */
export async function serveNames(
  net: TestNetwork,
  namespace: string,
  address: string,
  names: Readonly<Record<string, string>>,
): Promise<void> {
  await net.spawn(namespace, [process.execPath, '-e', program(address, names)]);
  while (!(await net.run(namespace, 'ss -H -lun')).includes(`${address}:53`));
}
