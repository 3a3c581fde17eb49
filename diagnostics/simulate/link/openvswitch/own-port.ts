import type { Link } from '../../../model/link.ts';
import type { OvsBridge } from '../../../model/openvswitch.ts';

/** The Open vSwitch bridge that a link is, or is a port of. */
export const switchOf = (link: Link | undefined): OvsBridge | undefined =>
  link?.kind.type === 'bridge' ? link.kind.openvswitch : undefined;

/** Whether a port leads to the host's own IP stack: an internal one does, unless it was given to another namespace. */
export const isOwnPort = ({ ovs, kind, index }: Link): boolean =>
  kind.type === 'bridge' || (ovs?.role === 'internal' && index > 0);
