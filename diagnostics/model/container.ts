import type { Fact } from './fact.ts';
import type { NamespaceId } from './ids.ts';
import type { ProxySettings } from './proxy.ts';
import type { ResolverFiles } from './resolver.ts';

/** What an engine says of a container: names and intentions. Facts about packets come from the kernel alone. */
export interface Container {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly state: 'running' | 'paused' | 'restarting' | 'exited' | 'created' | 'dead' | 'removing';
  readonly restartCount: number;
  /** How it came to an end last, where it does not run. */
  readonly ended?: ContainerEnd;
  /** PID as the engine sees it; 0 where it is not running. */
  readonly pid: number;
  /** The namespace its processes are in, where the engine is on this machine; null where that is not so. */
  readonly namespace: NamespaceId | null;
  /** `bridge`, `host`, `none`, `container:<id>`, or a network's name. */
  readonly networkMode: string;
  readonly networks: readonly ContainerNetwork[];
  readonly publishedPorts: readonly PublishedPort[];
  /** Of a running one: ports that it was made with (`-p`), and that its engine has not published. */
  readonly unpublishedPorts?: readonly PublishedPort[];
  /** Ports the image or `--expose` declares, as `80/tcp`. */
  readonly exposedPorts: readonly string[];
  readonly resolver: Fact<ResolverFiles>;
  /** Where the engine keeps its resolver files on the host; another mount may lie over them in the container. */
  readonly files?: ResolverFiles['files'];
  /** Whom the engine's own name server asks for what it does not know, where it was told (`--dns`). */
  readonly nameServers?: readonly string[];
  /** Where its web requests are told to go. */
  readonly proxies?: ProxySettings;
  /** The compose project and service it is a part of: containers of one service are copies of each other. */
  readonly service?: string;
  /** The pod it is a part of: containers of a pod share one network. */
  readonly pod?: string;
}

export interface ContainerEnd {
  /** Exit status of its program; 128 and more: the signal that ended it. */
  readonly status: number;
  /** Why the engine could not start it, in its words. */
  readonly error?: string;
  /** It used more memory than it may, and the kernel ended it. */
  readonly outOfMemory?: true;
}

/** A container's place on one of its engine's networks. */
export interface ContainerNetwork {
  readonly network: string;
  readonly networkId: string;
  readonly address?: string;
  readonly address6?: string;
  readonly mac?: string;
  readonly gateway?: string;
  /** DNS names on that network: container name, short id, aliases. */
  readonly aliases: readonly string[];
}

/** A port of the host that leads to one of the container's (`docker run -p`). */
export interface PublishedPort {
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly containerPort: number;
  readonly hostPort: number;
  readonly hostAddress: string;
}

/** A network of an engine, as `docker network inspect` tells it. */
export interface EngineNetwork {
  readonly id: string;
  readonly name: string;
  readonly driver: string;
  readonly internal: boolean;
  readonly subnets: readonly { readonly subnet: string; readonly gateway?: string }[];
  readonly options: Readonly<Record<string, string>>;
  /** The bridge interface on the host, where the driver has one. */
  readonly bridge?: string;
  /** Podman: whether a name server at its gateway knows the containers on it. Docker's networks go by their names. */
  readonly named?: boolean;
}

export type EngineKind = 'docker' | 'podman' | 'containerd';

/** A container engine that was asked. A foreign one runs elsewhere: its names are known, its PIDs mean nothing here. */
export interface Engine {
  readonly kind: EngineKind;
  /** What tells it from others of its kind: whose it is, or what its socket is called. */
  readonly tag?: string;
  readonly version: string;
  /** How it was reached, for instance `unix:///var/run/docker.sock`. */
  readonly endpoint: string;
  /** The words of a command to it up to its verb, where they are more than the name of its client. */
  readonly client?: readonly string[];
  readonly foreign: boolean;
  /** An ordinary user's: its containers' networks are apart from the host's, behind a program (slirp4netns, pasta). */
  readonly rootless?: boolean;
  /** Where its bridges, its rules and its proxies are, where that is not the host's own network: behind rootlesskit. */
  readonly namespace?: NamespaceId;
  readonly containers: readonly Container[];
  readonly networks: readonly EngineNetwork[];
  /** How it was started, as far as its process and its configuration file tell. */
  readonly settings?: EngineSettings;
}

/** What was said to an engine that differs from what it does by itself. */
export interface EngineSettings {
  /** It writes no rules into the firewall (`--iptables=false`). */
  readonly iptables?: false;
  /** Which of the two `iptables` is its own: into that one's tables it writes. */
  readonly writesTo?: 'iptables-nft' | 'legacy';
  /** Whom its containers ask for names, unless they were told otherwise (`--dns`). */
  readonly nameServers?: readonly string[];
}
