import { afterEach, describe, expect, test } from 'vitest';
import { dockerCase, SERVER, type DockerCase } from '../support/docker-case.ts';
import { askTable, differences, tableText } from '../support/docker-table.ts';
import { startEngine } from '../support/docker.ts';
import { buildNetwork, type TestNetwork } from '../support/network.ts';

/**
 * A real engine under each set of options, and the same kind of questions to all: the answer from facts alone has to be the
 * kernel's. What came out is kept in option-table.txt.
 */
let net: TestNetwork | null = null;
let docker: DockerCase | null = null;
afterEach(async () => {
  await docker?.engine.close();
  // So that the next engine closes FORWARD, as it does where it is the first to forward.
  await net?.run('host', 'sysctl -qw net.ipv4.ip_forward=0');
  await net?.close();
  [net, docker] = [null, null];
});

/** client is beyond the engine's host, which has 10.99.0.1 and 10.98.0.1 towards it. */
async function machine(): Promise<TestNetwork> {
  const made = await buildNetwork();
  net = made;
  // Each engine begins on a machine without rules: an engine before leaves its own behind.
  for (const tool of ['iptables', 'ip6tables'])
    for (const words of ['-P FORWARD ACCEPT', '-F', '-X', '-t nat -F', '-t nat -X'])
      await made.run('host', `${tool} ${words}`);
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

async function engine(userlandProxy: boolean, ...words: readonly string[]): Promise<DockerCase> {
  const made = dockerCase(await startEngine({ userlandProxy, arguments: ['--bip=10.73.0.1/24', ...words] }));
  docker = made;
  return made;
}

/** front and back are networks of a user, inner is internal. */
async function usual(made: DockerCase): Promise<void> {
  const { docker: run } = made.engine;
  await run('network create --subnet 10.70.0.0/24 front');
  await run('network create --subnet 10.71.0.0/24 back');
  await run('network create --internal --subnet 10.72.0.0/24 inner');
  const ports = ['8080:80', '127.0.0.1:8081:80', '10.98.0.1:8082:80', '9100-9101:80-81', '5300:53/udp'];
  await made.run(
    'web',
    `--network front ${ports.map((port) => `-p ${port}`).join(' ')} --network-alias shop`,
    SERVER,
  );
  await Promise.all([
    made.run('api', '--network front'),
    made.run('db', '--network back', SERVER),
    made.run('two', '--network front').then(() => run('network connect back two')),
    made.run('lone', '-p 8090:80', SERVER),
    made.run('safe', '--network inner', SERVER),
    made.run('job', '--network none', SERVER),
    made.run('onhost', '--network host'),
    made.run('sidecar', '--network container:web'),
  ]);
  await made.run('told', '--link lone:friend --add-host far:10.99.0.2');
  await made.serving({ from: 'host', to: 'container:web', port: 80 });
}

/** Questions about published ports, from everywhere. */
const PUBLISHED = [
  ...[
    'host 127.0.0.1:8080',
    'host 10.99.0.1:8080',
    'netns:client 10.99.0.1:8080',
    'netns:client 10.98.0.1:8080',
  ],
  ...['host 127.0.0.1:8081', 'host 10.99.0.1:8081', 'netns:client 10.99.0.1:8081', 'host 10.98.0.1:8082'],
  ...['host 127.0.0.1:8082', 'netns:client 10.98.0.1:8082', 'netns:client 10.99.0.1:8082'],
  ...['netns:client 10.99.0.1:9100', 'netns:client 10.99.0.1:9101', 'host 127.0.0.1:9101'],
  ...['netns:client 10.99.0.1:5300/udp', 'netns:client 10.99.0.1:80', 'netns:client container:web:80'],
  ...[
    'api 10.70.0.1:8080',
    'api 10.99.0.1:8080',
    'api 10.98.0.1:8082',
    'web 10.70.0.1:8080',
    'web 10.99.0.1:8080',
  ],
  ...['web localhost:8080', 'db 10.71.0.1:8080', 'db 10.99.0.1:8080', 'lone 10.99.0.1:8080'],
  ...[
    'onhost 127.0.0.1:8080',
    'api container:onhost:8080',
    'host 10.99.0.1:8090',
    'netns:client 10.99.0.1:8090',
  ],
];

/** Questions about networks. */
const NETWORKS = [
  ...[
    'host container:web:80',
    'api web:80',
    'api container:web',
    'api container:web:8080',
    'api 10.99.0.2:80',
  ],
  ...['web 127.0.0.1:80', 'db container:web:80', 'two container:web:80', 'two container:db:80'],
  ...['lone container:web:80', 'told container:lone:80', 'told far:80', 'api container:lone:80'],
  ...[
    'safe 10.99.0.2:80',
    'host container:safe:80',
    'netns:client container:safe:80',
    'api container:safe:80',
  ],
  ...['job container:web:80', 'api container:job:80', 'onhost container:web:80', 'sidecar 127.0.0.1:80'],
  ...['sidecar 10.99.0.2:80'],
];

async function check(name: string, made: DockerCase, questions: readonly string[]): Promise<void> {
  const rows = await askTable(made, questions);
  expect(differences(rows), tableText(rows)).toEqual([]);
  await expect(`${tableText(rows)}\n`).toMatchFileSnapshot(`option-table/${name}.txt`);
}

describe('what facts say is what the kernel does', () => {
  test('published by the userland proxy and rules', { timeout: 200_000 }, async () => {
    await machine();
    const made = await engine(true);
    await usual(made);
    await check('userland-proxy', made, [...PUBLISHED, ...NETWORKS]);
  });

  test('published by rules alone', { timeout: 200_000 }, async () => {
    await machine();
    const made = await engine(false);
    await usual(made);
    await check('no-userland-proxy', made, PUBLISHED);
  });

  test('an engine that may write no rules', { timeout: 200_000 }, async () => {
    await machine();
    const made = await engine(true, '--iptables=false');
    await usual(made);
    await check(
      'no-iptables',
      made,
      [...PUBLISHED, ...NETWORKS].filter((_, index) => index % 2 === 0),
    );
  });

  test('containers of the default network kept apart, but for links', { timeout: 200_000 }, async () => {
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

  test('a bridge of one’s own as the default network', { timeout: 200_000 }, async () => {
    const made = await machine();
    await made.run('host', 'ip link add br0 type bridge');
    await made.run('host', 'ip address add 10.74.0.1/24 dev br0');
    await made.run('host', 'ip link set br0 up');
    const own = dockerCase(await startEngine({ userlandProxy: true, arguments: ['-b', 'br0'] }));
    docker = own;
    await own.run('web', '-p 8080:80', SERVER);
    await own.run('api', '');
    await own.serving({ from: 'host', to: 'container:web', port: 80 });
    await check('own-bridge', own, [
      ...['api container:web:80', 'host 127.0.0.1:8080', 'netns:client 10.99.0.1:8080', 'api 10.74.0.1:8080'],
      ...['web 10.99.0.1:8080', 'api 10.99.0.2:80', 'netns:client container:web:80'],
    ]);
  });

  test.each([
    ['ipv6', true, []],
    ['ipv6-ip6tables', false, ['--experimental', '--ip6tables']],
  ] as const)('%s', { timeout: 200_000 }, async (name, userlandProxy, words) => {
    const here = await machine();
    await here.run('host', 'sysctl -qw net.ipv6.conf.all.forwarding=1');
    const made = await engine(userlandProxy, '--ipv6', '--fixed-cidr-v6=fd73::/64', ...words);
    const { docker: run } = made.engine;
    await run('network create --ipv6 --subnet 10.70.0.0/24 --subnet fd70::/64 front');
    await run('network create --ipv6 --subnet 10.71.0.0/24 --subnet fd71::/64 back');
    await made.run('web', '--network front --ip6 fd70::80 -p 8080:80', SERVER);
    await made.run('api', '--network front --ip6 fd70::90');
    await made.run('db', '--network back --ip6 fd71::80', SERVER);
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
      ...['web [fd99::1]:8080', 'netns:client [fd99::1]:8090', 'api web:80'],
    ]);
  });

  test('containers that are on the LAN themselves (macvlan)', { timeout: 200_000 }, async () => {
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
