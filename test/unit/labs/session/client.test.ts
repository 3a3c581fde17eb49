import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectSession, type SessionClient } from '../../../../labs/session/client.ts';
import type { SessionEvent } from '../../../../labs/session/protocol.ts';

/** A session that answers as a test says. */
let directory: string;
let server: Server;
let peer: Socket;
let client: SessionClient;
let requests: { id: number; method: string }[];
let received: (count: number) => Promise<void>;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'client-'));
  const path = join(directory, 's');
  requests = [];
  let heard = (): void => undefined;
  received = async (count) => {
    while (requests.length < count) await new Promise<void>((resolve) => (heard = resolve));
  };
  const connected = new Promise<Socket>((resolve) => {
    server = createServer((socket) => {
      createInterface({ input: socket }).on('line', (line) => {
        requests.push(JSON.parse(line) as { id: number; method: string });
        heard();
      });
      resolve(socket);
    }).listen(path);
  });
  await new Promise((resolve) => server.once('listening', resolve));
  client = await connectSession(path);
  peer = await connected;
});

afterEach(async () => {
  client.close();
  peer.destroy();
  await new Promise((resolve) => server.close(resolve));
  await rm(directory, { recursive: true });
});

const say = (message: unknown): boolean => peer.write(`${JSON.stringify(message)}\n`);

describe('a client of a lab’s session', () => {
  it('gives each request its own answer, in whatever order they come', async () => {
    const map = client.request('map', {});
    const stop = client.request('stop', {});
    await received(2);
    say({ id: requests[1]?.id, result: { ok: true } });
    say({ id: requests[0]?.id, result: { schema: 1, nodes: [], edges: [] } });
    expect(await stop).toEqual({ ok: true });
    expect(await map).toEqual({ schema: 1, nodes: [], edges: [] });
  });

  it('takes an answer that arrives in pieces', async () => {
    const stop = client.request('stop', {});
    await received(1);
    peer.write('{"id":1,"res');
    peer.write('ult":{"ok":true}}\n');
    expect(await stop).toEqual({ ok: true });
  });

  it('passes a refusal on in the session’s words', async () => {
    const stop = client.request('stop', {});
    await received(1);
    say({ id: 1, error: { code: 'busy', message: 'The lab is being reset.' } });
    await expect(stop).rejects.toMatchObject({ code: 'busy', message: 'The lab is being reset.' });
  });

  it('tells events to who listens', async () => {
    const event = new Promise<SessionEvent>((resolve) => client.onEvent(resolve));
    say({ event: 'stopping' });
    expect(await event).toEqual({ event: 'stopping' });
  });

  it('gives up what was asked when the session dies, and what is asked later', async () => {
    const closed = new Promise<void>((resolve) => client.onClose(resolve));
    const map = client.request('map', {});
    await received(1);
    peer.destroy();
    await expect(map).rejects.toMatchObject({ code: 'gone' });
    await closed;
    await expect(client.request('map', {})).rejects.toMatchObject({ code: 'gone' });
  });

  it('lets the user stop waiting', async () => {
    const controller = new AbortController();
    const map = client.request('map', {}, controller.signal);
    controller.abort(new Error('cancelled'));
    await expect(map).rejects.toThrow('cancelled');
  });

  it('says so where nobody listens', async () => {
    await expect(connectSession(join(directory, 'nobody'))).rejects.toMatchObject({ code: 'gone' });
  });
});
