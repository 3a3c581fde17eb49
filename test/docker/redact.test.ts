import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLiveSource } from '../../diagnostics/collect/live-source.ts';
import { snapshotSource } from '../../diagnostics/collect/snapshot-file.ts';
import { snapshotSchema } from '../../diagnostics/collect/snapshot-schema.ts';
import { takeSnapshot } from '../../diagnostics/collect/take-snapshot.ts';
import type { Diagnosis } from '../../diagnostics/model/diagnosis.ts';
import type { Snapshot } from '../../diagnostics/model/snapshot.ts';
import { redactSnapshot } from '../../diagnostics/redact/redact-snapshot.ts';
import { why } from '../../diagnostics/why.ts';
import { dockerCase, SERVER, type DockerCase } from '../support/docker-case.ts';
import { startEngine } from '../support/docker.ts';
import { buildNetwork, type TestNetwork } from '../support/network.ts';

const CONTAINERS = ['acme-web', 'acme-ledger', 'acme-spare', 'acme-job', 'acme-edge'];
const SECRETS = [
  ...['acme', 'ledger', 'storefront', 'payroll', 'bonn', 'corp.example', 'tok3n', 's3cret', 'gatekeeper'],
  ...['10.141.', '10.142.', '192.168.177.', 'engine-', 'busybox'],
];

let net: TestNetwork;
let docker: DockerCase;
beforeAll(async () => {
  docker = dockerCase(await startEngine({ userlandProxy: true }));
  net = await buildNetwork();
  await net.namespaces('bonn');
  await net.wire('host/uplink-bonn 192.168.177.1/24', 'bonn/eth0 192.168.177.9/24');
  await docker.engine.docker('network create --subnet 10.141.0.0/24 storefront');
  await docker.engine.docker('network create --internal --subnet 10.142.0.0/24 payroll');
  const secret =
    '-e API=tok3n -e http_proxy=http://me:s3cret@gatekeeper.corp.example:3128 -e no_proxy=.corp.example';
  await docker.run(
    'acme-web',
    `--network storefront -p 8080:80 ${secret} --dns-search corp.example --add-host ledger.corp.example:10.141.0.77`,
    SERVER,
  );
  await docker.run('acme-ledger', '--network payroll --network-alias ledger', SERVER);
  await docker.run(
    'acme-spare',
    '--label com.docker.compose.project=acme --label com.docker.compose.service=spare',
  );
  await docker.run('acme-job', '--network none');
  await docker.run('acme-edge', '--network storefront --network-alias ledger -p 127.0.0.1:9090:90');
});
afterAll(async () => {
  await docker.engine.close();
  await net.close();
});

const gist = ({ verdict, causes, legs }: Diagnosis): unknown => ({
  verdict,
  causes: causes.map(({ id, certainty, params, fixes }) => [
    id,
    params['because'] ?? null,
    certainty,
    fixes.map(({ proven, steps }) => [proven, steps.length]),
  ]),
  legs: legs.map(({ kind, forward, back }) => [
    kind,
    ...[forward, back].map((trace) => [trace?.disposition, trace?.certain, trace?.hops.length]),
  ]),
});

test('a redacted snapshot of a live engine answers the same, and tells nobody whose it is', async () => {
  await docker.serving({ from: 'host', to: 'container:acme-web', port: 80 });
  const taken = await takeSnapshot(createLiveSource(docker.machine));
  const ids = (await docker.engine.docker('ps -q')).split('\n');
  const { snapshot, renamed } = redactSnapshot(taken);
  const text = JSON.stringify(snapshot);
  expect(snapshotSchema.safeParse(JSON.parse(text)).success).toBe(true);
  for (const secret of [...SECRETS, ...ids]) expect(text.toLowerCase(), secret).not.toContain(secret);

  const now = new Map(renamed.map(({ before, now: after }) => [before, after]));
  const ask = async (facts: Snapshot, from: string, to: string, port: number | null): Promise<unknown> =>
    gist(
      await why(snapshotSource(facts), { from, to, protocol: null, port }, { language: 'en', probe: false }),
    );
  const ends = [...CONTAINERS.map((name) => `container:${name}`), 'netns:bonn', 'host'];
  const kinds = new Set<string>();
  for (const from of ends)
    for (const to of ends)
      for (const port of [null, 80, 90, 8080]) {
        const before = await ask(taken, from, to, port);
        const after = await ask(snapshot, now.get(from) ?? from, now.get(to) ?? to, port);
        expect({ from, to, port, answer: after }).toEqual({ from, to, port, answer: before });
        kinds.add(JSON.stringify(before));
      }
  expect(kinds.size).toBeGreaterThan(10);
});
