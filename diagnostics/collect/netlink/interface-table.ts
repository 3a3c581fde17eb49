import {
  attributesIn,
  textOf,
  type Attributes,
  type NetlinkMessage,
} from '../../host/native/netlink-message.ts';
import { NotUnderstood } from './bytes.ts';

/** ifinfomsg of rtnetlink(7). */
const INTERFACE_BYTES = 16;

const IFLA_IFNAME = 3;

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

export function interfaceTable(messages: readonly NetlinkMessage[]): InterfaceTable {
  const all = messages.map(interfaceOf);
  const byIndex = new Map(all.map((one) => [one.index, one]));
  return {
    all,
    get: (index) => byIndex.get(index),
    nameOf: (index) => byIndex.get(index)?.name ?? `if${index}`,
  };
}

function interfaceOf({ body }: NetlinkMessage): InterfaceMessage {
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
