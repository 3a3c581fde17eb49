import { expect, test } from 'vitest';
import { proxySettings } from '../../../diagnostics/collect/docker/proxy-settings.ts';
import { proxyFor } from '../../../diagnostics/question/proxy-rules.ts';

test.each([
  [['http_proxy=http://proxy:3128'], { http: { host: 'proxy', port: 3128 }, noProxy: [] }],
  [['HTTPS_PROXY=https://a:b@proxy'], { https: { host: 'proxy', port: 443 }, noProxy: [] }],
  [['all_proxy=socks5h://[fd00::1]'], { all: { host: 'fd00::1', port: 1080 }, noProxy: [] }],
  [
    ['http_proxy=proxy:80', 'no_proxy=a, b ,,.c'],
    { http: { host: 'proxy', port: 80 }, noProxy: ['a', 'b', '.c'] },
  ],
  [
    ['HTTP_PROXY=http://loud:1', 'http_proxy=http://soft:2'],
    { http: { host: 'soft', port: 2 }, noProxy: [] },
  ],
  [['http_proxy='], undefined],
  [['http_proxy=::::'], undefined],
  [['no_proxy=a', 'PATH=/bin'], undefined],
])('%j', (environment, expected) => {
  expect(proxySettings(environment)).toEqual(expected);
});

const settings = (noProxy: readonly string[]) => ({
  http: { host: 'h', port: 1 },
  https: { host: 's', port: 2 },
  noProxy,
});

test.each([
  ['api', 80, [], 'http_proxy'],
  ['api', 443, [], 'https_proxy'],
  ['api', 5432, [], null],
  ['localhost', 80, [], null],
  ['api', 80, ['api'], null],
  ['api.corp.test', 80, ['.corp.test'], null],
  ['api.corp.test', 80, ['corp.test'], null],
  ['apicorp.test', 80, ['corp.test'], 'http_proxy'],
  ['10.1.2.3', 80, ['10.0.0.0/8'], null],
  ['10.1.2.3', 80, ['10.1.2.4'], 'http_proxy'],
  ['api', 80, ['api:8080'], 'http_proxy'],
  ['api', 8080, ['api:8080'], null],
  ['api', 80, ['*'], null],
] as const)('%s:%i with no_proxy %j: %s', (host, port, noProxy, variable) => {
  expect(proxyFor(settings(noProxy), host, port)?.variable ?? null).toBe(variable);
});
