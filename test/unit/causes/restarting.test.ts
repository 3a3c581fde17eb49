import { expect, test } from 'vitest';
import { snapshotSource } from '../../../diagnostics/collect/snapshot-file.ts';
import type { Container } from '../../../diagnostics/model/container.ts';
import { absent, known } from '../../../diagnostics/model/fact.ts';
import { why } from '../../../diagnostics/why.ts';
import { idOf } from '../../support/sketch-links.ts';
import { sketchSnapshot } from '../../support/snapshot.ts';

const container = (name: string, address: string, restartCount: number): Container => ({
  ...{ id: name, name, namespace: idOf(name), image: 'busybox', state: 'running', restartCount, pid: 42 },
  ...{ networkMode: 'front', publishedPorts: [], exposedPorts: [], resolver: absent },
  networks: [{ network: 'front', networkId: 'f', address, aliases: [name] }],
});

/** Facts of a moment: the engine says that `broken` runs, and its interface is gone already, or not yet there. */
const facts = (restartCount: number, inside: readonly string[]) =>
  sketchSnapshot(
    {
      host: { links: ['br-f 10.50.0.1/24 bridge', 'v1 master br-f -> web/eth0'] },
      web: {
        links: ['eth0 10.50.0.2/24 -> host/v1'],
        names: [{ type: 'container', name: 'web' }],
      },
      broken: { links: inside, names: [{ type: 'container', name: 'broken' }] },
    },
    known({
      ...{ kind: 'docker', version: '29', endpoint: 'unix:///run/docker.sock', foreign: false },
      containers: [container('web', '10.50.0.2', 0), container('broken', '10.50.0.3', restartCount)],
      networks: [
        {
          id: 'f',
          name: 'front',
          driver: 'bridge',
          internal: false,
          subnets: [],
          options: {},
          bridge: 'br-f',
        },
      ],
    }),
  );

const causes = async (restartCount: number, inside: readonly string[]): Promise<readonly string[]> => {
  const question = { from: 'container:web', to: '10.50.0.3', port: 80, protocol: 'tcp' } as const;
  const diagnosis = await why(snapshotSource(facts(restartCount, inside)), question, {
    language: 'en',
    probe: false,
  });
  return diagnosis.causes.map(({ id }) => id);
};

test('a container that runs for moments only is told as such in those moments too', async () => {
  expect(await causes(5, [])).toEqual(['container-restarting']);
});

test('one that never ended, or whose interface is there, is not', async () => {
  expect(await causes(0, [])).not.toContain('container-restarting');
  expect(await causes(5, ['eth0 10.50.0.9/24'])).not.toContain('container-restarting');
});
