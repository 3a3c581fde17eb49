/** A place where a learner types and commands run: a namespace, a container, or a host itself. */
export interface LabNode {
  readonly name: string;
  readonly host: string;
  readonly kind: 'host' | 'namespace' | 'container';
  /** How a question names it. */
  readonly endpoint: string;
  /** The network namespace as a path that this process can open. */
  readonly path: string;
  /** The command prefix that brings a process of ours into it: the host's mounts and processes, the node's network. */
  readonly enter: readonly string[];
}
