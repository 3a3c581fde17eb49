import { execa } from 'execa';
import { applyFixes, undoSteps } from '../../../diagnostics/question/apply.ts';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { brief } from '../../support/cause-case.ts';
import { dockerCase, SERVER, type DockerCase } from '../../support/docker-case.ts';
import { startEngine } from '../../support/docker.ts';

let docker: DockerCase;

beforeAll(async () => {
  docker = dockerCase(await startEngine());
  await docker.engine.docker('network create front');
  await docker.engine.docker('network create back');
});
afterAll(() => docker.engine.close());
afterEach(() => docker.removeContainers());

describe('docker-isolation', () => {
  test('containers on different networks; on a common one it is not reported', async () => {
    await docker.run('web', '--network front');
    await docker.run('db', '--network back', SERVER);
    await docker.run('near', '--network back');
    const asked = { from: 'container:web', to: 'container:db', port: 80 };
    await docker.serving({ ...asked, from: 'container:near' });
    const diagnosis = await docker.expectCause(asked, 'docker-isolation');
    expect(diagnosis.causes[0]?.params).toMatchObject({
      from: 'web',
      to: 'db',
      fromNetworks: 'front',
      toNetworks: 'back',
    });
    await docker.mendAndUndo(asked, diagnosis);
  });
});

describe('rules beside Docker’s', () => {
  test('filter-drop: a rule of the user’s in DOCKER-USER; the accept goes there too', async () => {
    await docker.run('db', '--network front', SERVER);
    await docker.engine.docker('network create --subnet 172.30.0.0/24 side');
    const asked = { from: 'outside:10.99.0.2@uplink', to: 'container:db', port: 80 };
    await execa('ip', 'link add uplink type veth peer name far'.split(' '));
    try {
      for (const words of ['address add 10.99.0.1/24 dev uplink', 'link set uplink up', 'link set far up'])
        await execa('ip', words.split(' '));
      const outside = await docker.ask(asked);
      expect(outside.probe.outcome, brief(outside)).toBe('not-run');
      const ids = outside.causes.map(({ id }) => id);
      expect(ids, brief(outside)).toEqual(['policy-drop']);
      expect(outside.causes[0]?.fixes[0]?.steps[0]?.argv, brief(outside)).toContain('DOCKER-USER');
    } finally {
      await execa('ip', ['link', 'delete', 'uplink']);
    }
  });
});

describe('names', () => {
  test('name-on-other-network: an alias that is known elsewhere', async () => {
    await docker.run('web', '--network front');
    await docker.run('near', '--network back');
    await docker.run('db', '--network back --network-alias storage', SERVER);
    await docker.serving({ from: 'near', to: 'storage', port: 80 });
    const asked = { from: 'web', to: 'storage', port: 80 };
    await docker.mendAndUndo(asked, await docker.expectCause(asked, 'name-on-other-network'));
  });

  test('default-bridge-has-no-names: the address works, the name does not', async () => {
    await docker.run('web', '');
    await docker.run('db', '', SERVER);
    await docker.serving({ from: 'web', to: 'container:db', port: 80 });
    const asked = { from: 'web', to: 'db', port: 80 };
    await docker.mendAndUndo(asked, await docker.expectCause(asked, 'default-bridge-has-no-names'));
  });

  test('name-not-known: a name that no container has, with the near one', async () => {
    await docker.run('web', '--network front');
    await docker.run('database', '--network front', SERVER);
    await docker.serving({ from: 'web', to: 'database', port: 80 });
    const diagnosis = await docker.ask({ from: 'container:web', to: 'databse', port: 80 });
    expect(diagnosis.verdict, brief(diagnosis)).toBe('unreachable');
    expect(diagnosis.probe.outcome).toBe('name-unresolved');
    expect(diagnosis.causes[0]?.params['near'], brief(diagnosis)).toBe('database');
  });
});

