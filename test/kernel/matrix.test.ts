import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLiveSource } from '../../diagnostics/collect/live-source.ts';
import { openMachine } from '../../diagnostics/host/local-machine.ts';
import type { MatrixQuestion, ReachMatrix } from '../../diagnostics/model/reach-matrix.ts';
import { reachMatrix } from '../../diagnostics/reach-matrix.ts';
import { hoplab } from '../support/command-line.ts';
import { buildNetwork, type TestNetwork } from '../support/network.ts';
import { why } from '../../diagnostics/why.ts';

const tcp = (port: number): MatrixQuestion => ({ protocol: 'tcp', port });
const PING: MatrixQuestion = { protocol: 'icmp', port: null };

let net: TestNetwork;
beforeAll(async () => {
  net = await buildNetwork();
  await net.namespaces('red', 'blue', 'router', 'lost', 'far');
  await net.wire('red/eth0 10.0.1.2/24', 'router/r0 10.0.1.1/24');
  await net.wire('blue/eth0 10.0.2.2/24', 'router/b0 10.0.2.1/24');
  await net.wire('far/eth0 10.0.3.2/24', 'router/f0 10.0.3.1/24');
  await net.run('red', 'ip route add default via 10.0.1.1');
  await net.run('blue', 'ip route add default via 10.0.2.1');
  // far knows no way back to red.
  await net.run('far', 'ip route add 10.0.2.0/24 via 10.0.3.1');
  await net.run('router', 'sysctl -qw net.ipv4.ip_forward=1');
  await net.run('router', 'iptables -A FORWARD -s 10.0.1.0/24 -p tcp --dport 81:90 -j DROP');
  await net.run(
    'router',
    'iptables -t nat -A PREROUTING -d 10.0.2.1 -p tcp --dport 8080 -j DNAT --to 10.0.2.2:80',
  );
  await net.run(
    'router',
    'nft -f -',
    `table ip more {
       set closed { type inet_service; flags interval; elements = { 2000-2010, 2020 }; }
       chain forward {
         type filter hook forward priority 10;
         tcp dport @closed drop
         tcp dport vmap { 1000-1004 : drop, 1006-1010 : drop }
       }
       chain prerouting {
         type nat hook prerouting priority -100;
         ip daddr 10.0.2.1 tcp dport 3000-3005 dnat to 10.0.2.2:84-85
         ip daddr 10.0.2.1 tcp dport 3010 redirect to :80-86
       }
     }`,
  );
  await net.listen('blue', { protocol: 'tcp', port: 80 });
  await net.listen('blue', { protocol: 'tcp', port: 85 });
  await net.listen('red', { protocol: 'tcp', port: 443 });
});
afterAll(() => net.close());

const look = (...questions: readonly MatrixQuestion[]): Promise<ReachMatrix> =>
  reachMatrix(createLiveSource(openMachine()), questions, { language: 'en' });

describe('who can reach whom', () => {
  const questions = [PING, tcp(80), tcp(85), tcp(86), tcp(443), tcp(8080)];

  test('is what the kernel says, for every pair and port', async () => {
    const matrix = await look(...questions);
    const source = createLiveSource(openMachine());
    const asked = matrix.pairs.filter(({ from, to }) => from.startsWith('netns:') && to.startsWith('netns:'));
    expect(asked).toHaveLength(5 * 4 * questions.length);
    const told = await Promise.all(
      asked.map(async ({ from, to, protocol, port }) => {
        const answer = await why(source, { from, to, protocol, port }, { language: 'en', probe: true });
        return { from, to, port, verdict: answer.verdict };
      }),
    );
    expect(asked.map(({ from, to, port, verdict }) => ({ from, to, port, verdict }))).toEqual(told);
    const verdicts = new Set(asked.map(({ verdict }) => verdict));
    expect([...verdicts].sort()).toEqual(['reachable', 'unreachable']);
  });

  test('ports that share a walk answer as each would alone', async () => {
    const more = [
      ...questions,
      ...[81, 90, 91, 84, 1000, 1005, 2010, 2015, 2020, 3000, 3005, 3006, 3010].map(tcp),
    ];
    const together = await look(...more);
    const alone = await Promise.all(more.map((question) => look(question)));
    expect(together.pairs).toEqual(alone.flatMap(({ pairs }) => pairs));
  });

  test('each failing pair says what stops it and where, on the way there or back', async () => {
    const { pairs } = await look(PING, tcp(85), tcp(80));
    const stop = (from: string, to: string, port: number | null): unknown =>
      pairs.find((pair) => pair.from === from && pair.to === to && pair.port === port)?.stop;
    expect(stop('netns:red', 'netns:blue', 85)).toMatchObject({
      direction: 'forward',
      disposition: 'dropped',
      namespace: 'netns:router',
      text: expect.stringContaining('--dport 81:90 -j DROP') as unknown,
    });
    expect(stop('netns:red', 'netns:far', null)).toMatchObject({
      direction: 'back',
      disposition: 'no-route',
      namespace: 'netns:far',
    });
    expect(stop('netns:blue', 'netns:red', 80)).toMatchObject({
      disposition: 'refused',
      namespace: 'netns:red',
    });
    expect(stop('netns:red', 'netns:lost', null)).toMatchObject({
      disposition: 'no-route',
      namespace: 'netns:lost',
      text: 'it has no address',
    });
    expect(stop('netns:red', 'netns:blue', 80)).toBeNull();
  });
});

describe('hoplab matrix', () => {
  test('shows a grid, then what stops the others, in 80 columns', async () => {
    const { status, stdout } = await hoplab(['matrix', '--port', '80', '85', '--lang', 'en'], {
      columns: 80,
    });
    expect(status).toBe(0);
    expect(stdout).toMatch(/Who reaches whom: tcp 80\n.* 1 .* 5/);
    expect(stdout).toMatch(/netns:red +✘ +(·|✔|✘)/);
    expect(stdout).toContain('✔ reachable  ✘ not reachable');
    expect(stdout).toContain('netns:red → netns:blue');
    expect(stdout).toContain('nothing was sent');
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  test('a grid that does not fit becomes a list by sender', async () => {
    const { stdout } = await hoplab(['matrix', '--lang', 'zh-cn'], { columns: 32 });
    expect(stdout).toMatch(/netns:router\n {2}✔ 其余 3 个\n/);
    expect(stdout).toMatch(/被什么挡住\n {2}✘ 在/);
  });

  test('prints one JSON object, and the same from a snapshot', async () => {
    const file = `${process.env['TMPDIR'] ?? '/tmp'}/matrix-${process.pid}.json`;
    expect((await hoplab(['snapshot', '-o', file])).status).toBe(0);
    const live = await hoplab(['matrix', '--port', '80,443', '--json']);
    const replayed = await hoplab([
      'matrix',
      '--port',
      '80',
      '--port',
      '443',
      '--json',
      '--from-snapshot',
      file,
    ]);
    const pairsOf = (text: string): unknown => (JSON.parse(text) as ReachMatrix).pairs;
    expect(pairsOf(replayed.stdout)).toEqual(pairsOf(live.stdout));
    expect(JSON.parse(live.stdout)).toMatchObject({ schema: 1, questions: [tcp(80), tcp(443)] });
  });

  test('a port that is none is wrong usage', async () => {
    for (const words of [
      ['--port', '0'],
      ['--port', 'http'],
      ['--proto', 'udp'],
      ['--from-snapshot', '/no'],
    ])
      expect((await hoplab(['matrix', ...words])).status).toBe(64);
  });
});
