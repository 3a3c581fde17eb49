import { sameAddress } from '../../model/ip.ts';
import type { FixAction } from '../../fixes/registry.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Station } from '../../simulate/link/station.ts';
import type { CauseKind } from '../cause.ts';
import type { Remedy } from '../finding.ts';
import { fdbIn } from '../tunnel.ts';
import { readIn } from '../evidence.ts';
import { valueOr } from '../../model/fact.ts';
import { factsIn, labelIn, type WaySituation } from '../situation.ts';
import { neighbourText, unanswered, type Unanswered } from '../unanswered.ts';
import { castOf } from '../../simulate/link/group-address.ts';
import { segmentOf } from '../../simulate/link/segment.ts';

/** A neighbour entry names a hardware address that is not the owner's, so that the frame reaches nobody. */
export const staleNeighbour: CauseKind = {
  id: 'stale-neighbour',
  find(situation) {
    if (situation.type !== 'way') return null;
    const { snapshot, step } = situation;
    const own = unanswered(situation);
    const asked = own?.entry === null ? (answeredInVain(situation, own) ?? own) : own;
    const entry = asked?.entry;
    if (!asked || !entry?.mac) return null;
    const { namespace, address, link } = asked;
    // Also an owner that could not be reached just now: the entry is wrong all the same.
    const { stations } = segmentOf(snapshot, namespace, link);
    const owner = stations
      .filter((station) => station.link.addresses.some((own) => sameAddress(own.address, address)))
      .sort((one, other) => Number(one.fault !== null) - Number(other.fault !== null))[0];
    if (!owner || owner.macs.includes(entry.mac)) return null;
    const { mac } = entry;
    const cast = step.kind === 'receive' && step.problem === 'for-many' ? castOf(mac) : null;
    const taker = stations.find(({ macs, fault }) => fault === null && macs.includes(mac));
    return {
      id: 'stale-neighbour',
      place: { namespace },
      certainty: 'certain',
      params: {
        namespace: labelIn(snapshot, namespace),
        address,
        device: link.name,
        mac: entry.mac,
        owner: labelIn(snapshot, owner.namespace),
        ownerMac: owner.link.mac,
        cast,
        taker: taker ? labelIn(snapshot, taker.namespace) : null,
      },
      evidence: [
        {
          source: readIn(snapshot, namespace, ['ip', 'neighbour', 'show', address]),
          text: neighbourText(asked),
        },
      ],
      remedies: [
        ...writtenAnew(snapshot, asked, mac, owner),
        { actions: [{ kind: 'delete-neighbour', namespace, address, dev: link.name }] },
      ],
    };
  },
  text: {
    en: {
      summary: (p) =>
        `${p('namespace')} sends packets for ${p('address')} to the hardware address ${p('mac')}, which is not ${p('owner')}'s`,
      explanation: (p) =>
        `On a network, frames are delivered by hardware address, and each machine remembers which one belongs to which IP address. The entry in ${p('namespace')} says ${p('mac')}; ${p('owner')}, which has ${p('address')}, has ${p('ownerMac')}. ${p('cast') !== '' ? `${p('mac')} is the address of ${p('cast') === 'broadcast' ? 'everybody on the network (broadcast)' : 'a group (multicast)'}: ${p('owner')} hears the frame too, but TCP takes only what was sent to one machine alone, and a router passes nothing else on.` : p('taker') === '' ? 'So nobody takes the frame.' : `So the frame goes to ${p('taker')}, which does not have ${p('address')}.`} Once the entry is deleted, the kernel asks again.`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('namespace')} 把发往 ${p('address')} 的数据包送到硬件地址 ${p('mac')}，而它并不属于 ${p('owner')}`,
      explanation: (p) =>
        `在一个网络里，帧按硬件地址投递，每台机器都记着 IP 地址与硬件地址的对应关系。${p('namespace')} 里的条目写着 ${p('mac')}，而拥有 ${p('address')} 的 ${p('owner')} 的硬件地址是 ${p('ownerMac')}${p('cast') !== '' ? `。${p('mac')} 是${p('cast') === 'broadcast' ? '网络上所有机器的地址（广播）' : '一组机器的地址（组播）'}：${p('owner')} 虽然也听得到这个帧，但 TCP 只接收单独发给一台机器的数据，路由器也只转发这样的数据包` : p('taker') === '' ? '，所以没有人接收这个帧' : `，所以这个帧到了并不拥有 ${p('address')} 的 ${p('taker')} 那里`}。删掉这个条目，内核就会重新询问。`,
    },
  },
};

/**
 * A tunnel that neither learns nor asks (nolearning, as flannel makes it) has nobody to ask anew: neighbour and forwarding entry are
 * both written by hand, and have to be written again, to where the old hardware address was sent.
 */
function writtenAnew(
  snapshot: Snapshot,
  { namespace, address, link }: Unanswered,
  old: string,
  { link: { mac } }: Station,
): readonly Remedy[] {
  if (link.kind.type !== 'vxlan' || link.kind.learning || mac === null) return [];
  const entries = fdbIn(snapshot, namespace).filter(({ dev }) => dev === link.name);
  const neighbour: FixAction = { kind: 'add-neighbour', namespace, dev: link.name, address, mac };
  if (entries.some((entry) => entry.mac === mac && entry.remote !== undefined))
    return [{ actions: [neighbour] }];
  return entries.flatMap((entry): readonly Remedy[] =>
    entry.mac === old && entry.remote !== undefined
      ? [
          {
            actions: [
              neighbour,
              {
                kind: 'point-tunnel',
                namespace,
                dev: link.name,
                mac,
                before: null,
                remote: entry.remote,
              },
            ],
          },
        ]
      : [],
  );
}

/** Neighbour discovery is answered by the answerer's own entry for the asker, which may be wrong (ndisc_send_na()). */
function answeredInVain(
  { snapshot, packet }: WaySituation,
  { namespace, address, link }: Unanswered,
): Unanswered | null {
  if (packet.family !== 6) return null;
  for (const station of segmentOf(snapshot, namespace, link).stations) {
    if (!station.link.addresses.some((own) => sameAddress(own.address, address))) continue;
    const entries = valueOr(factsIn(snapshot, station.namespace)?.neighbours ?? { state: 'absent' }, []);
    const wrong = entries.find(
      (entry) =>
        entry.dev === station.link.name &&
        entry.state === 'permanent' &&
        entry.mac !== undefined &&
        entry.mac !== link.mac &&
        link.addresses.some((own) => sameAddress(own.address, entry.address)),
    );
    if (wrong)
      return { namespace: station.namespace, address: wrong.address, link: station.link, entry: wrong };
  }
  return null;
}
