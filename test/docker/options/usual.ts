import { SERVER, type DockerCase } from '../../support/docker-case.ts';

/** front and back are networks of a user, inner is internal. */
export async function usual(made: DockerCase): Promise<void> {
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
export const PUBLISHED = [
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
export const NETWORKS = [
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
