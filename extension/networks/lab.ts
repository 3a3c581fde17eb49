import * as vscode from 'vscode';
import type { Diagnosis } from '../../diagnostics/model/diagnosis.ts';
import type { Topology } from '../../diagnostics/model/topology.ts';
import type { LabStatus, Method, Requests, WhyParams } from '../../labs/session/protocol.ts';
import { say, language } from '../language.ts';
import { Problem } from '../problem.ts';
import type { Applied, ApplyRequest, Network, Permission, Question, TerminalProgram } from './network.ts';

/** What of a running lab its network needs. */
export interface LabSession {
  readonly sandbox: string;
  readonly title: string;
  readonly status: LabStatus | null;
  /** @throws Problem */
  request<M extends Method>(
    method: M,
    params: Requests[M]['params'],
    signal?: AbortSignal,
  ): Promise<Requests[M]['result']>;
}

/** The network of a running lab, asked through the lab's session. It is the learner's own: fixes need no privilege. */
export class LabNetwork implements Network, vscode.Disposable {
  readonly id: string;
  readonly #lab: LabSession;
  readonly #changed = new vscode.EventEmitter<Topology | null>();
  readonly onDidChangeTopology = this.#changed.event;
  #topology: Topology | null = null;

  constructor(lab: LabSession) {
    this.#lab = lab;
    this.id = `lab:${lab.sandbox}`;
  }

  get title(): string {
    return this.#lab.title;
  }

  get topology(): Topology | null {
    return this.#topology;
  }

  /** The session says that the network changed, or (null) that it is gone. */
  update(topology: Topology | null): void {
    this.#topology = topology;
    this.#changed.fire(topology);
  }

  async refresh(): Promise<Topology> {
    const topology = await this.#lab.request('map', { language: language() });
    this.update(topology);
    return topology;
  }

  why(question: Question, signal?: AbortSignal): Promise<Diagnosis> {
    return this.#lab.request('why', toParams(question), signal);
  }

  permission(): Permission {
    return 'yes';
  }

  async apply({ question, diagnosis, cause, fix }: ApplyRequest): Promise<Applied> {
    const id = diagnosis.causes[cause]?.id;
    if (id === undefined) throw new Problem(say('This fix belongs to an older answer. Check again.'));
    const result = await this.#lab.request('apply', { ...toParams(question), causes: [id], fix });
    return { kept: result.applied && !result.undone, diagnosis: result.diagnosis };
  }

  undo({ question }: ApplyRequest): Promise<Diagnosis> {
    return this.#lab.request('undo', toParams(question));
  }

  async shell(endpoint: string): Promise<TerminalProgram> {
    const node = this.#lab.status?.nodes.find((one) => one.endpoint === endpoint || one.name === endpoint);
    const { argv, env } = await this.#lab.request('shell', {
      node: node?.name ?? endpoint,
      language: language(),
    });
    const [file, ...args] = argv;
    if (file === undefined) throw new Problem(say('The lab has no shell for {0}.', endpoint));
    return { file, args, env };
  }

  dispose(): void {
    this.update(null);
    this.#changed.dispose();
  }
}

const toParams = (question: Question): WhyParams => ({
  language: language(),
  from: question.from,
  to: question.to,
  ...(question.protocol === undefined ? {} : { protocol: question.protocol }),
  ...(question.port === undefined ? {} : { port: question.port }),
  probe: true,
});
