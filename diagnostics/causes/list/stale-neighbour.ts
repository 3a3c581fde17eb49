import { valueOr } from '../../model/fact.ts';
import { sameAddress } from '../../model/ip.ts';
import type { Step } from '../../model/trace.ts';
import type { CauseKind } from '../cause.ts';
import { readIn } from '../evidence.ts';
import { factsIn, labelIn, linkIn } from '../situation.ts';
import { segmentOf } from '../../simulate/segment.ts';

/** A neighbour entry names a hardware address that is not the owner's, so that the frame reaches nobody. */
export const staleNeighbour: CauseKind = {
  id: 'stale-neighbour',
  find(situation) {
    if (situation.type !== 'way') return null;
    const { snapshot, trace } = situation;
    const lost = ['neighbour-unresolved', 'filtered-source', 'link-down'].includes(trace.disposition);
    const asked = trace.hops
      .flatMap((hop) => hop.steps.map((step) => ({ namespace: hop.namespace, step })))
      .findLast(({ step }) => step.kind === 'neighbour');
    if (!lost || asked?.step.kind !== 'neighbour' || asked.step.by !== 'table') return null;
    const step: Extract<Step, { kind: 'neighbour' }> = asked.step;
    const { namespace } = asked;
    const entry = valueOr(factsIn(snapshot, namespace)?.neighbours ?? { state: 'absent' }, []).find(
      (it) => it.dev === step.dev && sameAddress(it.address, step.address) && it.mac !== undefined,
    );
    const link = linkIn(snapshot, namespace, step.dev);
    const owner = link
      ? segmentOf(snapshot, namespace, link).stations.find((station) =>
          station.link.addresses.some((own) => sameAddress(own.address, step.address)),
        )
      : undefined;
    if (!entry?.mac || !owner || owner.macs.includes(entry.mac)) return null;
    return {
      id: 'stale-neighbour',
      place: { namespace },
      certainty: 'certain',
      params: {
        namespace: labelIn(snapshot, namespace),
        address: step.address,
        device: step.dev,
        mac: entry.mac,
        owner: labelIn(snapshot, owner.namespace),
        ownerMac: owner.link.mac,
      },
      evidence: [
        {
          source: readIn(snapshot, namespace, `ip neighbour show ${step.address}`),
          text: `${entry.address} dev ${entry.dev} lladdr ${entry.mac} ${entry.state.toUpperCase()}`,
        },
      ],
      remedies: [
        { actions: [{ kind: 'delete-neighbour', namespace, address: step.address, dev: step.dev }] },
      ],
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
