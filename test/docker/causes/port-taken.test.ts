import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { dockerCase, type DockerCase } from '../../support/docker-case.ts';
import { startEngine } from '../../support/docker.ts';
import { buildNetwork } from '../../support/network.ts';

let docker: DockerCase;

beforeAll(async () => {
  docker = dockerCase(await startEngine());
  await docker.engine.docker('network create front');
});
afterAll(() => docker.engine.close());
afterEach(() => docker.removeContainers());

describe('container-stopped: the port of the host that it publishes is somebody else’s', () => {
  const second = { from: 'host', to: 'container:second', port: 80 };
  const failing = async (publish: string): Promise<void> => {
    await docker.engine.docker(
      `create --name second --network front --publish ${publish} busybox httpd -f -p 80`,
    );
    await expect(docker.engine.docker('start second')).rejects.toThrow('8080');
  };

  test.each(['8080:80', '127.0.0.1:8080:80'])(
    'another container’s; once that one is stopped, it can be started (%s)',
    async (publish) => {
      await docker.run('zeroth', '--network front --publish 18080:80');
      await docker.run('first', '--network front --publish 8080:80');
      await failing(publish);
      const diagnosis = await docker.expectCause(second, 'container-stopped');
      expect(diagnosis.causes[0]).toMatchObject({
        summary:
          'The container second could not be started: the container first already publishes port 8080/tcp of the host',
        fixes: [],
      });
      expect(diagnosis.causes[0]?.explanation).toContain('publish another port');
      await docker.engine.docker('stop -t 0 first');
      const free = await docker.expectCause(second, 'container-stopped');
      expect(free.causes[0]?.explanation).toContain('Nobody has that port any more');
      await docker.mend(second, free);
    },
  );

  test('a program’s of the host', async () => {
    await using net = await buildNetwork();
    await net.listen('host', { protocol: 'tcp', port: 8080 });
    await failing('8080:80');
    const diagnosis = await docker.expectCause(second, 'container-stopped');
    const { program, pid } = diagnosis.causes[0]?.params ?? {};
    expect(program).toEqual(expect.any(String));
    expect(diagnosis.causes[0]?.summary).toBe(
      `The container second could not be started: ${program} (pid ${pid}) already listens on port 8080/tcp of the host`,
    );
  });
});
