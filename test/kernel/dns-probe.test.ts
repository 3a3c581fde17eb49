import { afterAll, beforeAll, expect, test } from 'vitest';
import { openMachine } from '../../diagnostics/host/local-machine.ts';
import { probeDns, type DnsProbe } from '../../diagnostics/probe/dns.ts';
import type { RecordType } from '../../diagnostics/probe/dns-message.ts';
import { serveNames } from '../support/name-server.ts';
import { buildNetwork, type TestNetwork } from '../support/network.ts';

let net: TestNetwork;
let ask: (server: string, name: string, type?: RecordType) => Promise<DnsProbe>;

beforeAll(async () => {
  net = await buildNetwork();
  await net.namespaces('client', 'server');
  await net.wire('client/eth0 10.0.0.1/24', 'server/eth0 10.0.0.2/24');
  await serveNames(net, 'server', '10.0.0.2', { db: '10.0.0.9' });
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
