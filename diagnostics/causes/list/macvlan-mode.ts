import { childrenOf, type Child } from '../../simulate/link/macvlan.ts';
import type { CauseKind } from '../cause.ts';
import { readIn } from '../evidence.ts';
import { labelIn, linkIn, type WaySituation } from '../situation.ts';
import { lastNextHop } from '../tunnel.ts';
import type { Step } from '../../model/trace.ts';
import { sameAddress } from '../../model/ip.ts';

/** Two macvlan interfaces on one device are in modes in which they do not meet. */
export const macvlanMode: CauseKind = {
  id: 'macvlan-mode',
  find(situation) {
    if (situation.type !== 'way') return null;
    const { snapshot, namespace, step } = situation;
    const lower = sharedDevice(step);
    if (lower === null) return null;
    const pair = siblings(situation, lower);
    const wrong = pair.filter(({ kind }) => kind.mode !== 'bridge');
    const [first] = wrong;
    const [one, other] = pair;
    if (!first || !one || !other) return null;
    return {
      id: 'macvlan-mode',
      place: { namespace: first.namespace },
      certainty: 'certain',
      params: {
        namespace: labelIn(snapshot, one.namespace),
        device: one.link.name,
        mode: one.kind.mode,
        other: labelIn(snapshot, other.namespace),
        otherDevice: other.link.name,
        otherMode: other.kind.mode,
        lower,
        host: labelIn(snapshot, namespace),
      },
      evidence: pair.map((child) => ({
        source: readIn(snapshot, child.namespace, ['ip', '-d', 'link', 'show', 'dev', child.link.name]),
        text: `${child.link.name}@${lower}: macvlan mode ${child.kind.mode}`,
      })),
      remedies: [
        {
          actions: wrong.map((child) => ({
            kind: 'set-macvlan-mode',
            namespace: child.namespace,
            dev: child.link.name,
          })),
        },
      ],
    };
  },
  text: {
    en: {
      summary: (p) =>
        `${p('namespace')} and ${p('other')} are on the same device ${p('lower')} by macvlan, and their modes (${p('mode')}, ${p('otherMode')}) keep them apart`,
      explanation: (p) =>
        `Macvlan interfaces on one device hand frames to each other only where both are in mode bridge. “private” keeps an interface away from all others on its device; “vepa” sends everything out to a switch, which would have to send it back. ${p('device')} of ${p('namespace')} is in mode ${p('mode')}, ${p('otherDevice')} of ${p('other')} in mode ${p('otherMode')}.`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('namespace')} 和 ${p('other')} 通过 macvlan 共用设备 ${p('lower')}，但它们的模式（${p('mode')}、${p('otherMode')}）使双方隔离`,
      explanation: (p) =>
        `同一设备上的 macvlan 接口只有都处于 bridge 模式才会互相交付帧。“private” 与同一设备上的所有接口隔离；“vepa” 把一切都发给外面的交换机，要靠它再送回来。${p('namespace')} 的 ${p('device')} 是 ${p('mode')} 模式，${p('other')} 的 ${p('otherDevice')} 是 ${p('otherMode')} 模式。`,
    },
  },
};

/** Where frames between them end; of a sibling whose hardware address is known, in the bridge below both. */
function sharedDevice(step: Step): string | null {
  if (step.kind === 'macvlan' && !step.driver && step.problem === 'siblings') return step.lower;
  return step.kind === 'bridge' && step.problem === 'no-port-leads-there' ? step.bridge : null;
}

/** Who asks, and who was asked for. */
function siblings(situation: WaySituation, lower: string): readonly Child[] {
  const { snapshot, namespace } = situation;
  const link = linkIn(snapshot, namespace, lower);
  const hop = lastNextHop(situation);
  if (!link || !hop) return [];
  const children = childrenOf(snapshot, namespace, link.index);
  const asker = children.find(
    (child) => child.namespace === hop.namespace && child.link.index === hop.link.index,
  );
  const asked = children.find(
    (child) => child !== asker && child.link.addresses.some((own) => sameAddress(own.address, hop.address)),
  );
  return asker && asked ? [asker, asked] : [];
}
