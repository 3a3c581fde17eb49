import type { CauseKind } from '../cause.ts';
import { readIn } from '../evidence.ts';
import { labelIn, linkIn } from '../situation.ts';

/** A bridge port that is up does not pass the frame: its spanning tree state, or isolation from the port it came in by. */
export const bridgePortBlocked: CauseKind = {
  id: 'bridge-port-blocked',
  find(situation) {
    if (situation.type !== 'way') return null;
    const { snapshot, namespace, step } = situation;
    if (step.kind !== 'bridge') return null;
    if (step.problem !== 'port-not-forwarding' && step.problem !== 'isolated') return null;
    const isolated = step.problem === 'isolated';
    const ports = [step.inPort, step.outPort].flatMap((dev) =>
      dev === null ? [] : (linkIn(snapshot, namespace, dev) ?? []),
    );
    const link = ports.find(({ port }) =>
      isolated ? port?.isolated === true : port !== undefined && port.state !== 'forwarding',
    );
    if (!link?.up || !link.carrier) return null;
    return {
      id: 'bridge-port-blocked',
      place: { namespace },
      certainty: 'certain',
      params: {
        namespace: labelIn(snapshot, namespace),
        bridge: step.bridge,
        port: link.name,
        otherPort: ports.find((it) => it !== link)?.name ?? null,
        isolated,
        state: link.port?.state ?? null,
      },
      evidence: [
        {
          source: readIn(snapshot, namespace, ['bridge', '-d', 'link', 'show', 'dev', link.name]),
          text: `${link.name}: state ${link.port?.state ?? ''} isolated ${link.port?.isolated === true ? 'on' : 'off'}`,
        },
      ],
      remedies: [
        {
          actions: [{ kind: 'open-port', namespace, dev: link.name, what: isolated ? 'isolated' : 'state' }],
        },
      ],
    };
  },
  text: {
    en: {
      summary: (p) =>
        p('isolated') === 'true'
          ? `The bridge ${p('bridge')} in ${p('namespace')} keeps its ports ${p('port')} and ${p('otherPort')} apart (isolated)`
          : `The port ${p('port')} of the bridge ${p('bridge')} in ${p('namespace')} does not forward (state ${p('state')})`,
      explanation: (p) =>
        p('isolated') === 'true'
          ? `Ports of a bridge can be marked as isolated: then the bridge passes nothing from one isolated port to another, only between them and the rest. ${p('port')} and ${p('otherPort')} are both isolated, so the frame stops there.`
          : `Each port of a bridge has a state, which the spanning tree protocol or a person sets; only in the state “forwarding” do frames pass. ${p('port')} is up and in the state “${p('state')}”, so whatever comes in or should go out by it is dropped.`,
    },
    'zh-cn': {
      summary: (p) =>
        p('isolated') === 'true'
          ? `${p('namespace')} 的网桥 ${p('bridge')} 把端口 ${p('port')} 和 ${p('otherPort')} 隔离开了（isolated）`
          : `${p('namespace')} 的网桥 ${p('bridge')} 的端口 ${p('port')} 不转发（状态 ${p('state')}）`,
      explanation: (p) =>
        p('isolated') === 'true'
          ? `网桥端口可以标记为隔离：隔离端口之间互不转发，只能与其他端口通信。${p('port')} 和 ${p('otherPort')} 都被隔离，所以帧到这里就停住了。`
          : `网桥的每个端口都有一个状态，由生成树协议或人来设置，只有“forwarding”状态才让帧通过。${p('port')} 已启用，却处于“${p('state')}”状态，所以经过它的帧都被丢弃。`,
    },
  },
};
