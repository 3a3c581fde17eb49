import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { ask, brief } from '../../support/cause-case.ts';
import { buildNetwork } from '../../support/network.ts';

const ASKED = { from: 'host', to: '10.0.0.3', port: 80 };

/** A server whose queue holds one connection, and one more before it is full (sk_acceptq_is_full() asks for “more than”). */
const PROGRAM =
  'require("node:net").createServer(() => {}).listen({ port: 80, host: "0.0.0.0", backlog: 1 }, () => console.log("ready"))';

test('listen-queue-full: a program that hangs, and the kernel drops who comes after two that wait', async () => {
  await using net = await buildNetwork();
  await net.namespaces('blue');
  await net.wire('host/eth0 10.0.0.1/24', 'blue/eth0 10.0.0.3/24');
  const server = execa('nsenter', ['--net=/run/netns/blue', process.execPath, '-e', PROGRAM], {
    reject: false,
    stdin: 'ignore',
  });
  const clients: Socket[] = [];
  try {
    await once(server.stdout, 'data');
    const healthy = await ask(ASKED);
    expect([healthy.verdict, healthy.causes], brief(healthy)).toEqual(['reachable', []]);

    server.kill('SIGSTOP');
    for (let waiting = 1; waiting <= 2; waiting++) {
      const client = createConnection({ host: '10.0.0.3', port: 80 });
      clients.push(client);
      await once(client, 'connect');
      await expect.poll(() => net.run('blue', 'ss -Hlnt')).toMatch(new RegExp(`^LISTEN +${waiting} +1 `));
      if (waiting === 1) {
        const halfFull = await ask(ASKED, false);
        expect([halfFull.verdict, halfFull.causes], brief(halfFull)).toEqual(['reachable', []]);
      }
    }
    const dropped = await overflows(net);
    const broken = await ask(ASKED);
    expect(await overflows(net), 'the kernel counts what it drops').toBeGreaterThan(dropped);
    expect([broken.verdict, broken.probe.outcome], brief(broken)).toEqual(['unreachable', 'timeout']);
    expect(broken.causes.map(({ id, namespace, certainty }) => [id, namespace, certainty])).toEqual([
      ['listen-queue-full', 'netns:blue', 'certain'],
    ]);
    expect(broken.causes[0]?.params).toMatchObject({ port: 80, used: 2, limit: 1 });
    expect(broken.causes[0]?.fixes[0]).toMatchObject({ proven: true, steps: [] });

    server.kill('SIGCONT');
    await expect.poll(() => net.run('blue', 'ss -Hlnt')).toMatch(/^LISTEN +0 +1 /);
    const mended = await ask(ASKED);
    expect([mended.verdict, mended.causes], brief(mended)).toEqual(['reachable', []]);
  } finally {
    for (const client of clients) client.destroy();
    server.kill('SIGKILL');
    await server;
  }
});

async function overflows(net: Awaited<ReturnType<typeof buildNetwork>>): Promise<number> {
  const text = await net.run('blue', 'nstat -asz TcpExtListenOverflows');
  return Number(/TcpExtListenOverflows\s+(\d+)/.exec(text)?.[1]);
}
