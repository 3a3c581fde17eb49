import { describe, test } from 'vitest';
import { SERVER } from '../../support/docker-case.ts';
import { check, engine, engineWith, machine } from './option-case.ts';
import { NETWORKS, PUBLISHED, usual } from './usual.ts';

describe('what facts say of an engine with rules of its own kind is what the kernel does', () => {
  test('an engine that may write no rules', async () => {
    await machine();
    const made = await engine(true, '--iptables=false');
    await usual(made);
    await check(
      'no-iptables',
      made,
      [...PUBLISHED, ...NETWORKS].filter((_, index) => index % 2 === 0),
    );
  });

  test('containers of the default network kept apart, but for links', async () => {
    await machine();
    const made = await engine(false, '--icc=false');
    await made.run('db', '--expose 80', SERVER);
    await made.run('web', '-p 8080:80', SERVER);
    await made.run('api', '--link db:storage');
    await made.serving({ from: 'host', to: 'container:db', port: 80 });
    await check('icc-false', made, [
      ...['api container:db:80', 'web container:db:80', 'api container:web:80', 'api container:db'],
      ...['api 10.73.0.1:8080', 'db 10.99.0.1:8080', 'db 10.99.0.2:80', 'host container:db:80'],
      ...['netns:client 10.99.0.1:8080', 'api storage:80'],
    ]);
  });

  test('a bridge of one’s own as the default network', async () => {
    const made = await machine();
    await made.run('host', 'ip link add br0 type bridge');
    await made.run('host', 'ip address add 10.74.0.1/24 dev br0');
    await made.run('host', 'ip link set br0 up');
    const own = await engineWith(true, '-b', 'br0');
    await own.run('web', '-p 8080:80', SERVER);
    await own.run('api', '');
    await own.serving({ from: 'host', to: 'container:web', port: 80 });
    await check('own-bridge', own, [
      ...['api container:web:80', 'host 127.0.0.1:8080', 'netns:client 10.99.0.1:8080', 'api 10.74.0.1:8080'],
      ...['web 10.99.0.1:8080', 'api 10.99.0.2:80', 'netns:client container:web:80'],
    ]);
  });
});
