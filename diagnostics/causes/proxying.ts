import type { FixAction } from '../fixes/registry.ts';
import { valueOr } from '../model/fact.ts';
import { addressBits, familyOf, prefixContains, sameAddress } from '../model/ip.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { Station } from '../simulate/link/station.ts';
import { forwards } from './gateways.ts';
import { factsIn, sysctlsIn } from './situation.ts';
import type { Unanswered } from './unanswered.ts';

/** What lets somebody on the segment answer for an address that is not theirs (proxy ARP, proxy NDP); empty: nothing should. */
export const proxying = (snapshot: Snapshot, station: Station, asked: Unanswered): readonly FixAction[] =>
  leadsOn(snapshot, station, asked)
    ? forOne(snapshot, station, asked.address)
    : forAll(snapshot, station, asked);

/** A router with a route to a part of this very network, as it or the asker sees it, that leads out at another side. */
function leadsOn(
  snapshot: Snapshot,
  { namespace, link }: Station,
  { address, link: asking }: Unanswered,
): boolean {
  const family = familyOf(address) ?? 4;
  if (!forwards(snapshot, namespace, link.name, family)) return false;
  const near = [...link.addresses, ...asking.addresses]
    .filter((own) => prefixContains(own, address))
    .map(({ length }) => length);
  if (near.length === 0) return false;
  return valueOr(factsIn(snapshot, namespace)?.routes ?? { state: 'absent' }, []).some(
    ({ type, destination, nextHops }) =>
      type === 'unicast' &&
      destination.length > Math.max(...near) &&
      prefixContains(destination, address) &&
      nextHops.every(({ dev }) => dev !== link.name),
  );
}

/** pneigh_lookup(): IPv4 asks for an entry alone, IPv6 (pndisc_is_router()) for the setting too. */
function forOne(
  snapshot: Snapshot,
  { namespace, link: { name: dev } }: Station,
  address: string,
): readonly FixAction[] {
  const sysctls = sysctlsIn(snapshot, namespace);
  const keys = ['all', dev].map((name) => `net/ipv6/conf/${name}/proxy_ndp`);
  const isOff = familyOf(address) === 6 && keys.every((key) => (sysctls[key] ?? '0') === '0');
  const isWritten = valueOr(factsIn(snapshot, namespace)?.neighbours ?? { state: 'absent' }, []).some(
    (entry) => entry.proxy && entry.dev === dev && sameAddress(entry.address, address),
  );
  return [
    ...(isOff
      ? [
          {
            kind: 'write-sysctl' as const,
            namespace,
            key: `net/ipv6/conf/${dev}/proxy_ndp`,
            value: '1',
          },
        ]
      : []),
    ...(isWritten ? [] : [{ kind: 'add-proxy-neighbour' as const, namespace, dev, address }]),
  ];
}

/**
 * An asker with single addresses alone (Calico's pods, unnumbered links) expects the other end of its wire to answer for a
 * gateway that nobody has.
 */
function forAll(
  snapshot: Snapshot,
  { namespace, link }: Station,
  { address, link: { addresses } }: Unanswered,
): readonly FixAction[] {
  const own = addresses.filter(({ family }) => family === 4);
  const alone = own.length > 0 && own.every(({ length }) => length === addressBits(4));
  const key = `net/ipv4/conf/${link.name}/proxy_arp`;
  return familyOf(address) === 4 && alone && sysctlsIn(snapshot, namespace)[key] === '0'
    ? [{ kind: 'write-sysctl', namespace, key, value: '1' }]
    : [];
}
