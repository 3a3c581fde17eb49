import type { CauseKind } from '../cause.ts';
import { readIn } from '../evidence.ts';
import { labelIn, linkIn, linksIn } from '../situation.ts';

/** Two ipvlan interfaces on one device, which was told to keep its interfaces apart. */
export const ipvlanFlag: CauseKind = {
  id: 'ipvlan-flag',
  find(situation) {
    if (situation.type !== 'way') return null;
    const { snapshot, namespace, step, trace } = situation;
    if (step.kind !== 'macvlan' || step.driver !== 'ipvlan' || step.problem !== 'siblings') return null;
    // Told where the asker is, or where the device below is: the flag is that of all on it.
    const at = [namespace, ...trace.hops.map((hop) => hop.namespace)].find(
      (id) => linkIn(snapshot, id, step.dev)?.kind.type === 'ipvlan',
    );
    const home =
      at ?? snapshot.namespaces.find(({ id }) => linkIn(snapshot, id, step.dev)?.kind.type === 'ipvlan')?.id;
    const link =
      home === undefined ? undefined : linksIn(snapshot, home).find(({ name }) => name === step.dev);
    if (home === undefined || link?.kind.type !== 'ipvlan' || link.kind.flag === undefined) return null;
    const { mode, flag } = link.kind;
    return {
      id: 'ipvlan-flag',
      place: { namespace: home },
      certainty: 'certain',
      params: { namespace: labelIn(snapshot, home), device: link.name, lower: step.lower, mode, flag },
      evidence: [
        {
          source: readIn(snapshot, home, ['ip', '-d', 'link', 'show', 'dev', link.name]),
          text: `${link.name}@${step.lower}: ipvlan mode ${mode} ${flag}`,
        },
      ],
      remedies: [{ actions: [{ kind: 'set-ipvlan-bridge', namespace: home, dev: link.name }] }],
    };
  },
  text: {
    en: {
      summary: (p) =>
        `The ipvlan interfaces on ${p('lower')} are kept apart: they are in mode ${p('mode')} with the flag ${p('flag')}`,
      explanation: (p) =>
        `Ipvlan interfaces on one device hand packets to each other only with the flag “bridge”. “private” throws away what one of them sends to another; “vepa” sends it out to a switch, which would have to send it back. ${p('device')} of ${p('namespace')} and all others on ${p('lower')} have the flag ${p('flag')}: it belongs to the device.`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('lower')} 上的 ipvlan 接口互相隔离：它们是 ${p('mode')} 模式，带有 ${p('flag')} 标志`,
      explanation: (p) =>
        `同一设备上的 ipvlan 接口只有在“bridge”标志下才会互相交付数据包。“private” 会丢弃它们之间的数据包；“vepa” 把数据包发给外面的交换机，要靠它再送回来。${p('namespace')} 的 ${p('device')} 和 ${p('lower')} 上的其他接口都带有 ${p('flag')} 标志：它属于这个设备。`,
    },
  },
};
