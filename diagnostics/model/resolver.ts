/** The files a C library reads to turn a name into addresses, as one process sees them. */
export interface ResolverFiles {
  readonly hosts: readonly { readonly address: string; readonly names: readonly string[] }[];
  /** As resolv.conf names them; may be empty. */
  readonly nameservers: readonly string[];
  readonly search: readonly string[];
  readonly ndots: number;
  /** The order of sources for hosts in nsswitch.conf, for instance `files dns`; absent: musl, or no file. */
  readonly hostsSources?: readonly string[];
}
