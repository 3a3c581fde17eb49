import { execa } from 'execa';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Topology } from '../../../diagnostics/model/topology.ts';
import { identify } from '../../../labs/sandbox/process.ts';
import type { LabStatus, Method, SessionEvent } from '../../../labs/session/protocol.ts';

export type Answers = Partial<Record<Method, (params: unknown) => unknown>>;

/**
 * The session of a lab whose every answer a test chooses: names and messages that no real lab would have. A real lab is in
 * test/workbench/whole. It is found as a real one is: by its record in the runtime directory.
 */
export class ScriptedLab implements AsyncDisposable {
  readonly requests: { readonly method: Method; readonly params: unknown }[] = [];
  readonly #clients = new Set<Socket>();
  readonly #server: Server;
  readonly #remove: () => Promise<void>;

  private constructor(server: Server, remove: () => Promise<void>) {
    this.#server = server;
    this.#remove = remove;
  }

  static async start(
    name: string,
    status: LabStatus,
    topology: Topology,
    answers: Answers = {},
  ): Promise<ScriptedLab> {
    const runtime = process.env['HOPLAB_RUNTIME_DIR'];
    if (runtime === undefined)
      throw new Error('HOPLAB_RUNTIME_DIR is not set: run the suite by npm test -- host');
    await mkdir(join(runtime, name), { recursive: true, mode: 0o700 });
    const holder = execa('sleep', ['600'], { reject: false });
    const server = createServer();
    const lab = new ScriptedLab(server, async () => {
      holder.kill('SIGKILL');
      await holder;
      await rm(join(runtime, `${name}.json`), { force: true });
      await rm(join(runtime, name), { recursive: true, force: true });
    });
    server.on('connection', (socket) =>
      lab.#serve(socket, {
        status: () => status,
        map: () => topology,
        subscribe: () => ({ ok: true }),
        guide: () => ({ sections: [] }),
        ...answers,
      }),
    );
    await new Promise<void>((resolve) => server.listen(join(runtime, name, 's'), resolve));
    const process_ = identify(holder.pid ?? 0);
    const record = { schema: 1, name, lab: name, state: 'running', process: process_, map: 'single' };
    await writeFile(join(runtime, `${name}.json`), JSON.stringify(record));
    return lab;
  }

  send(event: SessionEvent): void {
    for (const client of this.#clients) client.write(`${JSON.stringify(event)}\n`);
  }

  #serve(socket: Socket, answers: Answers): void {
    this.#clients.add(socket);
    const ignore = (): void => undefined;
    socket.on('error', ignore);
    socket.on('close', () => this.#clients.delete(socket));
    const lines = createInterface({ input: socket }).on('error', ignore);
    lines.on('line', (line) => {
      const { id, method, params } = JSON.parse(line) as { id: number; method: Method; params: unknown };
      this.requests.push({ method, params });
      const answer = answers[method];
      const reply = answer
        ? { id, result: answer(params) }
        : { id, error: { code: 'failed', message: `nobody scripted ${method}` } };
      socket.write(`${JSON.stringify(reply)}\n`);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
    await this.#remove();
  }
}

/** A lab of one step, one check, one node, one fault; everything else as a test wants it. */
export const statusWith = (changes: Partial<LabStatus> = {}): LabStatus => ({
  lab: { id: 'scripted', title: 'Scripted', summary: 'A lab for tests', minutes: 5 },
  sandbox: 'scripted',
  state: 'running',
  nodes: [{ name: 'red', endpoint: 'netns:red', host: 'lab' }],
  steps: [
    {
      id: 'one',
      title: 'The only step',
      done: false,
      checks: [
        {
          title: 'red reaches blue',
          state: 'fail',
          message: 'red has no route to 10.0.2.2',
          question: { from: 'netns:red', to: '10.0.2.2', protocol: 'tcp', port: 80 },
        },
      ],
      hintsShown: 0,
      hintsTotal: 1,
      solutionShown: false,
    },
  ],
  currentStep: 'one',
  faults: [
    {
      id: 'cut',
      title: 'A cut',
      state: 'available',
      hintsShown: 0,
      hintsTotal: 2,
      symptom: 'red reaches blue',
      question: null,
    },
  ],
  debrief: null,
  ...changes,
});
