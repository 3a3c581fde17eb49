import type * as vscode from 'vscode';
import type { Diagnosis } from '../../diagnostics/model/diagnosis.ts';
import type { Protocol } from '../../diagnostics/model/flow.ts';
import type { Topology } from '../../diagnostics/model/topology.ts';

/** "Why can't FROM reach TO?", as the user asked it. */
export interface Question {
  readonly from: string;
  /** May end in `:PORT`. */
  readonly to: string;
  /** Left out: tcp where there is a port, else icmp. */
  readonly protocol?: Protocol;
  readonly port?: number;
}

/** What a fix did. */
export interface Applied {
  /** False where it did not get the packet further and everything was put back. */
  readonly kept: boolean;
  /** The answer after it. */
  readonly diagnosis: Diagnosis;
}

/** A program to run where the user sees it. */
export interface TerminalProgram {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Whether a fix can be applied from here, or why not. */
export type Permission = 'yes' | 'needs-root' | 'untrusted-workspace';

/** A network to look at and to ask about: this machine's, or a running lab's. */
export interface Network {
  /** `machine` or `lab:<sandbox>`. */
  readonly id: string;
  readonly title: string;
  /** The last topology read; null before the first. */
  readonly topology: Topology | null;
  /** After each new topology, and with null when the network is gone. */
  readonly onDidChangeTopology: vscode.Event<Topology | null>;
  /** Reads the topology again. @throws Problem */
  refresh(signal?: AbortSignal): Promise<Topology>;
  /** @throws Problem */
  why(question: Question, signal?: AbortSignal): Promise<Diagnosis>;
  permission(): Permission;
  /** Applies one fix of a cause. The user has seen its commands and said yes. @throws Problem */
  apply(request: ApplyRequest): Promise<Applied>;
  /** Takes back what `apply` did last. @throws Problem */
  undo(request: ApplyRequest): Promise<Diagnosis>;
  /** A shell in a node. @throws Problem */
  shell(endpoint: string): Promise<TerminalProgram>;
}

export interface ApplyRequest {
  readonly question: Question;
  readonly diagnosis: Diagnosis;
  /** Index into `diagnosis.causes`. */
  readonly cause: number;
  /** Index into that cause's `fixes`. */
  readonly fix: number;
}
