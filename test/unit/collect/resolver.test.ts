import { expect, test } from 'vitest';
import { parseResolver } from '../../../diagnostics/collect/resolver.ts';

test('resolv.conf, hosts and nsswitch.conf as a C library reads them', () => {
  const files = parseResolver(
    '127.0.0.1 localhost\n# 10.0.0.1 no\n10.0.0.9\tdb db.example # the database\n\nalone\n',
    'domain old.example\nnameserver 10.0.0.2\n;nameserver 10.0.0.3\nsearch a.example b.example\noptions edns0 ndots:3\nnameserver fe80::1%eth0\nnameserver 1.1.1.1\nnameserver 4.4.4.4\n',
    'passwd: files\nhosts: files mdns4_minimal [NOTFOUND=return] dns\n',
  );
  expect(files).toEqual({
    hosts: [
      { address: '127.0.0.1', names: ['localhost'], line: 1 },
      { address: '10.0.0.9', names: ['db', 'db.example'], line: 3 },
    ],
    nameservers: ['10.0.0.2', 'fe80::1%eth0', '1.1.1.1'],
    search: ['a.example', 'b.example'],
    ndots: 3,
    hostsSources: ['files', 'mdns4_minimal', '[NOTFOUND=return]', 'dns'],
  });
});

test('without files there is no server', () => {
  expect(parseResolver(null, null, null)).toEqual({
    hosts: [],
    nameservers: [],
    search: [],
    ndots: 1,
  });
});

test('options that change who is asked, and how', () => {
  const { options } = parseResolver(
    null,
    'options timeout:1 attempts:3\noptions rotate single-request-reopen use-vc no-aaaa timeout:2 ndots:nonsense\n',
    null,
  );
  expect(options).toEqual({
    ...{ timeout: 2, attempts: 3, rotate: true, singleRequest: true, useVc: true, noAaaa: true },
  });
});
