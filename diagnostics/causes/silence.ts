import type { FixAction } from '../fixes/registry.ts';
import { familyOf, sameAddress } from '../model/ip.ts';
import { segmentOf } from '../simulate/link/segment.ts';
import type { Station } from '../simulate/link/station.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { Remedy } from './finding.ts';
import { proxying } from './proxying.ts';
import { linksIn, sysctlsIn } from './situation.ts';
import type { Unanswered } from './unanswered.ts';

/** Those who hear the question for a neighbour. */
const hearersOf = (snapshot: Snapshot, { namespace, link }: Unanswered): readonly Station[] =>
  segmentOf(snapshot, namespace, link).stations.filter(
    (station) => station.fault === null && station.namespace !== namespace,
  );

/** Those who have the address that is asked for, hear the question, and keep silent. */
export const silentOwners = (snapshot: Snapshot, asked: Unanswered): readonly Station[] =>
  hearersOf(snapshot, asked).filter(({ namespace }) =>
    linksIn(snapshot, namespace).some(({ addresses }) =>
      addresses.some((own) => sameAddress(own.address, asked.address)),
    ),
  );

/** What lets those answer who are there, hear the question for a neighbour, and keep silent. */
export function silenceRemedies(snapshot: Snapshot, asked: Unanswered): readonly Remedy[] {
  const owners = silentOwners(snapshot, asked);
  const changes =
    owners.length > 0
      ? owners.map((owner) => [...spoken(owner), ...unignored(snapshot, owner, asked.address)])
      : hearersOf(snapshot, asked).map((station) => proxying(snapshot, station, asked));
  return changes.flatMap((actions) => (actions.length > 0 ? [{ actions }] : []));
}

const spoken = ({ namespace, link }: Station): readonly FixAction[] =>
  link.flags.includes('NOARP') ? [{ kind: 'arp-on', namespace, dev: link.name }] : [];

/** The larger of the machine's setting and the interface's counts (IN_DEV_MAXCONF()). */
const unignored = (
  snapshot: Snapshot,
  { namespace, link }: Station,
  address: string,
): readonly FixAction[] =>
  familyOf(address) === 6
    ? []
    : ['all', link.name].flatMap((name): readonly FixAction[] => {
        const key = `net/ipv4/conf/${name}/arp_ignore`;
        return (sysctlsIn(snapshot, namespace)[key] ?? '0') === '0'
          ? []
          : [{ kind: 'write-sysctl', namespace, key, value: '0' }];
      });
