import { hasPorts } from '../../model/packet.ts';
import { containerLabel, isUserDefined, keyOf } from '../../model/engines.ts';
import type { CauseKind } from '../cause.ts';
import { certaintyOf, type Remedy } from '../finding.ts';
import { containerWith, networkNames } from '../containers.ts';
import { networksEvidence, ruleEvidence } from '../evidence.ts';
import { labelIn } from '../situation.ts';
import { guardedBridge } from './direct-routing-blocked.ts';
import { acceptRemedies, decidingFilter, ruleParams } from '../verdict-rule.ts';

/** The two containers are on different networks of one engine, which keeps networks apart on purpose. */
export const dockerIsolation: CauseKind = {
  id: 'docker-isolation',
  lists: ['fromNetworks', 'toNetworks'],
  purpose: ['from', 'to', 'direction'],
  find(situation) {
    if (situation.type !== 'way') return null;
    const step = decidingFilter(situation);
    if (!step || step.decidedBy.hook === 'input' || step.decidedBy.hook === 'output') return null;
    const { snapshot, namespace, packet, direction, trace } = situation;
    const { decidedBy } = step;
    // What the rule was for: the engine's own chains and tables carry its name.
    const isDockers = /^docker/i.test(decidedBy.chain) || /^docker/i.test(decidedBy.table);
    if (!isDockers && guardedBridge(situation, decidedBy) === null) return null;
    if (decidedBy.chain === 'DOCKER-USER') return null;
    const ends = [packet.source, packet.destination].map((address) => containerWith(snapshot, address));
    const [from, to] = direction === 'forward' ? ends : [...ends].reverse();
    if (
      !from ||
      !to ||
      from.host !== to.host ||
      from.engine !== to.engine ||
      from.container.id === to.container.id
    )
      return null;
    const theirs = networkNames(to.container);
    if (networkNames(from.container).some((name) => theirs.includes(name))) return null;
    const { engine } = from;
    const joinable = engine.networks.filter((network) => isUserDefined(engine, network));
    const join = (container: string, names: readonly string[]): readonly Remedy[] =>
      joinable
        .filter(({ name }) => names.includes(name))
        .map(({ name }) => ({
          actions: [{ kind: 'connect-network', host: from.host, ...keyOf(engine), container, network: name }],
        }));
    // Where the host's own address was asked for (a published port), joining a network changes nothing for that address.
    const asked = trace.hops[0]?.packet.destination;
    const translated = direction === 'forward' && asked !== packet.destination;
    const joining = [
      ...join(from.container.name, theirs),
      ...join(to.container.name, networkNames(from.container)),
    ];
    const askItself: Remedy['actions'] = [
      {
        kind: 'ask-instead',
        to: containerLabel(to),
        port: hasPorts(packet) ? packet.destinationPort : null,
        address: packet.destination,
      },
    ];
    return {
      id: 'docker-isolation',
      place: { namespace },
      certainty: certaintyOf(trace),
      params: {
        ...ruleParams(situation, step),
        namespace: labelIn(snapshot, namespace),
        from: from.container.name,
        to: to.container.name,
        fromNetworks: networkNames(from.container).join(', '),
        toNetworks: theirs.join(', '),
      },
      evidence: [
        networksEvidence(engine, [from.container, to.container]),
        ruleEvidence(snapshot, namespace, decidedBy),
      ],
      remedies: translated
        ? [
            ...acceptRemedies(situation, step),
            ...join(from.container.name, theirs).map(({ actions }) => ({
              actions: [...actions, ...askItself],
            })),
          ]
        : joining,
    };
  },
  text: {
    en: {
      summary: (p) =>
        `The containers ${p('from')} (${p('fromNetworks')}) and ${p('to')} (${p('toNetworks')}) have no network in common, and Docker keeps its networks apart`,
      explanation: (p) =>
        `Containers on one Docker network reach each other; between different networks Docker drops everything, on purpose: that is what networks are for. ${p('from')} is on ${p('fromNetworks')}, ${p('to')} on ${p('toNetworks')}. A container may be on several networks: connect one of the two to a network of the other.`,
    },
    'zh-cn': {
      summary: (p) =>
        `容器 ${p('from')}（${p('fromNetworks')}）与 ${p('to')}（${p('toNetworks')}）没有共同的网络，而 Docker 会隔离不同的网络`,
      explanation: (p) =>
        `同一个 Docker 网络里的容器可以互相访问；不同网络之间的流量会被 Docker 有意丢弃，网络的用途正在于此。${p('from')} 在 ${p('fromNetworks')} 上，${p('to')} 在 ${p('toNetworks')} 上。一个容器可以同时加入多个网络：把其中一个接入对方的网络即可。`,
    },
  },
};
