/**
 * A network namespace within one snapshot: `<host>/<nsfs inode>`, for instance `machine/4026531840`. An opaque key:
 * what a person sees is `label()` in namespace.ts.
 */
export type NamespaceId = string;

/** `machine`, or the name of a lab host. */
export type HostId = string;
