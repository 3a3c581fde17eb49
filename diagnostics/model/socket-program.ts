/** An eBPF program that meets what sockets send and receive; nobody but itself knows what it decides. */
export interface SocketProgram {
  /**
   * `call`: where a program opens a socket, connects it or sends by it; `egress`: behind the rules, before the device; `ingress`:
   * before a socket is given a packet; `lookup`: where the socket is looked for that a packet is for.
   */
  readonly at: 'call' | 'egress' | 'ingress' | 'lookup';
  /** Of what is said by this family alone; absent: of both. */
  readonly family?: 4 | 6;
  /** Of what is sent by this protocol alone. */
  readonly protocol?: 'udp';
  /** As bpftool(8) numbers it, until it is loaded again. */
  readonly id: number;
  /** Its author's; '' where it has none. */
  readonly name: string;
  /** How it is attached, in bpftool's words: `cgroup_inet4_connect`, `sk_lookup`. */
  readonly type: string;
  /** The directory of the cgroup that it is attached to; absent: it is the network namespace. */
  readonly cgroup?: string;
}
