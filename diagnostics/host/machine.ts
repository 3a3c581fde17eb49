import type { HostId, NamespaceId } from '../model/ids.ts';

/** A place where a command runs: a host, and a network namespace of it (null: the host's own). */
export interface Place {
  readonly host: HostId;
  readonly namespace: NamespaceId | null;
}

export interface Command {
  readonly argv: readonly string[];
  readonly stdin?: string;
  readonly timeoutMilliseconds?: number;
  readonly signal?: AbortSignal;
}

/** What a command said. It never throws: a missing tool or a vanished namespace is an answer too. */
export interface Output {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly problem?: 'missing-tool' | 'timeout' | 'cancelled' | 'namespace-gone' | 'not-permitted';
}

/** A root network view that commands can run in. */
export interface HostRoot {
  readonly id: HostId;
  /** A process of the host whose namespaces are the host's; null: this process's own. */
  readonly pid: number | null;
  /** Docker endpoint (`unix:///…`); null: as the docker client would find it; absent engine is found by trying. */
  readonly engine: string | null;
}

/** The way to run something on the hosts of one machine or one lab. */
export interface Machine {
  readonly hosts: readonly HostRoot[];
  run(place: Place, command: Command): Promise<Output>;
}
