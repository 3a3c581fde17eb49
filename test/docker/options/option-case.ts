import { expect, onTestFinished } from 'vitest';
import { dockerCase, type DockerCase } from '../../support/docker-case.ts';
import { askTable, differences, tableText } from '../../support/docker-table.ts';
import { startEngine } from '../../support/docker.ts';
import { emptyFirewall } from '../../support/empty-firewall.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';

/**
 * A real engine under each set of options, and the same kind of questions to all: the answer from facts alone has to be the
 * kernel's. What came out is kept in the folder option-table. Its questions take minutes, so that they are in several files.
 */
/** For one test. client is beyond the engine's host, which has 10.99.0.1 and 10.98.0.1 towards it. */
export async function machine(): Promise<TestNetwork> {
  const made = await buildNetwork();
  onTestFinished(async () => {
    // So that the next engine closes FORWARD, as it does where it is the first to forward.
    await made.run('host', 'sysctl -qw net.ipv4.ip_forward=0');
    await made.close();
  });
  await emptyFirewall();
  // An engine closes FORWARD only where nobody forwarded before it.
  await made.run('host', 'sysctl -qw net.ipv4.ip_forward=1');
  await made.namespaces('client');
  await made.wire(
    'host/uplink 10.99.0.1/24 10.98.0.1/24 fd99::1/64',
    'client/eth0 10.99.0.2/24 10.98.0.2/24 fd99::2/64',
  );
  await made.run('client', 'ip route add default via 10.99.0.1');
  await made.run('client', 'ip route add default via fd99::1');
  await made.listen('client', { protocol: 'tcp', port: 80, address: '::' });
  return made;
}

export async function engine(userlandProxy: boolean, ...words: readonly string[]): Promise<DockerCase> {
  return engineWith(userlandProxy, '--bip=10.73.0.1/24', ...words);
}

/** With no other arguments than these. */
export async function engineWith(userlandProxy: boolean, ...words: readonly string[]): Promise<DockerCase> {
  const made = dockerCase(await startEngine({ userlandProxy, arguments: words }));
  onTestFinished(() => made.engine.close());
  return made;
}

export async function check(name: string, made: DockerCase, questions: readonly string[]): Promise<void> {
  const rows = await askTable(made, questions);
  expect(differences(rows), tableText(rows)).toEqual([]);
  await expect(`${tableText(rows)}\n`).toMatchFileSnapshot(`../option-table/${name}.txt`);
}