describe('container-stopped', () => {
  test('a stopped container is named, started, and stopped again', async () => {
    await docker.run('web', '--network front');
    await docker.run('db', '--network front', SERVER);
    const asked = { from: 'container:web', to: 'container:db', port: 80 };
    await docker.serving(asked);
    await docker.engine.docker('stop -t 0 db');
    const diagnosis = await docker.expectCause(asked, 'container-stopped');
    const applied = await applyFixes(diagnosis, {
      ask: (probe) => docker.ask(asked, probe),
      run: await docker.runner(),
    });
    expect(applied.problem).toBeNull();
    await docker.serving(asked);
  });

  test.each(['container:db', 'storage'])(
    'of another network, asked for as %s: both are mended',
    async (to) => {
      await docker.run('web', '--network front');
      await docker.engine.docker([
        ...['create', '--name', 'db', '--network', 'back', '--network-alias', 'storage'],
        ...['busybox', ...SERVER],
      ]);
      const asked = { from: 'container:web', to, port: 80 };
      const diagnosis = await docker.expectCause(asked, 'container-stopped');
      expect(diagnosis.causes[0]?.summary).toBe(
        'The container db is not running (created), and even running it would share no network with web',
      );
      const run = await docker.runner();
      const applied = await applyFixes(diagnosis, { ask: (probe) => docker.ask(asked, probe), run });
      expect(applied.problem).toBeNull();
      await docker.serving(asked);
      expect(await undoSteps(applied.undo, run)).toBeNull();
      await docker.expectCause(asked, 'container-stopped');
    },
  );

  test('on no network: started and connected', async () => {
    await docker.run('web', '--network front');
    await docker.engine.docker(['create', '--name', 'db', '--network', 'none', 'busybox', ...SERVER]);
    const asked = { from: 'container:web', to: 'container:db', port: 80 };
    const diagnosis = await docker.expectCause(asked, 'container-stopped');
    expect(diagnosis.causes[0]?.summary).toBe(
      'The container db is not running (created), and db is on no network',
    );
    const run = await docker.runner();
    const applied = await applyFixes(diagnosis, { ask: (probe) => docker.ask(asked, probe), run });
    expect(applied.problem).toBeNull();
    await docker.serving(asked);
  });

  test('its program ended at once: with which status', async () => {
    await docker.run('web', '--network front');
    await docker.run('db', '--network front', ['busybox', 'sh', '-c', 'exit 3']);
    await expect.poll(() => docker.engine.docker('inspect -f {{.State.Status}} db')).toBe('exited');
    const asked = { from: 'web', to: 'db', port: 80 };
    const diagnosis = await docker.expectCause(asked, 'container-stopped');
    expect(diagnosis.causes[0]?.summary).toBe(
      'The container db is not running (exited: its program ended with status 3)',
    );
  });
});

describe('ports', () => {
  test('wrong-port: the host’s port asked of the container', async () => {
    await docker.run('web', '--network front');
    await docker.run('db', '--network front --publish 8080:80', SERVER);
    await docker.serving({ from: 'container:web', to: 'container:db', port: 80 });
    const diagnosis = await docker.expectCause(
      { from: 'container:web', to: 'container:db', port: 8080 },
      'wrong-port',
    );
    expect(diagnosis.causes[0]?.params).toMatchObject({ right: 80, askedOn: 'container' });
    expect(diagnosis.causes[0]?.fixes[0]).toMatchObject({ steps: [], proven: true });
  });

  test('wrong-port: the container’s port asked of the host', async () => {
    await docker.run('db', '--network front --publish 8080:80', SERVER);
    await docker.serving({ from: 'host', to: 'container:db', port: 80 });
    const diagnosis = await docker.expectCause(
      { from: 'host', to: '127.0.0.1', port: 80 },
      'wrong-port',
      'likely',
    );
    expect(diagnosis.causes[0]?.params).toMatchObject({ right: 8080, askedOn: 'host', others: null });
    expect(diagnosis.causes[0]?.fixes).toMatchObject([{ title: 'Use port 8080 instead', proven: true }]);
  });

  test('port-not-published', async () => {
    await docker.run('db', '--network front', SERVER);
    await docker.serving({ from: 'host', to: 'container:db', port: 80 });
    const gateway = await docker.engine.docker([
      'network',
      'inspect',
      'front',
      '-f',
      '{{(index .IPAM.Config 0).Gateway}}',
    ]);
    const asked = { from: 'host', to: gateway, port: 80 };
    const diagnosis = await docker.expectCause(asked, 'port-not-published', 'likely');
    expect(diagnosis.causes[0]?.fixes[0]?.proven, brief(diagnosis)).toBe(true);
    await docker.mend(asked, diagnosis);
  });
});
