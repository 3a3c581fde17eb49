import type { FixAction } from '../../fixes/registry.ts';
import { sameAddress } from '../../model/ip.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { segmentOf } from '../../simulate/link/segment.ts';
import type { CauseKind } from '../cause.ts';
import type { Finding } from '../finding.ts';
import { readIn } from '../evidence.ts';
import { labelIn, linksIn, type PlacedLink, type WaySituation } from '../situation.ts';
import { fdbIn, lastNextHop } from '../tunnel.ts';

/** Two interfaces on one network have the same hardware address: bridges send their frames now here, now there. */
export const duplicateMac: CauseKind = {
  id: 'duplicate-mac',
  find: (situation) => (situation.type === 'way' ? twice(situation) : null),
  text: {
    en: {
      summary: (p) =>
        `${p('device')} of ${p('namespace')} and ${p('otherDevice')} of ${p('other')} have the same hardware address ${p('mac')}`,
      explanation: (p) =>
        `A bridge remembers behind which of its ports each hardware address is, by the frames that come in. Two machines with the address ${p('mac')} (cloned, or made by one script) take it from each other: frames for ${p('other')} go to ${p('namespace')} after that one has spoken, and a frame between the two is never sent on at all. Each interface needs an address of its own.`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('namespace')} 的 ${p('device')} 和 ${p('other')} 的 ${p('otherDevice')} 有相同的硬件地址 ${p('mac')}`,
      explanation: (p) =>
        `网桥根据进来的帧记住每个硬件地址在哪个端口后面。两台机器都用 ${p('mac')}（克隆的，或由同一个脚本生成），就会互相“抢走”这个地址：${p('namespace')} 说过话之后，发给 ${p('other')} 的帧就送到了它那里；这两台机器之间的帧则根本不会被转发。每个接口都要有自己的硬件地址。`,
    },
  },
};

function twice(situation: WaySituation): Finding | null {
  const { snapshot, hop: end, trace } = situation;
  if (trace.disposition === 'delivered') return null;
  const hop = lastNextHop(situation);
  // Where the two are the asker and the one it asks for, not even the answer comes.
  const mac = hop?.mac ?? hop?.link.mac;
  if (!hop || !mac) return null;
  const { address } = hop;
  const stations = segmentOf(snapshot, hop.namespace, hop.link).stations.filter(
    ({ link, fault }) => link.mac === mac && fault === null,
  );
  const owner = stations.find(({ link }) => link.addresses.some((own) => sameAddress(own.address, address)));
  const asker: PlacedLink = { namespace: hop.namespace, link: hop.link };
  const rivals: readonly PlacedLink[] = [...(hop.link.mac === mac ? [asker] : []), ...stations].filter(
    (one) => one.link !== owner?.link && !stacked(one, owner ?? asker),
  );
  // The one who got it, or who asked; not the one it was for.
  const wrong = rivals.find((one) => one.namespace === end.namespace) ?? rivals[0];
  if (!owner || !wrong) return null;
  const learned: readonly FixAction[] = snapshot.namespaces.flatMap(({ id }) =>
    fdbIn(snapshot, id)
      .filter((entry) => entry.mac === mac && entry.master !== undefined && entry.state === 'learned')
      .map((entry) => ({
        kind: 'forget-mac' as const,
        namespace: id,
        bridge: entry.master ?? '',
        port: entry.dev,
        mac,
        state: entry.state,
      })),
  );
  return {
    id: 'duplicate-mac',
    place: { namespace: wrong.namespace },
    certainty: 'certain',
    params: {
      namespace: labelIn(snapshot, wrong.namespace),
      device: wrong.link.name,
      other: labelIn(snapshot, owner.namespace),
      otherDevice: owner.link.name,
      mac,
    },
    evidence: [wrong, owner].map(({ namespace, link }) => ({
      source: readIn(snapshot, namespace, ['ip', 'link', 'show', 'dev', link.name]),
      text: `${link.name}: link/ether ${mac}`,
    })),
    remedies: [
      {
        actions: [
          {
            kind: 'set-mac',
            namespace: wrong.namespace,
            dev: wrong.link.name,
            mac: freeMac(snapshot, mac),
          },
          ...learned,
        ],
      },
    ],
  };
}

/** A VLAN device or a passthru macvlan has its lower device's address, as it should. */
const stacked = (one: PlacedLink, other: PlacedLink): boolean =>
  [
    [one, other],
    [other, one],
  ].some(
    ([upper, lower]) => upper?.link.peer?.index === lower?.link.index && upper?.link.kind.type !== 'veth',
  );

/** A locally administered address that nobody in sight has. */
function freeMac(snapshot: Snapshot, old: string): string {
  const taken = new Set(snapshot.namespaces.flatMap(({ id }) => linksIn(snapshot, id).map(({ mac }) => mac)));
  const tail = old.split(':').slice(1, 5).join(':');
  for (let last = 1; last < 256; last += 1) {
    const mac = `02:${tail}:${last.toString(16).padStart(2, '0')}`;
    if (!taken.has(mac)) return mac;
  }
  return `06:${tail}:01`;
}
