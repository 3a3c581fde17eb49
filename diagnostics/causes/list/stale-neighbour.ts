import { sameAddress } from '../../model/ip.ts';
import type { CauseKind } from '../cause.ts';
import { readIn } from '../evidence.ts';
import { labelIn } from '../situation.ts';
import { neighbourText, unanswered } from '../unanswered.ts';
import { segmentOf } from '../../simulate/segment.ts';

/** A neighbour entry names a hardware address that is not the owner's, so that the frame reaches nobody. */
export const staleNeighbour: CauseKind = {
  id: 'stale-neighbour',
  find(situation) {
    if (situation.type !== 'way') return null;
    const asked = unanswered(situation);
    const entry = asked?.entry;
    if (!asked || !entry?.mac) return null;
    const { snapshot } = situation;
    const { namespace, address, link } = asked;
    // Also an owner that could not be reached just now: the entry is wrong all the same.
    const owner = segmentOf(snapshot, namespace, link)
      .stations.filter((station) => station.link.addresses.some((own) => sameAddress(own.address, address)))
      .sort((one, other) => Number(one.fault !== null) - Number(other.fault !== null))[0];
    if (!owner || owner.macs.includes(entry.mac)) return null;
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
      },
      evidence: [
        {
          source: readIn(snapshot, namespace, ['ip', 'neighbour', 'show', address]),
          text: neighbourText(asked),
        },
      ],
      remedies: [{ actions: [{ kind: 'delete-neighbour', namespace, address, dev: link.name }] }],
    };
  },
  text: {
    en: {
      summary: (p) =>
        `${p('namespace')} sends packets for ${p('address')} to the hardware address ${p('mac')}, which is not ${p('owner')}'s`,
      explanation: (p) =>
        `On a network, frames are delivered by hardware address, and each machine remembers which one belongs to which IP address. The entry in ${p('namespace')} says ${p('mac')}; ${p('owner')}, which has ${p('address')}, has ${p('ownerMac')}. So nobody takes the frame. Once the entry is deleted, the kernel asks again.`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('namespace')} 把发往 ${p('address')} 的数据包送到硬件地址 ${p('mac')}，而它并不属于 ${p('owner')}`,
      explanation: (p) =>
        `在一个网络里，帧按硬件地址投递，每台机器都记着 IP 地址与硬件地址的对应关系。${p('namespace')} 里的条目写着 ${p('mac')}，而拥有 ${p('address')} 的 ${p('owner')} 的硬件地址是 ${p('ownerMac')}，所以没有人接收这个帧。删掉这个条目，内核就会重新询问。`,
    },
  },
};
