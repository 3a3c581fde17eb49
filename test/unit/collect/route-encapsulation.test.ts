import { expect, test } from 'vitest';
import { parseRoutes } from '../../../diagnostics/collect/routes.ts';
import { apartFromEncapsulation } from '../../../diagnostics/collect/route-encapsulation.ts';
import { routeWords } from '../../../diagnostics/fixes/route-words.ts';
import { parseObjects } from '../../../diagnostics/host/external-json.ts';

const END = '"protocol":"boot","scope":"global","flags":[]';

/** As `ip -j -d route` of iproute2 6.1 prints them, with its two `dst` in one object. */
test.each([
  [
    'a tunnel’s number and other end',
    `{"type":"unicast","dst":"10.2.0.0/24","encap":"ip","id":100,"src":"192.168.0.1","dst":"192.168.0.2","ttl":5,"tos":0,"gateway":"172.16.0.2","dev":"vx0",${END}}`,
    'ip id 100 src 192.168.0.1 dst 192.168.0.2 ttl 5 tos 0',
    '10.2.0.0/24 encap ip id 100 src 192.168.0.1 dst 192.168.0.2 ttl 5 tos 0 via 172.16.0.2 dev vx0',
  ],
  [
    'a tunnel over IPv6',
    `{"type":"unicast","dst":"10.2.0.0/24","encap":"ip6","id":100,"src":"::","dst":"fd00::5","hoplimit":0,"tc":0,"dev":"vx0",${END}}`,
    'ip6 id 100 src :: dst fd00::5 hoplimit 0 tc 0',
    '10.2.0.0/24 encap ip6 id 100 src :: dst fd00::5 hoplimit 0 tc 0 dev vx0',
  ],
  [
    'segments before the packet',
    `{"type":"unicast","dst":"10.2.0.0/24","encap":"seg6","mode":"encap","segs":["fd88::2","fd88::3"],"dev":"u0",${END}}`,
    'seg6 mode encap segs fd88::2,fd88::3',
    '10.2.0.0/24 encap seg6 mode encap segs fd88::2,fd88::3 dev u0',
  ],
  [
    'segments inside of the packet',
    `{"type":"unicast","dst":"10.2.0.0/24","encap":"seg6","mode":"inline","segs":["fd88::2","::"],"dev":"u0",${END}}`,
    'seg6 mode inline segs fd88::2',
    '10.2.0.0/24 encap seg6 mode inline segs fd88::2 dev u0',
  ],
  [
    'a nexthop object that wraps',
    `{"type":"unicast","dst":"10.2.0.0/24","nhid":9,"encap":"ip","id":8,"src":"0.0.0.0","dst":"192.168.0.7","ttl":0,"tos":0,"gateway":"172.16.0.5","dev":"vx0",${END}}`,
    'ip id 8 src 0.0.0.0 dst 192.168.0.7 ttl 0 tos 0',
    '10.2.0.0/24 nhid 9',
  ],
])('a route that wraps packets: %s', (_, record, encapsulation, words) => {
  const [route] = parseRoutes(parseObjects(apartFromEncapsulation(`[${record}]`)) ?? [], () => 254);
  expect(route?.destination).toEqual({ address: '10.2.0.0', length: 24 });
  expect(route?.nextHops[0]?.encapsulation).toBe(encapsulation);
  expect(route && routeWords(route).join(' ')).toBe(words);
});
