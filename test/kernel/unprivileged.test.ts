import { build } from 'esbuild';
import { execa } from 'execa';
import { chmod, cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Snapshot } from '../../diagnostics/model/snapshot.ts';
import { namespaceNamed, value } from '../support/facts.ts';
import { buildNetwork } from '../support/network.ts';

/** What an ordinary user of the machine gets, from a process of their own. */
async function snapshotAsUser(): Promise<Snapshot> {
  const directory = await mkdtemp(join(tmpdir(), 'user-'));
  await chmod(directory, 0o755);
  const outfile = join(directory, 'cli/chunks/take.mjs');
  await build({
    stdin: {
      contents: `
        import { createLiveSource } from './diagnostics/collect/live-source.ts';
        import { takeSnapshot } from './diagnostics/collect/take-snapshot.ts';
        import { openMachine } from './diagnostics/host/local-machine.ts';
        console.log(JSON.stringify(await takeSnapshot(createLiveSource(openMachine()))));`,
      resolveDir: process.cwd(),
    },
    ...{ bundle: true, platform: 'node', format: 'esm', outfile, external: ['dockerode', 'dns-packet'] },
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  });
  // Where koffi looks for its binary, as in what is packed.
  await cp(`node_modules/@koromix/koffi-linux-${process.arch}`, join(directory, 'build/koffi'), {
    recursive: true,
    dereference: true,
  });
  const { stdout, stderr } = await execa(
    'setpriv',
    ['--reuid', '1000', '--regid', '1000', '--clear-groups', '--inh-caps=-all', process.execPath, outfile],
    { env: { HOME: '/', DOCKER_HOST: undefined }, cwd: directory },
  );
  expect(stderr).toBe('');
  return JSON.parse(stdout) as Snapshot;
}

test('an ordinary user sees the own namespace, and is told what is hidden and how to see it', async () => {
  await using net = await buildNetwork();
  await net.namespaces('red');
  await net.wire('host/up 10.0.0.1/24', 'red/eth0 10.0.0.2/24');
  await net.run('host', 'sysctl -qw net.ipv4.ip_forward=0');
  const snapshot = await snapshotAsUser();
  expect(snapshot.machine.privileged).toBe(false);

  const own = namespaceNamed(snapshot, 'host').facts;
  const red = namespaceNamed(snapshot, 'netns:red');
  expect(value(own.routes).map(({ text }) => text)).toContain(
    '10.0.0.0/24 dev up proto kernel scope link src 10.0.0.1',
  );
  expect(value(own.sysctls)['net/ipv4/ip_forward']).toBe('0');
  // The name of the other end's namespace is no secret: /run/netns may be read by everybody.
  expect(value(own.links).find(({ name }) => name === 'up')?.peer?.namespace).toBe(red.id);

  const hidden = { state: 'denied', reason: expect.stringMatching(/sudo/) as unknown };
  expect(own.ruleset).toEqual(hidden);
  for (const fact of ['links', 'routes', 'sysctls', 'ruleset', 'sockets'] as const)
    expect(red.facts[fact], fact).toEqual(hidden);
});
