import type { CauseKind } from '../cause.ts';
import { certaintyOf } from '../finding.ts';
import { containerWith } from '../containers.ts';
import { labelIn } from '../situation.ts';

/** Two different containers go by one name on a network: whoever asks for it is sent to either. */
export const nameCollision: CauseKind = {
  id: 'name-collision',
  lists: ['network'],
  find(situation) {
    if (situation.type !== 'way' || situation.naming?.by !== 'engine') return null;
    const { snapshot, naming, trace, forward, flow } = situation;
    const asked = forward.hops[0]?.packet.destination ?? '';
    const lost = containerWith(snapshot, asked)?.container;
    const meant = naming.others
      .filter(({ same, arrives }) => same && arrives)
      .map(({ address }) => ({ address, container: containerWith(snapshot, address)?.container }))
      .find(({ container }) => container !== undefined && container.id !== lost?.id);
    if (!lost || !meant?.container || flow.from.type !== 'namespace') return null;
    // Copies of one service share a name on purpose: then the one that fails is what is wrong.
    if (lost.service !== undefined && lost.service === meant.container.service) return null;
    const { namespace } = flow.from;
    const networks = lost.networks.filter(({ address }) => address === asked).map(({ network }) => network);
    return {
      id: 'name-collision',
      place: { namespace },
      certainty: certaintyOf(trace),
      params: {
        name: naming.name,
        namespace: labelIn(snapshot, namespace),
        network: networks.join(', '),
        wrong: lost.name,
        wrongAddress: asked,
        right: meant.container.name,
        rightAddress: meant.address,
      },
      evidence: [
        {
          source: `DNS: ${naming.source}`,
          text: `${naming.query}: ${asked} (${lost.name}), ${meant.address} (${meant.container.name})`,
        },
      ],
      remedies: [
        {
          actions: [{ kind: 'ask-instead', to: meant.container.name, port: null, address: meant.address }],
        },
      ],
    };
  },
  text: {
    en: {
      summary: (p) =>
        `On ${p('network')} the name ${p('name')} is two containers: ${p('right')}, which answers, and ${p('wrong')}, which does not`,
      explanation: (p) =>
        `Any container may be given any alias, and compose gives each service's name to its container: two projects on one network, both with a ${p('name')}, share that name. Docker's name server answers with both addresses (${p('rightAddress')} and ${p('wrongAddress')}) in changing order, so that it works now and then. Ask for ${p('right')} by its own name, or give one of the two another alias or another network.`,
    },
    'zh-cn': {
      summary: (p) =>
        `在 ${p('network')} 上，名字 ${p('name')} 对应两个容器：${p('right')} 有应答，${p('wrong')} 没有`,
      explanation: (p) =>
        `任何容器都可以起任何别名，compose 也会把服务名给它的容器：两个项目共用一个网络、又都有 ${p('name')} 时，就会共用这个名字。Docker 的名字服务器会以变化的顺序同时返回两个地址（${p('rightAddress')} 和 ${p('wrongAddress')}），于是时好时坏。请用 ${p('right')} 自己的名字访问它，或者给其中一个换别名、换网络。`,
    },
  },
};
