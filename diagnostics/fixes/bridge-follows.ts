import { known, valueOr } from '../model/fact.ts';
import type { NamespaceId } from '../model/ids.ts';
import { portsOf, type Link } from '../model/link.ts';
import type { FdbEntry } from '../model/route.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { changeFdb, changeLink, changeSysctls, factsOf, forgetNeighboursWith, linksOf } from './patch.ts';

const NOBODY = '00:00:00:00:00:00';

/** IPv6 keeps an MTU of its own, which follows its device's (addrconf_notify()). */
export const withMtu = (snapshot: Snapshot, id: NamespaceId, dev: string, mtu: number): Snapshot =>
  changeSysctls(
    changeLink(
      snapshot,
      id,
      ({ name }) => name === dev,
      (link) => ({ ...link, mtu }),
    ),
    id,
    (sysctls) => {
      const key = `net/ipv6/conf/${dev}/mtu`;
      return key in sysctls ? { ...sysctls, [key]: String(mtu) } : sysctls;
    },
  );

/**
 * What a bridge takes over from its ports once these have changed, unless somebody wrote it by hand: the smallest MTU
 * (br_mtu_auto_adjust()) and the lowest hardware address (br_stp_recalculate_bridge_id()).
 */
export function bridgeFollows(
  after: Snapshot,
  before: Snapshot,
  id: NamespaceId,
  master: number | undefined,
): Snapshot {
  const bridge = linksOf(before, id).find(({ index }) => index === master);
  if (bridge?.kind.type !== 'bridge') return after;
  const [old, now] = [portsOf(linksOf(before, id), bridge), portsOf(linksOf(after, id), bridge)];
  const [lowestMtu, mtu] = [old, now].map((ports) => Math.min(...ports.map((port) => port.mtu)));
  const followsMtu = old.length === 0 ? bridge.mtu === USUAL_MTU : bridge.mtu === lowestMtu;
  const sized =
    followsMtu && now.length > 0 && mtu !== undefined && mtu !== bridge.mtu
      ? withMtu(after, id, bridge.name, mtu)
      : after;
  const lowest = lowestMac(now);
  const followsMac = bridge.mac === (lowestMac(old) ?? NOBODY);
  return followsMac && lowest !== null && lowest !== bridge.mac ? withMac(sized, id, bridge, lowest) : sized;
}

/** ETH_DATA_LEN. */
const USUAL_MTU = 1500;

const lowestMac = (ports: readonly Link[]): string | null =>
  ports.flatMap(({ mac }) => mac ?? []).toSorted()[0] ?? null;

/**
 * Another hardware address: an interface forgets all its neighbours then (neigh_changeaddr()), a bridge writes down its own and its
 * ports' anew; who knew the old address asks again.
 */
export function withMac(
  snapshot: Snapshot,
  id: NamespaceId,
  { index, name, mac: old }: Link,
  mac: string,
): Snapshot {
  const changed = changeLink(
    snapshot,
    id,
    (link) => link.index === index,
    (link) => ({ ...link, mac }),
  );
  const forgotten = forgetNeighboursWith(changed, old);
  const emptied = withoutNeighboursOn(forgotten, id, name);
  return emptied.namespaces.reduce(
    (now, { id: other }) =>
      changeFdb(now, other, (fdb) =>
        fdb
          .filter((entry) => entry.mac !== old || entry.state !== 'learned')
          .map((entry): FdbEntry => {
            const own = other === id && entry.mac === old && entry.state === 'permanent';
            return own && entry.dev === name && entry.remote === undefined ? { ...entry, mac } : entry;
          }),
      ),
    emptied,
  );
}

const withoutNeighboursOn = (snapshot: Snapshot, id: NamespaceId, dev: string): Snapshot => ({
  ...snapshot,
  namespaces: snapshot.namespaces.map((namespace) => {
    const entries = valueOr(factsOf(snapshot, id)?.neighbours ?? { state: 'absent' }, null);
    return namespace.id === id && entries !== null
      ? {
          ...namespace,
          facts: { ...namespace.facts, neighbours: known(entries.filter((it) => it.dev !== dev)) },
        }
      : namespace;
  }),
});
