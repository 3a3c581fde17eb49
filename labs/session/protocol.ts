import type { Diagnosis } from '../../diagnostics/model/diagnosis.ts';
import type { Language } from '../../diagnostics/model/language.ts';
import type { Snapshot } from '../../diagnostics/model/snapshot.ts';
import type { Topology } from '../../diagnostics/model/topology.ts';

/**
 * What a running lab's session process says over its socket: one JSON object a line. A client sends `Request`s and gets
 * one `Response` each, in any order; after `subscribe` it also gets `Event`s until it hangs up.
 */
export interface Requests {
  /** What the lab is and how far the learner is. */
  status: { params: { language: Language }; result: LabStatus };
  /** Checks everything now, with a live probe where a check's definition allows one. */
  check: { params: { language: Language }; result: LabStatus };
  /** The lab's texts, with this learner's names and addresses in them: sections `intro`, one a step (its id), `debrief`, and where there is one, of a fault. */
  guide: { params: { language: Language }; result: GuideResult };
  /** The next hint of a step or of the active fault (default: the active fault, else the first open step). */
  hint: { params: { language: Language; step?: string }; result: HintResult };
  /** Shows, and with `run` executes, a step's solution (or its second, different one). */
  solve: {
    params: { language: Language; step?: string; run: boolean; alternative?: boolean };
    result: SolveResult;
  };
  break: { params: { language: Language; fault: string }; result: LabStatus };
  /** To the start of the lab, or of a step. */
  reset: { params: { language: Language; step?: string }; result: LabStatus };
  /** A question to the engine about the lab's own network. */
  why: { params: WhyParams; result: Diagnosis };
  /** Runs steps of a fix that a diagnosis of this session offered. */
  apply: { params: ApplyParams; result: ApplyResult };
  /** Takes back what the last kept `apply` did; `failed` where there is nothing to take back. */
  undo: { params: WhyParams; result: Diagnosis };
  map: { params: { language?: Language }; result: Topology };
  /** All facts of the lab's network as it is now. */
  snapshot: { params: { language?: Language }; result: Snapshot };
  /** What a terminal in a node has to run; `node` as in `LabStatus.nodes`. */
  shell: { params: { node: string; language?: Language }; result: ShellResult };
  subscribe: { params: { language: Language }; result: { ok: true } };
  stop: { params: Record<string, never>; result: { ok: true } };
}

/** What a client may ask of a session. */
export type Method = keyof Requests;

/** A question of `hoplab why`, of the lab. */
export interface WhyParams {
  language: Language;
  from: string;
  to: string;
  protocol?: 'tcp' | 'udp' | 'icmp';
  port?: number;
  /** Bytes at layer 3 that packets have to pass with, whole. */
  size?: number;
  /** The interface, or VRF, of FROM that what it sends is bound to. */
  device?: string;
  probe: boolean;
}

export interface ApplyParams extends WhyParams {
  /** Ids of causes whose first fix is applied; empty: every cause's. */
  causes: string[];
  /** Instead of the first fix, this one (an index into `fixes`) of each of them. */
  fix?: number;
}

export interface ApplyResult {
  applied: boolean;
  /** True where the flow did not get further and everything was undone. */
  undone: boolean;
  /** The answer after it. */
  diagnosis: Diagnosis;
}

export interface ShellResult {
  argv: string[];
  env: Record<string, string>;
}

/** How far a running lab is. */
export interface LabStatus {
  lab: { id: string; title: string; summary: string; minutes: number };
  /** Names one running sandbox: `<lab id>` or `<lab id>-2` … */
  sandbox: string;
  state: 'starting' | 'running' | 'finished' | 'stopping';
  nodes: NodeStatus[];
  steps: StepStatus[];
  /** The id of the first step that is not done; null when all are. */
  currentStep: string | null;
  faults: FaultStatus[];
  /** Shown when all steps are done: in Markdown. */
  debrief: string | null;
}

/** A place of the lab that a learner may enter. */
export interface NodeStatus {
  name: string;
  /** How a question names it (`netns:red`). */
  endpoint: string;
  host: string;
}

/** How far a step is. */
export interface StepStatus {
  id: string;
  title: string;
  done: boolean;
  checks: CheckStatus[];
  hintsShown: number;
  hintsTotal: number;
  solutionShown: boolean;
}

/** Whether one thing is so. */
export interface CheckStatus {
  /** What must be so, in words. */
  title: string;
  state: 'pass' | 'fail' | 'unknown';
  /** What is not so yet, from the live state; empty where it passes. */
  message: string;
  /** For a reachability check: the question behind it, so that a client can ask `why`. */
  question: { from: string; to: string; protocol: 'tcp' | 'udp' | 'icmp'; port: number | null } | null;
}

/** How far a learner is with a fault. */
export interface FaultStatus {
  id: string;
  title: string;
  state: 'available' | 'active' | 'mended';
  hintsShown: number;
  hintsTotal: number;
  /** What the learner sees of it: the question that fails. */
  symptom: string;
  question: { from: string; to: string; protocol: 'tcp' | 'udp' | 'icmp'; port: number | null } | null;
}

export interface HintResult {
  step: string;
  hint: string | null;
  shown: number;
  total: number;
}

/** A question to the learner about a step; `right` is the index of the answer that is. */
export interface Quiz {
  step: string;
  question: string;
  answers: string[];
  right: number;
  because: string;
}

/** Where there is more to read. */
export interface Reference {
  title: string;
  url: string;
}

/** The guide in the language that was asked for. */
export interface GuideResult {
  /** Markdown; a code block whose info string is `sh red` is to be typed in node red. */
  sections: { id: string; title: string; markdown: string }[];
  quizzes: Quiz[];
  references: Reference[];
}

export interface SolveResult {
  step: string;
  commands: { node: string; argv: string[] }[];
  ran: boolean;
  status: LabStatus;
}

export type Request = { [M in Method]: { id: number; method: M; params: Requests[M]['params'] } }[Method];

export type Response =
  | { id: number; result: unknown }
  | { id: number; error: { code: 'bad-request' | 'unknown' | 'failed' | 'busy'; message: string } };

/** What a session tells its clients unasked. */
export type SessionEvent =
  { event: 'status'; status: LabStatus } | { event: 'topology'; topology: Topology } | { event: 'stopping' };
