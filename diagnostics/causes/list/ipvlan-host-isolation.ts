import type { Link } from '../../model/link.ts';
import { prefixContains } from '../../model/ip.ts';
import { freeAddress } from '../../fixes/patch.ts';
import { ipvlansOf, type IpvlanChild } from '../../simulate/link/ipvlan.ts';
import type { CauseKind } from '../cause.ts';
import type { Remedy } from '../finding.ts';
import { freeLinkName, hostAndChild } from '../host-and-child.ts';
import type { WaySituation } from '../situation.ts';

/** A host and the ipvlan interface on its own device: what one sends, the other never hears. */
export const ipvlanHostIsolation: CauseKind = {
  id: 'ipvlan-host-isolation',
  find(situation) {
    return situation.type === 'way'
      ? hostAndChild(situation, {
          id: 'ipvlan-host-isolation',
          name: 'ipvlan',
          children: ipvlansOf,
          told: ({ kind }) => `ipvlan mode ${kind.mode} ${kind.flag ?? 'bridge'}`,
          remedies,
        })
      : null;
  },
  text: {
    en: {
      summary: (p) =>
        `${p('namespace')} and ${p('child')} share the device ${p('lower')} by ipvlan, and so never reach each other`,
      explanation: (p) =>
        `An ipvlan interface puts its packets straight onto the wire of the device below it, with that one's hardware address: ${p('device')} of ${p('child')} onto that of ${p('lower')}. The host's own packets for it go out there too, and neither side hears what the other sends. That is how ipvlan is made, not a fault of it; everybody else on that network reaches both. A host that wants to talk to its own ipvlan containers needs an ipvlan interface with an address itself.`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('namespace')} 和 ${p('child')} 通过 ipvlan 共用设备 ${p('lower')}，因此永远到不了对方`,
      explanation: (p) =>
        `ipvlan 接口用下层设备的硬件地址，把数据包直接放到它的线上：${p('child')} 的 ${p('device')} 用的是 ${p('lower')} 的线。主机发给它的数据包也从这条线出去，双方都听不到对方。ipvlan 就是这样设计的，并不是故障；网络上的其他机器能到达两者。主机要与自己的 ipvlan 容器通信，自己也需要一个带地址的 ipvlan 接口。`,
    },
  },
};

/** One of the host's own, with an address that nobody has: its neighbours answer to that one. */
function remedies({ snapshot, namespace }: WaySituation, lower: Link, child: IpvlanChild): readonly Remedy[] {
  const { kind } = child;
  const own = child.link.addresses.find(({ family }) => family === 4);
  const source = own && freeAddress(snapshot, own);
  const sameNetwork = lower.addresses.some((address) => own && prefixContains(address, own.address));
  if (!own || !source || kind.flag !== undefined || (kind.mode === 'l2' && !sameNetwork)) return [];
  return [
    {
      actions: [
        {
          kind: 'add-ipvlan',
          namespace,
          lower: lower.name,
          name: freeLinkName(snapshot, namespace, 'ipvlan'),
          mode: kind.mode,
          address: own.address,
          source,
        },
      ],
    },
  ];
}
