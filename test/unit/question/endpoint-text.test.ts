import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseEndpoint } from '../../../diagnostics/question/endpoint-text.ts';
import { QuestionError } from '../../../diagnostics/question/question-error.ts';

describe('an end of a question', () => {
  test.each([
    ['host', null, { type: 'host' }, null],
    ['host:80', null, { type: 'host' }, 80],
    ['netns:red', null, { type: 'netns', name: 'red' }, null],
    ['netns:red:8080', null, { type: 'netns', name: 'red' }, 8080],
    ['netns:a:b', null, { type: 'netns', name: 'a:b' }, null],
    ['netns:$(reboot)', null, { type: 'netns', name: '$(reboot)' }, null],
    ['container:web', null, { type: 'container', name: 'web' }, null],
    ['container:web:80', null, { type: 'container', name: 'web' }, 80],
    ['pid:42', null, { type: 'pid', pid: 42 }, null],
    ['fd:42.7:80', null, { type: 'fd', pid: 42, descriptor: 7 }, 80],
    ['10.0.0.1', null, { type: 'address', address: '10.0.0.1' }, null],
    ['10.0.0.1:53', null, { type: 'address', address: '10.0.0.1' }, 53],
    ['fd00::0:1', null, { type: 'address', address: 'fd00::1' }, null],
    ['[fd00::1]:443', null, { type: 'address', address: 'fd00::1' }, 443],
    ['[fd00::1]', null, { type: 'address', address: 'fd00::1' }, null],
    ['[fe80::0:1%eth0]:80', null, { type: 'address', address: 'fe80::1', device: 'eth0' }, 80],
    ['fe80::1%br-a.b', null, { type: 'address', address: 'fe80::1', device: 'br-a.b' }, null],
    ['[::ffff:10.0.0.1]:80', null, { type: 'address', address: '10.0.0.1' }, 80],
    ['0.0.0.0:80', null, { type: 'address', address: '127.0.0.1' }, 80],
    ['[::]:80', null, { type: 'address', address: '::1' }, 80],
    ['outside', null, { type: 'outside' }, null],
    ['outside:10.9.9.9', null, { type: 'outside', address: '10.9.9.9' }, null],
    ['outside@eth0', null, { type: 'outside', device: 'eth0' }, null],
    ['outside:10.9.9.9@eth0', null, { type: 'outside', address: '10.9.9.9', device: 'eth0' }, null],
    ['outside:fd00::1@eth0', null, { type: 'outside', address: 'fd00::1', device: 'eth0' }, null],
    ['db', null, { type: 'word', word: 'db' }, null],
    ['db.example.org:5432', null, { type: 'word', word: 'db.example.org' }, 5432],
    ['hosting', null, { type: 'word', word: 'hosting' }, null],
    ['h1/netns:red', 'h1', { type: 'netns', name: 'red' }, null],
    ['h1/container:web:80', 'h1', { type: 'container', name: 'web' }, 80],
  ])('%s', (text, host, endpoint, port) => {
    expect(parseEndpoint(text)).toEqual({ host, endpoint, port });
  });

  test.each([
    ['web:53/udp', null, { type: 'word', word: 'web' }, 53, 'udp'],
    ['h1/container:web:80/tcp', 'h1', { type: 'container', name: 'web' }, 80, 'tcp'],
    ['[fd00::1]:53/udp', null, { type: 'address', address: 'fd00::1' }, 53, 'udp'],
    ['h1/udp', 'h1', { type: 'word', word: 'udp' }, null, undefined],
  ])('%s: a port as engines write it', (text, host, endpoint, port, protocol) => {
    expect(parseEndpoint(text)).toEqual({ host, endpoint, port, protocol });
  });

  test.each([
    ['http://10.0.0.1/health?a=b/c', 'it is a URL; write 10.0.0.1:80'],
    ['HTTPS://shop.example/', 'it is a URL; write shop.example:443'],
    ['http://web:8080', 'it is a URL; write web:8080'],
    ['postgres://ann:secret@db:5432/shop', 'it is a URL; write db:5432'],
    ['https://[fd00::1]/', 'it is a URL; write [fd00::1]:443'],
    ['redis://cache', 'it is a URL; write cache'],
    ['10.0.0.1:80/sctp', 'a port is followed by /tcp or /udp'],
    ['web:80/', 'a port is followed by /tcp or /udp'],
  ])('%s: what a program takes, and a question does not', (text, why) => {
    expect(() => parseEndpoint(text)).toThrow(why);
  });

  test.each([
    ['', 'malformed-endpoint'],
    ['  ', 'malformed-endpoint'],
    ['netns:', 'malformed-endpoint'],
    ['container:', 'malformed-endpoint'],
    ['pid:', 'malformed-endpoint'],
    ['pid:0', 'malformed-endpoint'],
    ['pid:x', 'malformed-endpoint'],
    [':80', 'malformed-endpoint'],
    ['fe80::1%eth0:80', 'malformed-endpoint'],
    ['10.0.0.0/24', 'malformed-endpoint'],
    ['a/b/c', 'malformed-endpoint'],
    ['web\u0000', 'malformed-endpoint'],
    ['host@eth0', 'malformed-endpoint'],
    ['outside@', 'malformed-endpoint'],
    ['10.0.0.256', 'malformed-address'],
    ['10.0.0', 'malformed-address'],
    ['010.0.0.1', 'malformed-address'],
    ['fd00::g', 'malformed-address'],
    ['fd00::1%eth0', 'malformed-endpoint'],
    ['fe80::1%', 'malformed-endpoint'],
    ['outside:fe80::1%eth0', 'malformed-address'],
    ['[10.0.0.1', 'malformed-endpoint'],
    ['web:0', 'malformed-port'],
    ['web:65536', 'malformed-port'],
    ['web:http', 'malformed-port'],
    ['web:-1', 'malformed-port'],
    ['web:', 'malformed-port'],
    ['netns:red:99999', 'malformed-port'],
  ])('refuses %j (%s)', (text, reason) => {
    expect(() => parseEndpoint(text)).toThrow(expect.objectContaining({ name: 'QuestionError', reason }));
  });

  test('any text is understood or refused with one clean line, never anything else', () => {
    const ends = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .tuple(fc.constantFrom('netns:', 'container:', 'pid:', 'outside:', 'host', '[', ''), fc.string())
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(ends, (text) => {
        try {
          const { port } = parseEndpoint(text);
          expect(port === null || (port >= 1 && port <= 65535)).toBe(true);
        } catch (error) {
          expect(QuestionError.is(error)).toBe(true);
          expect((error as Error).message).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
