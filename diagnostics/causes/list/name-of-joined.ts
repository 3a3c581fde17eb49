import { engineWord, hasNames, networkOwner } from '../../model/engines.ts';
import { engineLine } from '../evidence.ts';
import type { CauseKind } from '../cause.ts';
import { askingContainer } from '../names.ts';

/** The name is that of a container that joined another's network: an engine's name server knows only that other one. */
export const nameOfJoined: CauseKind = {
  id: 'name-of-joined',
  find(situation) {
    const asking = situation.type === 'name' ? askingContainer(situation) : null;
    if (!asking || situation.type !== 'name') return null;
    const { asker, engine } = asking;
    const joined = asking.meant.find((it) => networkOwner(engine, it) !== it);
    if (!joined) return null;
    const owner = networkOwner(engine, joined);
    const own = owner === asker;
    const common = owner.networks.find(
      ({ networkId, address }) =>
        address !== undefined && asker.networks.some((ours) => ours.networkId === networkId),
    );
    if (!own && common === undefined) return null;
    const named = engine.networks.some((it) => it.id === common?.networkId && hasNames(engine, it));
    const instead = own ? 'localhost' : named ? owner.name : (common?.address ?? '');
    return {
      id: 'name-of-joined',
      place: { namespace: situation.namespace },
      certainty: 'certain',
      params: { container: joined.name, owner: owner.name, engine: engineWord(engine), own, instead },
      evidence: [
        {
          source: engineLine(engine, 'inspect', '-f', '{{.HostConfig.NetworkMode}}', joined.name),
          text: joined.networkMode,
        },
      ],
      remedies: [{ actions: [{ kind: 'ask-instead', to: instead, port: null }] }],
    };
  },
  text: {
    en: {
      summary: (p) =>
        `The container ${p('container')} has no name on the network: it uses the network of ${p('owner')}`,
      explanation: (p) =>
        `A container that was made with “--network container:${p('owner')}” (compose: network_mode: service:…) has no address of its own, and ${p('engine')}'s name server gives names only to containers that have one. What ${p('container')} serves is at the address of ${p('owner')}: ask for ${p('instead')}${p('own') === 'true' ? ', for both are in the same network namespace' : ''}. To have the name ${p('container')} as well, give ${p('owner')} that alias when it is made (--network-alias).`,
    },
    'zh-cn': {
      summary: (p) => `容器 ${p('container')} 在网络上没有自己的名字：它用的是 ${p('owner')} 的网络`,
      explanation: (p) =>
        `用“--network container:${p('owner')}”（compose 中的 network_mode: service:…）创建的容器没有自己的地址，而 ${p('engine')} 的名字服务器只给有地址的容器起名。${p('container')} 提供的服务就在 ${p('owner')} 的地址上：请访问 ${p('instead')}${p('own') === 'true' ? '，因为两者在同一个网络命名空间里' : ''}。如果也想用 ${p('container')} 这个名字，请在创建 ${p('owner')} 时把它设为别名（--network-alias）。`,
    },
  },
};
