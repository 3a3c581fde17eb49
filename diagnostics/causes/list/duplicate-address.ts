import type { FixAction } from '../../fixes/registry.ts';
import { freeAddress } from '../../fixes/patch.ts';
import { sameAddress } from '../../model/ip.ts';
import type { Address, Link } from '../../model/link.ts';
import type { NamespaceId } from '../../model/ids.ts';
import { segmentOf } from '../../simulate/link/segment.ts';
import type { CauseKind } from '../cause.ts';
import { certaintyOf, type Finding } from '../finding.ts';
import { linkEvidence, readIn } from '../evidence.ts';
import { isRefused, refusedAddress } from '../refused-address.ts';
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
  find: (situation) => (situation.type === 'way' ? (refused(situation) ?? contested(situation)) : null),
  text: {
    en: {
      summary: (p) =>
        p('state') === ''
          ? `${p('namespace')} and ${p('other')} both have the address ${p('address')}, on one network`
          : p('state') === 'tentative'
            ? `${p('namespace')} does not use its address ${p('address')} yet: it is still being tested whether somebody else has it`
            : `${p('namespace')} does not use its address ${p('address')}, because ${p('other') === '' ? 'somebody else' : p('other')} had it first`,
      explanation: (p) =>
        p('state') !== ''
          ? `Before a machine uses an IPv6 address, it asks its network whether somebody has it (duplicate address detection). ${p('state') === 'tentative' ? `For ${p('address')} on ${p('device')} of ${p('namespace')} that has not ended, so nobody is answered, and nothing is sent from there. It takes a second or two; where it takes longer, dad_transmits is large, or the interface lost its carrier meanwhile.` : `For ${p('address')} on ${p('device')} of ${p('namespace')} the answer was yes, so the kernel keeps the address (“dadfailed”) without using it: nobody is answered, and nothing is sent from there. ${p('other') === '' ? 'The other owner is gone by now, and nobody tries again by itself: take the address away, and add it anew.' : `${p('other')} has it on ${p('otherDevice')}: one of the two needs another address.`}`}`
          : `Before a machine sends to ${p('address')}, it asks its network who has it, and believes the answer that comes first. Here two answer: ${p('namespace')} (${p('device')}) and ${p('other')} (${p('otherDevice')}). So packets go now to the one, now to the other, and connections are refused or break off without a reason that could be seen. One of them needs another address.`,
    },
    'zh-cn': {
      summary: (p) =>
        p('state') === ''
          ? `${p('namespace')} 和 ${p('other')} 在同一个网络上有相同的地址 ${p('address')}`
          : p('state') === 'tentative'
            ? `${p('namespace')} 还没有使用自己的地址 ${p('address')}：仍在检测是否已有别的机器使用它`
            : `${p('namespace')} 不使用自己的地址 ${p('address')}，因为${p('other') === '' ? '别的机器' : ` ${p('other')} `}先占用了它`,
      explanation: (p) =>
        p('state') !== ''
          ? `机器启用一个 IPv6 地址之前，会在网络上询问是否有人已经在用（重复地址检测）。${p('state') === 'tentative' ? `${p('namespace')} 的 ${p('device')} 上的 ${p('address')} 还没有检测完，所以它不应答任何人，也不用来发送。通常只要一两秒；如果更久，可能是 dad_transmits 太大，或者接口中途失去了载波。` : `${p('namespace')} 的 ${p('device')} 上的 ${p('address')} 得到的回答是“有”，于是内核保留这个地址（dadfailed）却不使用它：不应答任何人，也不用来发送。${p('other') === '' ? '另一个使用者现在已经不在了，但内核不会自己重试：请去掉这个地址，再重新添加。' : `${p('other')} 的 ${p('otherDevice')} 正在使用它：两者之一必须换地址。`}`}`
          : `机器向 ${p('address')} 发送之前，会在网络上询问谁拥有它，并相信最先到达的回答。这里有两个回答者：${p('namespace')}（${p('device')}）和 ${p('other')}（${p('otherDevice')}）。于是数据包时而到这个、时而到那个，连接被拒绝或莫名中断。其中一个必须换地址。`,
    },
  },
};

/** An address of IPv6 that its own machine does not use, for the sake of the other owner. */
function refused(situation: WaySituation): Finding | null {
  const found = refusedAddress(situation);
  if (!found) return null;
  const { snapshot, trace } = situation;
  const { namespace, link, address, rival } = found;
  const free = rival ? freeAddress(snapshot, address) : null;
  return {
    id: 'duplicate-address',
    place: { namespace },
    certainty: certaintyOf(trace),
    params: {
      namespace: labelIn(snapshot, namespace),
      device: link.name,
      other: rival ? labelIn(snapshot, rival.namespace) : null,
      otherDevice: rival?.link.name ?? null,
      address: address.address,
      state: address.flags.includes('dadfailed') ? 'dadfailed' : 'tentative',
    },
    evidence: [
      {
        source: readIn(snapshot, namespace, ['ip', '-6', 'address', 'show', 'dev', link.name]),
        text: [`${address.address}/${address.length}`, ...address.flags].join(' '),
      },
      ...(rival ? [linkEvidence(snapshot, rival.namespace, rival.link)] : []),
    ],
    remedies: !rival
      ? [{ actions: [retry(found)] }]
      : free === null
        ? []
        : [
            {
              actions: [
                {
                  kind: 'renumber',
                  namespace,
                  dev: link.name,
                  from: address.address,
                  to: free,
                  length: address.length,
                },
              ],
            },
          ],
  };
}

const retry = ({ namespace, link, address }: Claimant): FixAction => ({
  kind: 'retry-address',
  namespace,
  dev: link.name,
  address: address.address,
  length: address.length,
});

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
        certainty: sameAddress(packet.destination, step.address) ? certaintyOf(trace) : 'likely',
        params: {
          namespace: labelIn(snapshot, wrong.namespace),
          device: link.name,
          other: labelIn(snapshot, right.namespace),
          otherDevice: right.link.name,
          address: step.address,
          state: null,
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
                    ...(isRefused(right.address) ? [retry(right)] : []),
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
