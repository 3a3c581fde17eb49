import { NETLINK_ROUTE } from '../../host/native/listing.ts';
import {
  attribute,
  attributesIn,
  textOf,
  type Attributes,
  type NetlinkMessage,
} from '../../host/native/netlink-message.ts';
import type { Visit } from '../../host/native/visit.ts';
import { remember } from '../../model/remember.ts';
import { NotUnderstood } from './bytes.ts';

const RTM_NEWLINK = 16;
const RTM_GETLINK = 18;

/** ifinfomsg of rtnetlink(7). */
const INTERFACE_BYTES = 16;

const IFLA_IFNAME = 3;
const IFLA_EXT_MASK = 29;
/** Of no use here, and more than all else in a message. */
const RTEXT_FILTER_SKIP_STATS = 0x8;

const QUESTION = Buffer.concat([
  Buffer.alloc(INTERFACE_BYTES),
  attribute(IFLA_EXT_MASK, Buffer.from([RTEXT_FILTER_SKIP_STATS, 0, 0, 0])),
]);

/** An interface as the kernel sends it. */
export interface InterfaceMessage {
  /** ARPHRD_*. */
  readonly linkType: number;
  readonly index: number;
  readonly flags: number;
  readonly name: string;
  readonly attributes: Attributes;
}

/** The interfaces of a namespace, by the numbers by which all else names them. */
export interface InterfaceTable {
  readonly all: readonly InterfaceMessage[];
  get(index: number): InterfaceMessage | undefined;
  /** As ip(8) prints an interface that is not there (any more). */
  nameOf(index: number): string;
}

/**
 * Those of the namespace that is visited, listed once a visit.
 * @throws NetlinkError; NotUnderstood
 */
export const interfacesOf = remember((visit: Visit): InterfaceTable =>
  interfaceTable(visit.ask(NETLINK_ROUTE, (netlink) => netlink.dump(RTM_GETLINK, QUESTION))),
);

export function interfaceTable(messages: readonly NetlinkMessage[]): InterfaceTable {
  const all = messages.map(interfaceOf);
  const byIndex = new Map(all.map((one) => [one.index, one]));
  return {
    all,
    get: (index) => byIndex.get(index),
    nameOf: (index) => byIndex.get(index)?.name ?? `if${index}`,
  };
}

function interfaceOf({ type, body }: NetlinkMessage): InterfaceMessage {
  if (type !== RTM_NEWLINK || body.length < INTERFACE_BYTES) throw new NotUnderstood('message', type);
  const attributes = attributesIn(body, INTERFACE_BYTES);
  const name = attributes.get(IFLA_IFNAME);
  if (name === undefined) throw new NotUnderstood('nameless');
  return {
    linkType: body.readUInt16LE(2),
    index: body.readInt32LE(4),
    flags: body.readUInt32LE(8),
    name: textOf(name),
    attributes,
  };
}
