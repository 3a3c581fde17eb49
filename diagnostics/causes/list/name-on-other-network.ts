import { engineWord, hasNames, keyOf } from '../../model/engines.ts';
import type { CauseKind } from '../cause.ts';
import type { Remedy } from '../finding.ts';
import { networksEvidence } from '../evidence.ts';
import { networkNames, networksOfName } from '../containers.ts';
import { askingContainer } from '../names.ts';

/** The name is a container's, on a user-defined network that the asking container is not on. */
export const nameOnOtherNetwork: CauseKind = {
  id: 'name-on-other-network',
  lists: ['askerNetworks', 'networks'],
  find(situation) {
    const asking = situation.type === 'name' ? askingContainer(situation) : null;
    const target = asking?.meant[0];
    if (!asking || !target || situation.type !== 'name') return null;
    const { asker, host, engine } = asking;
    const theirs = networksOfName(engine, target, situation.name);
    const ours = networkNames(asker);
    if (theirs.length === 0 || theirs.some((name) => ours.includes(name))) return null;
    const nearer = networkNames(target).some(
      (name) => ours.includes(name) && engine.networks.some((it) => it.name === name && hasNames(engine, it)),
    );
    return {
      id: 'name-on-other-network',
      place: { namespace: situation.namespace },
      certainty: 'certain',
      params: {
        name: situation.name,
        asker: asker.name,
        container: target.name,
        askerNetworks: ours.join(', '),
        networks: theirs.join(', '),
        engine: engineWord(engine),
      },
      evidence: [networksEvidence(engine, [asker, target])],
      remedies: [
        ...theirs.map((network): Remedy => ({
          actions: [{ kind: 'connect-network', host, ...keyOf(engine), container: asker.name, network }],
        })),
        // On the network that both are on it has its own name.
        ...(nearer ? [{ actions: [{ kind: 'ask-instead' as const, to: target.name, port: null }] }] : []),
      ],
    };
  },
  text: {
    en: {
      summary: (p) =>
        `The name ${p('name')} is known on the network ${p('networks')}, which ${p('asker')} is not on`,
      explanation: (p) =>
        `${p('engine')} answers for a container's name only to containers on the same network. ${p('container')} is on ${p('networks')}, ${p('asker')} on ${p('askerNetworks')}, so for ${p('asker')} there is no such name. Connect it to a network of ${p('container')}; then the name and the way are both there.`,
    },
    'zh-cn': {
      summary: (p) => `名字 ${p('name')} 只在网络 ${p('networks')} 上有效，而 ${p('asker')} 不在那个网络里`,
      explanation: (p) =>
        `${p('engine')} 只向同一网络中的容器解析容器名。${p('container')} 在 ${p('networks')} 上，${p('asker')} 在 ${p('askerNetworks')} 上，所以对 ${p('asker')} 来说没有这个名字。把它接入 ${p('container')} 所在的网络，名字和道路就都有了。`,
    },
  },
};
