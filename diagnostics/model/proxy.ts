/** Where programs of a container are told to send their web requests: of its environment nothing else is ever kept. */
export interface ProxySettings {
  readonly http?: ProxyPlace;
  readonly https?: ProxyPlace;
  /** For both, where neither has its own. */
  readonly all?: ProxyPlace;
  /** Hosts, domains, addresses and prefixes that are asked directly. */
  readonly noProxy: readonly string[];
}

/** Where a proxy is to be found; `host`: an address or a name. */
export interface ProxyPlace {
  readonly host: string;
  readonly port: number;
}
