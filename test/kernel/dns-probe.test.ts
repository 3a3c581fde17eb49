import { afterAll, beforeAll, expect, test } from 'vitest';
import { openMachine } from '../../diagnostics/host/local-machine.ts';
import type { Machine } from '../../diagnostics/host/machine.ts';
import { resolveNames } from '../../diagnostics/probe/resolve-names.ts';
import type { NameAnswer } from '../../diagnostics/model/dns-answer.ts';
import { serveNames } from '../support/name-server.ts';
import { buildNetwork, type TestNetwork } from '../support/network.ts';

let net: TestNetwork;
let machines: readonly Machine[];
let ask: (machine: Machine, server: string, name: string) => Promise<NameAnswer | undefined>;

beforeAll(async () => {
  net = await buildNetwork();
  await net.namespaces('client', 'server');
  await net.wire('client/eth0 10.0.0.1/24', 'server/eth0 10.0.0.2/24');
  await serveNames(net, 'server', '10.0.0.2', { db: '10.0.0.9' });
  const own = openMachine();
  // Where this process may not go inside, another is brought there.
  machines = [own, { ...own, within: () => Promise.resolve(null) }];
  const { namespaces } = await own.scan();
  const client = namespaces.find(({ names }) =>
    names.some((name) => name.type === 'netns' && name.name === 'client'),
  );
  ask = async (machine, server, name) =>
    (
      await resolveNames(machine, {
        namespace: client?.id ?? '',
        asks: [{ server, name }],
        families: [4],
        tcp: false,
        timeoutMilliseconds: 1000,
      })
    )[0];
});
afterAll(() => net.close());

test('what a server says of a name', async () => {
  for (const machine of machines) {
    expect(await ask(machine, '10.0.0.2', 'db')).toMatchObject({ code: 'NOERROR', addresses: ['10.0.0.9'] });
    expect(await ask(machine, '10.0.0.2', 'nobody')).toMatchObject({ code: 'NXDOMAIN', addresses: [] });
  }
});

test('a server that is not there', async () => {
  for (const machine of machines) {
    expect(await ask(machine, '10.0.0.1', 'db')).toMatchObject({ code: null, refused: true });
    expect(await ask(machine, '192.0.2.1', 'db')).toMatchObject({
      code: null,
      detail: expect.stringMatching(/unreachable/) as string,
    });
  }
});
