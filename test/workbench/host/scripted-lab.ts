import { execa } from 'execa';
import { mkdir, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Topology } from '../../../diagnostics/model/topology.ts';
import { identify } from '../../../labs/sandbox/process.ts';
import { claim, forget, handedIn, update } from '../../../labs/sandbox/record.ts';
import type { LabStatus, Method, SessionEvent } from '../../../labs/session/protocol.ts';

/** What a test has the session answer, and what it does before: it may take its time, and send events. */
export type Answers = Partial<Record<Method, (params: unknown, lab: ScriptedLab) => unknown>>;

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
    await mkdir(runtime, { recursive: true, mode: 0o700 });
    const holder = execa('sleep', ['600'], { reject: false });
    const sleeping = identify(holder.pid ?? 0);
    if (!sleeping) throw new Error('nothing holds the scripted lab');
    // In the order of a real start: a directory without a record would be swept.
    const record = { schema: 1, name, lab: name, process: sleeping, map: 'single' } as const;
    if (!(await claim(runtime, { ...record, state: 'starting' })))
      throw new Error(`a lab "${name}" is there already`);
    await mkdir(handedIn(runtime, name), { mode: 0o700 });
    const server = createServer();
    const lab = new ScriptedLab(server, async () => {
      // Nobody sweeps what a living process holds.
      await rm(handedIn(runtime, name), { recursive: true, force: true });
      await forget(runtime, name);
      holder.kill('SIGKILL');
      await holder;
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
    await new Promise<void>((resolve) => server.listen(join(handedIn(runtime, name), 's'), resolve));
    await update(runtime, { ...record, state: 'running' });
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
    lines.on('line', (line) => void this.#answer(line, socket, answers));
  }

  async #answer(line: string, socket: Socket, answers: Answers): Promise<void> {
    const { id, method, params } = JSON.parse(line) as { id: number; method: Method; params: unknown };
    this.requests.push({ method, params });
    const answer = answers[method];
    const reply = answer
      ? { id, result: await answer(params, this) }
      : { id, error: { code: 'failed', message: `nobody scripted ${method}` } };
    if (!socket.destroyed) socket.write(`${JSON.stringify(reply)}\n`);
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
