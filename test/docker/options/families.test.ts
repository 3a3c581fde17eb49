import { describe, test } from 'vitest';
import { SERVER } from '../../support/docker-case.ts';
import { check, engine, machine } from './option-case.ts';

describe('what facts say of other addresses is what the kernel does', () => {
  test.each([
    ['ipv6', true, []],
    ['ipv6-ip6tables', false, ['--experimental', '--ip6tables']],
  ] as const)('%s', async (name, userlandProxy, words) => {
    const here = await machine();
    await here.run('host', 'sysctl -qw net.ipv6.conf.all.forwarding=1');
    const made = await engine(userlandProxy, '--ipv6', '--fixed-cidr-v6=fd73::/64', ...words);
    const { docker: run } = made.engine;
    await run('network create --ipv6 --subnet 10.70.0.0/24 --subnet fd70::/64 front');
    await run('network create --ipv6 --subnet 10.71.0.0/24 --subnet fd71::/64 back');
    await made.run('web', '--network front --ip6 fd70::80 -p 8080:80', SERVER);
    await made.run('api', '--network front --ip6 fd70::90');
    await made.run('db', '--network back --ip6 fd71::80', SERVER);
    await made.run('old', '--network front', ['busybox', 'httpd', '-f', '-p', '0.0.0.0:80']);
    await made.run('lone', '-p [::1]:8090:80', SERVER);
    const own = await run('inspect -f {{.NetworkSettings.GlobalIPv6Address}} lone');
    // An address is used only after its owner looked for a second one.
    for (const to of ['fd70::80', 'fd71::80', own]) await made.serving({ from: 'host', to, port: 80 });
    await check(name, made, [
      ...['api [fd70::80]:80', 'host [fd70::80]:80', 'host [::1]:8080', 'host [fd99::1]:8080'],
      ...['netns:client [fd99::1]:8080', 'netns:client 10.99.0.1:8080', 'netns:client [fd70::80]:80'],
      ...[
        'db [fd70::80]:80',
        'api [fd71::80]:80',
        'api [fd99::2]:80',
        'host [::1]:8090',
        'api [fd70::1]:8080',
      ],
      ...['web [fd99::1]:8080', 'netns:client [fd99::1]:8090', 'api web:80', 'api old:80'],
    ]);
  });

  test('containers that are on the LAN themselves (macvlan)', async () => {
    await machine();
    const made = await engine(false);
    const { docker: run } = made.engine;
    await run('network create -d macvlan --subnet 10.99.0.0/24 --gateway 10.99.0.1 -o parent=uplink lan');
    await run('network create --subnet 10.70.0.0/24 front');
    await made.run('web', '--network lan --ip 10.99.0.80', SERVER);
    await made.run('api', '--network lan --ip 10.99.0.90');
    await made.run('db', '--network front', SERVER);
    await made.serving({ from: 'netns:client', to: 'container:web', port: 80 });
    await check('macvlan', made, [
      ...['netns:client container:web:80', 'api container:web:80', 'host container:web:80'],
      ...['api 10.99.0.2:80', 'db container:web:80', 'api container:db:80', 'api 10.99.0.1:80'],
    ]);
  });
});
