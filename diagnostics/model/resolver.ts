/** The files a C library reads to turn a name into addresses, as one process sees them. */
export interface ResolverFiles {
  readonly hosts: readonly HostsLine[];
  /** As resolv.conf names them; may be empty. */
  readonly nameservers: readonly string[];
  /** What stands after `nameserver` and is no address: nobody is asked there. Absent: nothing does. */
  readonly misspelt?: readonly string[];
  readonly search: readonly string[];
  readonly ndots: number;
  readonly options?: ResolverOptions;
  /** The order of sources for hosts in nsswitch.conf, for instance `files dns`; absent: musl, or no file. */
  readonly hostsSources?: readonly string[];
  /** Which C library its programs use, by the loader in its root; absent: neither's is there. */
  readonly libc?: 'glibc' | 'musl';
  /** The servers that systemd-resolved asks, where its own file tells: who uses the stub 127.0.0.53 asks these in the end. */
  readonly upstream?: readonly string[];
  /** Where the files can be written from the host; absent where that is not known. */
  readonly files?: { readonly hosts?: string; readonly resolvConf?: string };
}

/** A line of hosts(5) that is no comment. */
export interface HostsLine {
  readonly address: string;
  readonly names: readonly string[];
  /** Its number in the file, from 1. */
  readonly line?: number;
}

/** resolv.conf(5), `options`; those that change who is asked, and how. */
export interface ResolverOptions {
  /** Seconds. */
  readonly timeout?: number;
  readonly attempts?: number;
  readonly rotate?: boolean;
  readonly singleRequest?: boolean;
  /** TCP from the start. */
  readonly useVc?: boolean;
  readonly noAaaa?: boolean;
}
