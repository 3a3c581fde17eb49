import * as vscode from 'vscode';
import type { SessionClient } from '../../labs/session/client.ts';
import type { LabStatus, Method, Requests, SessionEvent } from '../../labs/session/protocol.ts';
import { language, say } from '../language.ts';
import { LabNetwork, type LabSession } from '../networks/lab.ts';
import { Problem } from '../problem.ts';

/** A running lab, seen through its session: its live status, its network, and what can be asked of it. */
export class RunningLab implements LabSession, vscode.Disposable {
  /** The sandbox's name: `<lab id>` or `<lab id>-2` … */
  readonly sandbox: string;
  readonly lab: string;
  readonly network: LabNetwork;
  readonly #client: SessionClient;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #gone = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  /** Once: the lab was stopped, or its process died. */
  readonly onDidEnd = this.#gone.event;
  #status: LabStatus | null = null;
  #ended = false;

  private constructor(sandbox: string, lab: string, client: SessionClient) {
    this.sandbox = sandbox;
    this.lab = lab;
    this.#client = client;
    this.network = new LabNetwork(this);
  }

  /** @throws where nobody answers at the socket, or the lab ends meanwhile */
  static async connect(sandbox: string, lab: string, socket: string): Promise<RunningLab> {
    const { connectSession } = await import('../../labs/session/client.ts');
    const client = await connectSession(socket);
    const running = new RunningLab(sandbox, lab, client);
    client.onEvent((event) => running.#take(event));
    client.onClose(() => running.#end());
    try {
      await running.speakAgain();
      running.#requireLife();
    } catch (error) {
      running.dispose();
      throw error;
    }
    return running;
  }

  get status(): LabStatus | null {
    return this.#status;
  }

  get title(): string {
    return this.#status?.lab.title ?? this.lab;
  }

  /** Subscribes in the language that holds now. */
  async speakAgain(): Promise<void> {
    await this.refresh();
    await this.request('subscribe', { language: language() });
  }

  async refresh(): Promise<void> {
    this.#update(await this.request('status', { language: language() }));
  }

  /** Asks the session. @throws Problem */
  async request<M extends Method>(
    method: M,
    params: Requests[M]['params'],
    signal?: AbortSignal,
  ): Promise<Requests[M]['result']> {
    this.#requireLife();
    try {
      return await this.#client.request(method, params, signal);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'gone')
        throw new Problem(say('The lab "{0}" is not running any more.', this.title));
      throw new Problem(error instanceof Error ? error.message : String(error));
    }
  }

  /** A request whose answer is the lab's new status. @throws Problem */
  async act<M extends 'check' | 'break' | 'reset'>(
    method: M,
    params: Requests[M]['params'],
  ): Promise<LabStatus> {
    const status: LabStatus = await this.request(method, params);
    this.#update(status);
    return status;
  }

  /** @throws Problem once it has ended */
  #requireLife(): void {
    if (this.#ended) throw new Problem(say('The lab "{0}" is not running any more.', this.title));
  }

  #take(event: SessionEvent): void {
    switch (event.event) {
      case 'status':
        this.#update(event.status);
        return;
      case 'topology':
        this.network.update(event.topology);
        return;
      case 'stopping':
        this.#end();
        return;
    }
  }

  #update(status: LabStatus): void {
    this.#status = status;
    this.#changed.fire();
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.network.dispose();
    this.#gone.fire();
  }

  dispose(): void {
    this.#client.close();
    this.#end();
    this.#changed.dispose();
    this.#gone.dispose();
  }
}
