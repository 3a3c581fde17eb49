import { expect, test } from 'vitest';
import { absent, known } from '../../../diagnostics/model/fact.ts';
import { UNREAD_FACTS, type Snapshot } from '../../../diagnostics/model/snapshot.ts';
import { redactSnapshot } from '../../../diagnostics/redact/redact-snapshot.ts';

test('whose podman it is, is told neither by the engine nor by the names of its containers', () => {
  const container = {
    id: 'ab'.repeat(32),
    name: 'payroll',
    image: 'payroll',
    state: 'running' as const,
    restartCount: 0,
    pid: 5,
    namespace: 'machine/2',
    networkMode: 'slirp4netns',
    networks: [],
    publishedPorts: [],
    exposedPorts: [],
    resolver: absent,
    pod: 'wages',
  };
  const snapshot: Snapshot = {
    schema: 1,
    machine: { kernel: '6.1', bootId: 'x', takenAt: '2026-01-01T00:00:00Z', privileged: true },
    hosts: [
      {
        id: 'machine',
        rootNamespace: 'machine/1',
        engine: absent,
        others: [
          known({
            kind: 'podman' as const,
            tag: 'annabel',
            version: '4.3.1',
            endpoint: 'runuser -u annabel -- podman',
            client: ['runuser', '-u', 'annabel', '--', 'podman'],
            foreign: false,
            rootless: true,
            containers: [container],
            networks: [],
          }),
        ],
      },
    ],
    namespaces: [
      { id: 'machine/1', host: 'machine', inode: 1, names: [{ type: 'host' }], facts: UNREAD_FACTS },
      {
        id: 'machine/2',
        host: 'machine',
        inode: 2,
        names: [{ type: 'container', name: 'payroll', engine: 'podman@annabel' }],
        facts: UNREAD_FACTS,
      },
    ],
  };
  const { snapshot: redacted } = redactSnapshot(snapshot);
  expect(JSON.stringify(redacted)).not.toMatch(/annabel|payroll|wages/);
  const [engine] = redacted.hosts[0]?.others ?? [];
  const tag = engine?.state === 'known' ? engine.value.tag : undefined;
  expect(redacted.namespaces[1]?.names[0]).toMatchObject({ type: 'container', engine: `podman@${tag}` });
});
