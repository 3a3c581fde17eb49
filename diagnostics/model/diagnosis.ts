import type { Packet } from './packet.ts';
import type { HostId, NamespaceId } from './ids.ts';
import type { NameAnswer } from './dns-answer.ts';
import type { Protocol } from './flow.ts';
import type { OtherFlows } from './flow-effects.ts';
import type { Trace } from './trace.ts';

/**
 * `partial`: some packets, addresses or connections get through and others do not. `unknown`: a fact or an answer is missing
 * that would decide.
 */
export type WhyVerdict = 'reachable' | 'unreachable' | 'partial' | 'unknown';

/**
 * What the asker's own socket met. `closed-early`: a connection was accepted and closed before a word; `not-run`: nobody
 * asked, or nobody could.
 */
export type ProbeOutcome =
  | 'reply'
  | 'refused'
  | 'timeout'
  | 'unreachable'
  | 'prohibited'
  | 'too-big'
  | 'name-unresolved'
  | 'closed-early'
  | 'not-run';

/** What the kernel answered, and whether the walk had said so. */
export interface ProbeResult {
  readonly outcome: ProbeOutcome;
  /** Whether the prediction said the same; null where either is not conclusive. */
  readonly agrees: boolean | null;
  readonly milliseconds: number | null;
  /** What the kernel or the tool said, one line. */
  readonly detail: string;
  /** Large packets in each direction in which they were tried. */
  readonly sizes?: readonly ProbedSizes[];
  /** The ICMP error that came back. `namespace`: whose address it is, as `namespaceLabel` says it; null: nobody's here. */
  readonly icmp?: { readonly from: string; readonly namespace: string | null; readonly says: string };
  /** Of a datagram that nobody answered: what was seen at the receiver. `namespace`: as `namespaceLabel` says it. */
  readonly arrival?: {
    readonly namespace: string;
    readonly fate: ArrivalFate;
    /** The interface it came by, where that was seen. */
    readonly device: string | null;
  };
}

/**
 * What became of a datagram at its receiver. `taken`: a program read it; `waiting`: it lies in a socket that no program reads;
 * `buffer-full`: it was lost at such a socket; `no-listener`: nothing listens on the port; `not-taken`: no socket got it (where
 * nobody could look at the interfaces); `stopped`: it came in by an interface, and no socket got it; `never`: it did not come.
 */
export type ArrivalFate =
  'taken' | 'waiting' | 'buffer-full' | 'no-listener' | 'not-taken' | 'stopped' | 'never';

/** Echo requests that nobody may fragment, of several sizes. */
export interface ProbedSizes {
  readonly direction: 'forward' | 'back';
  /**
   * `adapts`: the sender is told of a smaller size, which passes; `lost`: it is told nothing; `unclear`: not even small ones are
   * answered.
   */
  readonly fate: 'passes' | 'adapts' | 'lost' | 'unclear';
  /** Bytes at layer 3: the largest that was answered, and the smallest that vanished. */
  readonly passes: number | null;
  readonly vanishes: number | null;
}

/** A fact that proves a cause, as its source shows it. */
export interface Evidence {
  /** Where it can be read again: a path, or a command. */
  readonly source: string;
  readonly text: string;
}

/** One command of a fix, and where it runs. */
export interface FixStep {
  readonly kind: 'exec' | 'write-file' | 'engine';
  readonly host: HostId;
  /** As `namespaceLabel` says it; null for an engine's command. */
  readonly namespace: string | null;
  /** How the engine is asked where that container is, where the usual client would ask another one (`Engine.client`). */
  readonly client?: readonly string[];
  readonly argv: readonly string[];
}

/** One way to mend a cause: commands, in order, and those that take them back. */
export interface Fix {
  readonly title: string;
  readonly steps: readonly FixStep[];
  readonly undo: readonly FixStep[];
  /** How to make it last over a reboot; null where it does by itself. */
  readonly permanent: string | null;
  /** Whether a walk on the mended facts arrives (together with the first fixes of the other causes). */
  readonly proven: boolean;
  /** What else it changes, a sentence each. */
  readonly sideEffects: readonly string[];
  /** What it does to other flows, where that was asked for and the fix is proven. */
  readonly otherFlows?: OtherFlows;
}

/** How sure a cause is: `possible` where the kernel answered otherwise than the walk foretold. */
export type Certainty = 'certain' | 'likely' | 'possible';

/** Why it fails, said in the language that was asked for. */
export interface Cause {
  /** An id of the closed list (CAUSES). */
  readonly id: string;
  readonly host: HostId;
  /** As `namespaceLabel` says it. */
  readonly namespace: string;
  readonly certainty: Certainty;
  /** The facts of the cause, from which any client can say it in any language. */
  readonly params: Readonly<Record<string, string | number | boolean | null>>;
  readonly summary: string;
  readonly explanation: string;
  readonly evidence: readonly Evidence[];
  readonly fixes: readonly Fix[];
}

/** A part of the answer that is walked by itself: accepting is not reaching. */
export interface Leg {
  readonly kind: 'direct' | 'dns' | 'relay' | 'underlay';
  readonly flow: {
    readonly from: string;
    readonly to: string;
    readonly protocol: Packet['protocol'];
    readonly port: number | null;
  };
  readonly forward: Trace;
  readonly back: Trace | null;
  /** Large packets where they do not simply pass. */
  readonly large?: readonly LargeWay[];
  /** One of several ways that the kernel draws between for each connection; those that fail, and one or more that arrive. */
  readonly chance?: { readonly way: number; readonly of: number };
  /** Of a `dns` leg: what the server was really asked, in order, and what it said. */
  readonly queries?: readonly NameAnswer[];
}

/**
 * What becomes of packets as large as their sender makes them. `cut`: nothing that follows the opening of the connection gets
 * through, of whatever size.
 */
export interface LargeWay {
  readonly direction: 'forward' | 'back';
  readonly fate: 'adapts' | 'lost' | 'cut';
  /** Bytes at layer 3: what the sender begins with, and the largest that passes. */
  readonly first: number;
  readonly passes: number | null;
  /** Where the first ones end, or the last ones that were tried. */
  readonly trace: Trace;
  /** The message that should tell the sender; null: there is none. */
  readonly notice: Trace | null;
}

/** The answer to `why`: exactly what `--json` prints. */
export interface Diagnosis {
  readonly schema: 1;
  readonly flow: {
    readonly from: string;
    readonly to: string;
    readonly protocol: Protocol;
    /** The address TO stands for; null where it could not be found. */
    readonly address: string | null;
    readonly port: number | null;
  };
  readonly verdict: WhyVerdict;
  readonly probe: ProbeResult;
  readonly causes: readonly Cause[];
  readonly legs: readonly Leg[];
  /** Every namespace that a trace names: how a person calls it (`namespaceLabel`), and where it is. */
  readonly namespaces: Readonly<Record<NamespaceId, { readonly label: string; readonly host: HostId }>>;
  readonly notes: readonly string[];
  /** Milliseconds. */
  readonly timings: { readonly collect: number; readonly simulate: number; readonly probe: number };
}
