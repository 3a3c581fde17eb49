import type { HostId, NamespaceId } from '../model/ids.ts';
import type { NamespaceName } from '../model/namespace.ts';
import type { Visit } from './native/visit.ts';

/** A place where a command runs: a host, and a network namespace of it (null: the host's own). */
export interface Place {
  readonly host: HostId;
  readonly namespace: NamespaceId | null;
}

/** A program and its words; no shell takes part. */
export interface Command {
  readonly argv: readonly string[];
  readonly stdin?: string;
  /** Default: 5 seconds. */
  readonly timeoutMilliseconds?: number;
  readonly signal?: AbortSignal;
  /** Variables beside PATH and LC_ALL, which are always set. */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * What of a lab host is entered: only its network (default: tools and files are this process's), or also its mounts, PIDs
   * and name (what `ip netns add` or an editor of /etc needs). On this process's own host there is no difference.
   */
  readonly enter?: 'network' | 'host';
  /** Open descriptors of this process: links to them, named by their numbers, replace /var/run/netns for this command alone. */
  readonly names?: readonly number[];
  /**
   * It may take long, and say much: of commands that are asked at one time, slow ones run beside each other where that helps.
   */
  readonly slow?: boolean;
}

/** Several commands, each in its place, that one process runs one after another. */
export interface Batch {
  readonly commands: readonly PlacedCommand[];
  /** For all of them together. */
  readonly timeoutMilliseconds?: number;
  readonly signal?: AbortSignal;
  readonly names?: readonly number[];
  /** One of them is. */
  readonly slow?: boolean;
}

export interface PlacedCommand extends Pick<Command, 'argv' | 'stdin'> {
  readonly place: Place;
}

/** What a command said. It never throws: a missing tool or a vanished namespace is an answer too. */
export interface Output {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly problem?: 'missing-tool' | 'timeout' | 'cancelled' | 'namespace-gone' | 'not-permitted';
}

/** Takes a line that a command said. */
export type Heard = (line: string, from: 'stdout' | 'stderr') => void;

/** A command that runs until it is stopped. */
export interface Following {
  /** How it ended, without what it said on standard output. */
  readonly ended: Promise<Output>;
  stop(): Promise<void>;
}

/** A root network view that commands can run in. */
export interface HostRoot {
  readonly id: HostId;
  /** A process of the host whose namespaces are the host's; null: this process's own. */
  readonly pid: number | null;
  /** Docker endpoint (`unix:///…`); null: as the docker client would find it; absent engine is found by trying. */
  readonly engine: string | null;
}

/** A network namespace that was found, and the ways to it. */
export interface FoundNamespace {
  readonly id: NamespaceId;
  readonly host: HostId;
  readonly inode: number;
  readonly names: readonly NamespaceName[];
  /** A path through which it can be entered now (nsfs), in this process's view. */
  readonly path: string;
  /** Processes of Open vSwitch in it (ovs-vswitchd), as this process's /proc shows them. */
  readonly switches?: readonly number[];
}

/** All network namespaces that this process can see. */
export interface Scan {
  /** Whether other processes' namespaces can be seen and entered. */
  readonly privileged: boolean;
  readonly hosts: readonly { readonly id: HostId; readonly rootNamespace: NamespaceId }[];
  readonly namespaces: readonly FoundNamespace[];
}

/** Work inside a network namespace; all of it is done when it returns. */
export type Inside<T> = (visit: Visit) => T;

/** The way to run something on the hosts of one machine or one lab. */
export interface Machine {
  readonly hosts: readonly HostRoot[];
  /** Looks for namespaces, and remembers how each is entered: a `Place` names one that the last scan found. */
  scan(): Promise<Scan>;
  run(place: Place, command: Command): Promise<Output>;
  /** An answer to each command, in their order. */
  runAll(batch: Batch): Promise<readonly Output[]>;
  /**
   * Runs synchronous `work` with this process's own calls acting on the place's network; null where this process may not, or
   * has not the means (see `Inside`): then only commands can answer. What `work` throws is thrown.
   */
  within<T>(place: Place, work: Inside<T>): Promise<{ readonly value: T } | null>;
  /** Starts a command and hears its lines as they come, beside all that is run; never throws. */
  follow(place: Place, argv: readonly string[], heard: Heard): Following;
}
