import type { FixAction } from '../../fixes/registry.ts';
import { freeAddress } from '../../fixes/patch.ts';
import { sameAddress } from '../../model/ip.ts';
import type { Address, Link } from '../../model/link.ts';
import type { NamespaceId } from '../../model/ids.ts';
import { segmentOf } from '../../simulate/link/segment.ts';
import type { CauseKind, Finding } from '../cause.ts';
import { linkEvidence } from '../evidence.ts';
import { labelIn, linkIn, type WaySituation } from '../situation.ts';

/** One of those who have the address. */
interface Claimant {
  readonly namespace: NamespaceId;
  readonly link: Link;
  readonly address: Address;
}

/** Two on one network have the same address: whoever answers first gets the packet. */
export const duplicateAddress: CauseKind = {
  id: 'duplicate-address',
  find: (situation) => (situation.type === 'way' ? contested(situation) : null),
  text: {
    en: {
      summary: (p) =>
        `${p('namespace')} and ${p('other')} both have the address ${p('address')}, on one network`,
      explanation: (p) =>
        `Before a machine sends to ${p('address')}, it asks its network who has it, and believes the answer that comes first. Here two answer: ${p('namespace')} (${p('device')}) and ${p('other')} (${p('otherDevice')}). So packets go now to the one, now to the other, and connections are refused or break off without a reason that could be seen. One of them needs another address.`,
    },
    'zh-cn': {
      summary: (p) => `${p('namespace')} 和 ${p('other')} 在同一个网络上有相同的地址 ${p('address')}`,
      explanation: (p) =>
        `机器向 ${p('address')} 发送之前，会在网络上询问谁拥有它，并相信最先到达的回答。这里有两个回答者：${p('namespace')}（${p('device')}）和 ${p('other')}（${p('otherDevice')}）。于是数据包时而到这个、时而到那个，连接被拒绝或莫名中断。其中一个必须换地址。`,
    },
  },
};

function contested(situation: WaySituation): Finding | null {
  const { snapshot, trace, hop, packet } = situation;
  for (const { namespace, steps } of trace.hops)
    for (const step of steps) {
      if (step.kind !== 'neighbour' || step.by === 'nobody') continue;
      const asker = linkIn(snapshot, namespace, step.dev);
      const claimants = asker ? claimantsOf(situation, namespace, asker, step.address) : [];
      // Where the packet came to one of them, it is the other that was meant; and a machine is no rival to itself.
      const reached = claimants.find((one) => one.namespace === hop.namespace);
      const failed = trace.disposition !== 'delivered';
      const wrong = failed ? reached : claimants.find((one) => one !== reached);
      const right = claimants.find((one) => one !== wrong);
      if (!asker || !wrong || !right) continue;
      const { link, address } = wrong;
      const free = freeAddress(snapshot, address);
      const known: readonly FixAction[] =
        step.by === 'table' && step.mac === link.mac
          ? [{ kind: 'delete-neighbour', namespace, address: step.address, dev: asker.name }]
          : [];
      return {
        id: 'duplicate-address',
        place: { namespace: wrong.namespace },
        certainty: sameAddress(packet.destination, step.address) && trace.certain ? 'certain' : 'likely',
        params: {
          namespace: labelIn(snapshot, wrong.namespace),
          device: link.name,
          other: labelIn(snapshot, right.namespace),
          otherDevice: right.link.name,
          address: step.address,
        },
        evidence: [wrong, right].map((one) => linkEvidence(snapshot, one.namespace, one.link)),
        remedies:
          free === null
            ? []
            : [
                {
                  actions: [
                    {
                      kind: 'renumber',
                      namespace: wrong.namespace,
                      dev: link.name,
                      from: address.address,
                      to: free,
                      length: address.length,
                    },
                    ...known,
                  ],
                },
              ],
      };
    }
  return null;
}

/** Everybody on the segment who has it and would be heard; each machine once. */
function claimantsOf(
  { snapshot }: WaySituation,
  namespace: NamespaceId,
  asker: Link,
  wanted: string,
): readonly Claimant[] {
  const found = new Map<NamespaceId, Claimant>();
  for (const station of segmentOf(snapshot, namespace, asker).stations) {
    const address = station.link.addresses.find((own) => sameAddress(own.address, wanted));
    if (station.fault || !address || found.has(station.namespace)) continue;
    found.set(station.namespace, { namespace: station.namespace, link: station.link, address });
  }
  return [...found.values()];
}
