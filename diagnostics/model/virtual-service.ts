/** A service that IPVS shares out (`ipvsadm -Ln`): kube-proxy's mode ipvs, keepalived, Docker's swarm. */
export interface VirtualService {
  readonly protocol: 'tcp' | 'udp' | 'sctp' | 'mark';
  /** Absent for packets with a mark. */
  readonly address?: string;
  readonly port?: number;
  readonly mark?: number;
  readonly servers: readonly VirtualServer[];
}

/** A server that a virtual service passes connections on to (ipvsadm(8)). */
export interface VirtualServer {
  readonly address: string;
  readonly port: number;
  /** `masq`, `route`, `tunnel`, `local`, `bypass`. */
  readonly forward: string;
  /** 0: gets nothing new. */
  readonly weight: number;
}
