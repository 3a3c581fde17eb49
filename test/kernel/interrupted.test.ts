import { afterAll, beforeAll, expect, test } from 'vitest';
import { hoplab } from '../support/command-line.ts';
import { buildNetwork, type TestNetwork } from '../support/network.ts';

let net: TestNetwork;
beforeAll(async () => {
  net = await buildNetwork();
  await net.namespaces('red', 'blue');
  await net.wire('red/eth0 10.0.0.1/24', 'blue/eth0 10.0.0.2/24');
  await net.run('blue', 'iptables -A INPUT -p tcp --dport 80 -j DROP');
});
afterAll(() => net.close());

/** Once the probe's packet has been dropped: from then on the probe only waits. */
async function dropped(): Promise<void> {
  const counters = (): Promise<string> => net.run('blue', 'iptables -nvxL INPUT');
  while (!/^\s*[1-9]\d*\s.*DROP/m.test(await counters()));
}

test.each([[[]], [['--json']], [['--apply', '--yes']]])(
  'a question %j that is stopped has no answer, changes nothing, and exits with 130',
  async (options) => {
    await net.run('blue', 'iptables -Z');
    const stop = new AbortController();
    const asked = hoplab(['why', 'netns:red', '10.0.0.2:80', ...options], { signal: stop.signal });
    await dropped();
    stop.abort(new Error('stopped by the test'));
    expect(await asked).toEqual({ status: 130, stdout: '', stderr: 'hoplab: stopped\n' });
    expect(await net.run('blue', 'iptables -S INPUT')).toBe(
      '-P INPUT ACCEPT\n-A INPUT -p tcp -m tcp --dport 80 -j DROP',
    );
  },
);
