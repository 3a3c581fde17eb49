import type { FoundNamespace } from '../../host/machine.ts';
import { NETLINK_ROUTE } from '../../host/native/listing.ts';
import { attribute, attributesIn, type NetlinkMessage } from '../../host/native/netlink-message.ts';
import { NetlinkError, type Netlink } from '../../host/native/netlink.ts';
import type { Visit } from '../../host/native/visit.ts';
import { known, type Fact } from '../../model/fact.ts';
import { remember } from '../../model/remember.ts';
import type { IpFact, IpRecords, ReadRecords } from '../ip-records.ts';
import type { ReadContext } from '../read-context.ts';
import { addressRecords } from './address-records.ts';
import { NotUnderstood, s32, valueOf } from './bytes.ts';
import { AF_BRIDGE, AF_INET, AF_INET6, AF_UNSPEC } from './families.ts';
import type { FarNamespaces } from './far-namespaces.ts';
import { interfacesOf, type InterfaceTable } from './interface-table.ts';
import { readIprouteNames, type IprouteNames } from './iproute-names.ts';
import { readIpsecPresence } from './ipsec-presence.ts';
import { farNumbers, linkRecords } from './link-records.ts';
import { fdbRecords, neighbourRecords } from './neighbour-records.ts';
import { routeRecords } from './route-records.ts';
import { ruleRecords } from './rule-records.ts';

const RTM_GETADDR = 22;
const RTM_GETROUTE = 26;
const RTM_GETNEIGH = 30;
const RTM_GETRULE = 34;
const RTM_GETNSID = 90;

const NETNSA_NSID = 1;
const NETNSA_FD = 3;

/** The files of names do not change while one thing is read. */
const namesFor = remember<object, IprouteNames>(readIprouteNames);

/**
 * Reads these facts of a namespace from the kernel, without a process. What is missing in the answer could not be had so, or there
 * was something in it that is not known here: ip(8) is to be asked for it, which says why not, or knows more.
 */
export async function recordsOfNetlink(
  context: ReadContext,
  namespace: FoundNamespace,
  facts: readonly IpFact[],
  far: FarNamespaces,
): Promise<ReadRecords> {
  const { machine, discovery } = context;
  const read = await machine.within({ host: namespace.host, namespace: namespace.id }, (visit) => ({
    ...(facts.some((fact) => fact !== 'ipsec') ? ofRoutes(visit, facts, namesFor(discovery), far) : {}),
    ...(facts.includes('ipsec') ? given('ipsec', () => readIpsecPresence(visit)) : {}),
  }));
  return read?.value ?? {};
}

/** What rtnetlink(7) tells: by one socket, after the interfaces, whose names all else is told by. */
function ofRoutes(
  visit: Visit,
  facts: readonly IpFact[],
  names: IprouteNames,
  far: FarNamespaces,
): ReadRecords {
  const interfaces = understood(() => interfacesOf(visit));
  if (interfaces === null) return {};
  return visit.ask(
    NETLINK_ROUTE,
    (netlink) =>
      Object.assign(
        {},
        ...facts.map((fact) => (fact === 'ipsec' ? {} : ask(netlink, fact, interfaces, names, far))),
      ) as ReadRecords,
  );
}

function ask(
  netlink: Netlink,
  fact: Exclude<IpFact, 'ipsec'>,
  interfaces: InterfaceTable,
  names: IprouteNames,
  far: FarNamespaces,
): ReadRecords {
  switch (fact) {
    case 'links':
      return given(fact, () => {
        const addresses = addressRecords(netlink.dump(RTM_GETADDR, header(8)), names);
        const records = linkRecords(interfaces, addresses, names);
        const found = far.numbered(farNumbers(records), (descriptor) => numberOf(netlink, descriptor));
        return { records, resolve: (number) => found.get(number) ?? null };
      });
    case 'routes':
      return given(fact, () => ({
        records: routeRecords(netlink.dump(RTM_GETROUTE, header(12)), false, interfaces, names),
        learnt: routeRecords(netlink.dump(RTM_GETROUTE, LEARNT_ROUTES), true, interfaces, names),
      }));
    case 'rules':
      return given(fact, () => ({
        four: ruleRecords(netlink.dump(RTM_GETRULE, header(12, AF_INET)), names),
        six: ruleRecords(
          unlessUnsupported(() => netlink.dump(RTM_GETRULE, header(12, AF_INET6))),
          names,
        ),
      }));
    case 'neighbours':
      return given(fact, () => [
        ...neighbourRecords(netlink.dump(RTM_GETNEIGH, header(12)), false, interfaces),
        ...neighbourRecords(netlink.dump(RTM_GETNEIGH, PROXIES), true, interfaces),
      ]);
    case 'fdb':
      return given(fact, () => fdbRecords(netlink.dump(RTM_GETNEIGH, header(12, AF_BRIDGE)), interfaces));
  }
}

/** The header of a question: its first octet is the family. */
function header(bytes: number, family = AF_UNSPEC): Buffer {
  const question = Buffer.alloc(bytes);
  question.writeUInt8(family, 0);
  return question;
}

/** RTM_F_CLONED: what was learnt about single destinations, instead of the routes. */
const LEARNT_ROUTES = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0]);

/** NTF_PROXY: what is answered for others. */
const PROXIES = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0]);

/** A kernel without IPv6 has no rules of it. */
function unlessUnsupported(dump: () => readonly NetlinkMessage[]): readonly NetlinkMessage[] {
  try {
    return dump();
  } catch (error) {
    if (error instanceof NetlinkError && error.errno === EAFNOSUPPORT) return [];
    throw error;
  }
}

const EAFNOSUPPORT = 97;

/** The number by which the namespace knows that of the descriptor; -1 where it does not. */
function numberOf(netlink: Netlink, descriptor: number): number {
  const value = Buffer.alloc(4);
  value.writeUInt32LE(descriptor);
  const answer = netlink.ask(RTM_GETNSID, Buffer.concat([header(4), attribute(NETNSA_FD, value)]));
  return (answer && valueOf(attributesIn(answer.body, 4), NETNSA_NSID, s32)) ?? -1;
}

const given = <K extends IpFact>(fact: K, read: () => IpRecords[K]): ReadRecords => {
  const records = understood(read);
  return records === null ? {} : { [fact]: known(records) satisfies Fact<IpRecords[K]> };
};

/** Null where the kernel refused, or said something that is not understood. */
function understood<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof NetlinkError || error instanceof NotUnderstood || error instanceof RangeError)
      return null;
    throw error;
  }
}
