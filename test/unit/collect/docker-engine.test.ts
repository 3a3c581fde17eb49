import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askEngine } from '../../../diagnostics/collect/docker/engine.ts';

let directory: string;
const close: (() => void)[] = [];
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'socket-'));
});
afterAll(async () => {
  for (const one of close) one();
  await rm(directory, { recursive: true });
});

/** Something that listens on a socket file and is not an engine. */
async function listening(name: string, answer: (socket: Socket) => void): Promise<string> {
  const path = join(directory, name);
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', () => {
      answer(socket);
    });
  });
  await new Promise<void>((ready) => server.listen(path, ready));
  close.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `unix://${path}`;
}

const http = (status: string, body: string): string =>
  `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`;

const answers: readonly (readonly [string, (socket: Socket) => void, RegExp])[] = [
  ['a web server', (socket) => socket.end(http('200 OK', '<html>hello</html>')), /is not a Docker engine/],
  [
    'another JSON service',
    (socket) => socket.end(http('200 OK', '{"Version":"1"}')),
    /is not a Docker engine/,
  ],
  ['an SSH server', (socket) => socket.end('SSH-2.0-OpenSSH\r\n'), /is not a Docker engine/],
  [
    'an engine in trouble',
    (socket) => socket.end(http('500 Oops', '{"message":"\u001b[31mno"}')),
    /HTTP status 500/,
  ],
  ['one that never answers', () => undefined, /did not answer/],
  [
    'one whose answer is cut off',
    (socket) => socket.end(http('200 OK', '{"Version":"1","ApiVersion":"1.41"}').slice(0, -9)),
    /did not answer/,
  ],
];

test.each(answers)('%s on the socket: one sentence that says what to do', async (name, answer, said) => {
  const url = await listening(name.replaceAll(' ', '-'), answer);
  const fact = await askEngine({ url, named: true });
  expect(fact).toEqual({ state: 'denied', reason: expect.stringMatching(said) as unknown });
  const reason = fact.state === 'denied' ? fact.reason : '';
  expect(reason).toContain(url);
  expect(reason).toMatch(/^[A-Z][^\n\u001b]*: (correct|see) [^\n\u001b]*\.$/);
});

test('a socket that nobody listens on, a plain file, nothing at all', async () => {
  await writeFile(join(directory, 'file'), '');
  for (const name of ['file', 'nothing']) {
    const url = `unix://${join(directory, name)}`;
    expect(await askEngine({ url, named: true })).toMatchObject({
      state: 'denied',
      reason: expect.stringMatching(/^There is no Docker engine at .*: start it, or correct/) as unknown,
    });
    // The default socket is no promise that there is an engine.
    expect(await askEngine({ url, named: false })).toEqual({ state: 'absent' });
  }
});

test('an engine behind TLS without its certificates', async () => {
  const fact = await askEngine({ url: 'tcp://127.0.0.1:2376', named: true, certificates: directory });
  expect(fact).toMatchObject({
    reason: expect.stringMatching(/certificate .*pem could not be read/) as unknown,
  });
});
