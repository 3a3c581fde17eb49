import { afterAll, beforeAll, expect, test } from 'vitest';
import { openMachine } from '../../diagnostics/host/local-machine.ts';
import { probeDns, type DnsProbe } from '../../diagnostics/probe/dns.ts';
import type { RecordType } from '../../diagnostics/probe/dns-message.ts';
import { buildNetwork, type TestNetwork } from '../support/network.ts';

let net: TestNetwork;
let ask: (server: string, name: string, type?: RecordType) => Promise<DnsProbe>;

/** Answers `db` with an address, by way of a canonical name; every other name does not exist. */
const SERVER = `
const { encode, decode } = require(${JSON.stringify(`${process.cwd()}/node_modules/dns-packet`)});
const socket = require('node:dgram').createSocket('udp4');
socket.on('message', (data, from) => {
  const query = decode(data);
  const found = query.questions[0].name === 'db' && query.questions[0].type === 'A';
  socket.send(encode({ id: query.id, type: 'response', flags: found ? 0 : 3, questions: query.questions, answers: found ? [
    { type: 'CNAME', name: 'db', data: 'db.example' },
    { type: 'A', name: 'db.example', data: '10.0.0.9' } ] : [] }), from.port, from.address);
});
socket.bind(53, '10.0.0.2');`;

beforeAll(async () => {
  net = await buildNetwork();
  await net.namespaces('client', 'server');
  await net.wire('client/eth0 10.0.0.1/24', 'server/eth0 10.0.0.2/24');
  await net.spawn('server', [process.execPath, '-e', SERVER]);
  while (!(await net.run('server', 'ss -H -lun')).includes('10.0.0.2:53'));
  const machine = openMachine();
  const { namespaces } = await machine.scan();
  const client = namespaces.find(({ names }) =>
    names.some((name) => name.type === 'netns' && name.name === 'client'),
  );
  ask = (server, name, type = 'A') =>
    probeDns(machine, { namespace: client?.id ?? '', server, name, type, timeoutMilliseconds: 1000 });
});
afterAll(() => net.close());

test('what a server says of a name', async () => {
  expect(await ask('10.0.0.2', 'db')).toMatchObject({
    probe: { outcome: 'reply' },
    answer: { code: 'NOERROR', addresses: ['10.0.0.9'], canonicalNames: ['db.example'] },
  });
  expect((await ask('10.0.0.2', 'nobody')).answer).toMatchObject({ code: 'NXDOMAIN', addresses: [] });
});

test('a server that is not there', async () => {
  expect(await ask('10.0.0.1', 'db')).toMatchObject({ probe: { outcome: 'refused' }, answer: null });
  expect(await ask('192.0.2.1', 'db')).toMatchObject({ probe: { outcome: 'unreachable' }, answer: null });
});
