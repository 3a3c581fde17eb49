import type { Link } from '../../model/link.ts';
import { childrenOf, type Child } from '../../simulate/link/macvlan.ts';
import { prefixContains } from '../../model/ip.ts';
import { freeLinkName, hostAndChild } from '../host-and-child.ts';
import type { CauseKind } from '../cause.ts';
import type { Remedy } from '../finding.ts';
import type { FixAction } from '../../fixes/registry.ts';
import type { WaySituation } from '../situation.ts';

/** A host and the macvlan interface on its own device: what one sends, the other never hears. */
export const macvlanHostIsolation: CauseKind = {
  id: 'macvlan-host-isolation',
  find(situation) {
    return situation.type === 'way'
      ? hostAndChild(situation, {
          id: 'macvlan-host-isolation',
          name: 'macvlan',
          children: childrenOf,
          told: ({ kind }) => `macvlan mode ${kind.mode}`,
          remedies,
        })
      : null;
  },
  text: {
    en: {
      summary: (p) =>
        `${p('namespace')} and ${p('child')} share the device ${p('lower')} by macvlan, and so never reach each other`,
      explanation: (p) =>
        `A macvlan interface puts its frames straight onto the wire of the device below it: ${p('device')} of ${p('child')} onto that of ${p('lower')}. The host's own frames go there too, and neither side hears what the other sends; a switch does not send a frame back by the port it came from. Everybody else on that network reaches both. A host that wants to talk to its own macvlan containers needs a macvlan interface itself.`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('namespace')} 和 ${p('child')} 通过 macvlan 共用设备 ${p('lower')}，因此永远到不了对方`,
      explanation: (p) =>
        `macvlan 接口把帧直接放到下层设备的线上：${p('child')} 的 ${p('device')} 用的是 ${p('lower')} 的线。主机自己的帧也走这条线，双方都听不到对方发出的帧；交换机也不会把帧从进来的端口再送回去。网络上的其他机器能到达两者。主机要与自己的 macvlan 容器通信，自己也需要一个 macvlan 接口。`,
    },
  },
};

function remedies(situation: WaySituation, lower: Link, child: Child): readonly Remedy[] {
  const { snapshot, namespace, packet } = situation;
  const own = child.link.addresses.filter(({ family }) => family === 4);
  const source = lower.addresses.find(
    ({ family, address }) => family === 4 && own.some((one) => prefixContains(one, address)),
  );
  const towards = own.find(({ address }) => source && prefixContains(source, address));
  // IPv6 answers for an address only on the device that has it; and beside a passthru child there is no room for another.
  if (packet.family === 6 || !source || !towards || child.kind.mode === 'passthru') return [];
  const bridge: readonly FixAction[] =
    child.kind.mode === 'bridge'
      ? []
      : [{ kind: 'set-macvlan-mode', namespace: child.namespace, dev: child.link.name }];
  return [
    {
      actions: [
        ...bridge,
        {
          kind: 'add-macvlan',
          namespace,
          lower: lower.name,
          name: freeLinkName(snapshot, namespace, 'macvlan'),
          address: towards.address,
          source: source.address,
        },
      ],
    },
  ];
}
