import { expect, test } from 'vitest';
import { parseRelayTarget } from '../../../diagnostics/collect/relay-target.ts';

test.each([
  [
    'docker-proxy',
    '/usr/sbin/docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 8080 -container-ip 172.17.0.2 -container-port 80',
    { address: '172.17.0.2', port: 80 },
  ],
  [
    'docker-proxy',
    'docker-proxy -proto tcp -host-ip :: -host-port 8080 -container-ip fd00::2 -container-port 80 -use-listen-fd',
    { address: 'fd00::2', port: 80 },
  ],
  ['socat', 'socat TCP-LISTEN:8080,fork,reuseaddr TCP:10.0.0.2:80', { address: '10.0.0.2', port: 80 }],
  ['socat', 'socat -d tcp6-listen:8080 TCP6:[fd00::2]:80,bind=[::1]', { address: 'fd00::2', port: 80 }],
  ['socat', 'socat UDP4-LISTEN:53,fork UDP4:10.0.0.2:5353', { address: '10.0.0.2', port: 5353 }],
  // A name means what the relay's own resolver says.
  ['socat', 'socat TCP-LISTEN:8080 TCP:db:80', null],
  ['socat', 'socat TCP-LISTEN:8080 EXEC:/bin/cat', null],
  ['docker-proxy', 'docker-proxy -container-ip', null],
  ['nginx', 'nginx TCP:10.0.0.2:80', null],
  ['constructor', 'constructor', null],
] as const)('%s: %s', (program, line, expected) => {
  expect(parseRelayTarget(program, line.split(' '))).toEqual(expected);
});
