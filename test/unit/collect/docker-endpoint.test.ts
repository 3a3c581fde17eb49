import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectionOptions, UnsupportedEndpoint } from '../../../diagnostics/collect/docker/client.ts';
import { clientEndpoint } from '../../../diagnostics/collect/docker/endpoint.ts';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'home-'));
  for (const [name, host] of [
    ['rootless', 'unix:///run/user/1000/docker.sock'],
    ['remote', 'tcp://build.example:2376'],
  ] as const) {
    const id = createHash('sha256').update(name).digest('hex');
    await mkdir(join(home, '.docker/contexts/meta', id), { recursive: true });
    const meta = { Name: name, Endpoints: { docker: { Host: host } } };
    await writeFile(join(home, '.docker/contexts/meta', id, 'meta.json'), JSON.stringify(meta));
  }
  await writeFile(join(home, '.docker/config.json'), JSON.stringify({ currentContext: 'rootless' }));
});
afterAll(() => rm(home, { recursive: true }));

test.each([
  ['DOCKER_HOST before any context', { DOCKER_HOST: 'unix:///x', DOCKER_CONTEXT: 'remote' }, 'unix:///x'],
  ['DOCKER_CONTEXT before the chosen one', { DOCKER_CONTEXT: 'remote' }, 'tcp://build.example:2376'],
  ['the chosen context', {}, 'unix:///run/user/1000/docker.sock'],
  ['the default context by its name', { DOCKER_CONTEXT: 'default' }, 'unix:///var/run/docker.sock'],
  ['no configuration', { DOCKER_CONFIG: '/nowhere' }, 'unix:///var/run/docker.sock'],
])('%s', (_, environment, url) => {
  expect(clientEndpoint({ HOME: home, ...environment }).url).toBe(url);
});

test('endpoints as the docker client writes them', () => {
  expect(connectionOptions({ url: 'unix:///run/docker.sock', named: true })).toEqual({
    socketPath: '/run/docker.sock',
  });
  expect(connectionOptions({ url: 'tcp://[fd00::1]:2375', named: true })).toEqual({
    protocol: 'http',
    host: 'fd00::1',
    port: 2375,
  });
  expect(() => connectionOptions({ url: 'ssh://me@example', named: true })).toThrow(UnsupportedEndpoint);
});
