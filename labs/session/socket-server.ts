import { chmod, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { displayText } from '../../diagnostics/model/display-text.ts';
import type { Language } from '../../diagnostics/model/language.ts';
import type { Request, Requests, Response, SessionEvent } from './protocol.ts';
import { Refusal } from './refusal.ts';
import { parseRequest } from './request-schema.ts';

const LONGEST_LINE = 64 * 1024;
const MOST_CLIENTS = 32;
/** A client that reads nothing while this much waits for it is hung up on. */
const MOST_WAITING_BYTES = 8 * 1024 * 1024;

/** A connection; after `subscribe` it has a language and gets events. */
export interface Client {
  readonly send: (message: Response | SessionEvent) => void;
}

export interface RequestHandler {
  handle(request: Request, client: Client): Promise<Requests[Request['method']]['result']>;
  closed(client: Client): void;
}

/** Serves the session's socket: any number of clients, none of whom can disturb the others or the session. */
export async function serve(path: string, handler: RequestHandler): Promise<void> {
  await rm(path, { force: true });
  const clients = new Set<Socket>();
  const server = createServer((socket) => {
    if (clients.size >= MOST_CLIENTS) {
      socket.destroy();
      return;
    }
    clients.add(socket);
    listenTo(socket, handler, () => clients.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  await chmod(path, 0o600);
}

function listenTo(socket: Socket, handler: RequestHandler, gone: () => void): void {
  const client: Client = {
    send(message) {
      if (socket.destroyed) return;
      socket.write(`${JSON.stringify(message)}\n`);
      if (socket.writableLength > MOST_WAITING_BYTES) socket.destroy();
    },
  };
  socket.setEncoding('utf8');
  socket.on('error', () => undefined);
  socket.once('close', () => {
    gone();
    handler.closed(client);
  });
  let rest = '';
  socket.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    if ([...lines, rest].some((line) => line.length > LONGEST_LINE)) {
      client.send(refused(0, 'bad-request', `A request has ${LONGEST_LINE} bytes at most.`));
      socket.end();
      socket.removeAllListeners('data');
      return;
    }
    for (const line of lines) if (line.trim() !== '') void answer(line, client, handler);
  });
}

const refused = (id: number, code: Refusal['code'], message: string): Response => ({
  id,
  error: { code, message },
});

async function answer(line: string, client: Client, handler: RequestHandler): Promise<void> {
  const request = parseRequest(line);
  if ('problem' in request) {
    client.send(refused(request.id, request.code, displayText(request.problem)));
    return;
  }
  try {
    client.send({ id: request.id, result: await handler.handle(request, client) });
  } catch (error) {
    const language: Language = ('language' in request.params ? request.params.language : undefined) ?? 'en';
    client.send(
      error instanceof Refusal
        ? refused(request.id, error.code, displayText(error.text[language]))
        : refused(request.id, 'failed', displayText(error instanceof Error ? error.message : String(error))),
    );
  }
}
