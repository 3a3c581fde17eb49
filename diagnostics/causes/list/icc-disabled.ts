import type { CauseKind } from '../cause.ts';
import { certaintyOf } from '../finding.ts';
import { containerWith } from '../containers.ts';
import { engineLine, ruleEvidence } from '../evidence.ts';
import { labelIn } from '../situation.ts';
import type { RuleReference } from '../../model/trace.ts';
import { isEngineRule } from '../closed-network.ts';
import { acceptRemedies, decidingFilter, ruleParams } from '../verdict-rule.ts';

/** The network was made so that its containers do not reach each other (`enable_icc=false`, `dockerd --icc=false`). */
export const iccDisabled: CauseKind = {
  id: 'icc-disabled',
  find(situation) {
    if (situation.type !== 'way') return null;
    const step = decidingFilter(situation);
    const { snapshot, namespace, packet, direction, trace } = situation;
    if (step?.decidedBy.hook !== 'forward' || step.decidedBy.chain === 'DOCKER-USER') return null;
    const [source, destination] = [packet.source, packet.destination].map((it) =>
      containerWith(snapshot, it),
    );
    if (!source || !destination || source.engine !== destination.engine) return null;
    const common = source.container.networks.filter(({ networkId }) =>
      destination.container.networks.some((it) => it.networkId === networkId),
    );
    const closed = source.engine.networks.find(
      ({ id, options }) =>
        options['com.docker.network.bridge.enable_icc'] === 'false' &&
        common.some(({ networkId }) => networkId === id),
    );
    if (closed?.bridge === undefined || !keepsApart(step.decidedBy, closed.bridge)) return null;
    const [from, to] = direction === 'forward' ? [source, destination] : [destination, source];
    return {
      id: 'icc-disabled',
      place: { namespace },
      certainty: certaintyOf(trace),
      params: {
        ...ruleParams(situation, step),
        namespace: labelIn(snapshot, namespace),
        from: from.container.name,
        to: to.container.name,
        network: closed.name,
      },
      evidence: [
        {
          source: engineLine(
            source.engine,
            ...['network', 'inspect', '-f'],
            '{{index .Options "com.docker.network.bridge.enable_icc"}}',
            ...['--', closed.name],
          ),
          text: 'false',
        },
        ruleEvidence(snapshot, namespace, step.decidedBy),
      ],
      remedies: acceptRemedies(situation, step),
    };
  },
  text: {
    en: {
      summary: (p) =>
        `${p('from')} and ${p('to')} are both on ${p('network')}, a Docker network whose containers may not reach each other (icc=false)`,
      explanation: (p) =>
        `ICC, inter-container communication, is an option of a Docker network. On ${p('network')} it is off, by “docker network create -o com.docker.network.bridge.enable_icc=false” or, for the default network, “dockerd --icc=false”: Docker then drops every packet from one of its containers to another. If these two have to talk, put both on a network of their own; a rule in DOCKER-USER lets this one flow through for now.`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('from')} 和 ${p('to')} 同在 Docker 网络 ${p('network')} 上，但它禁止容器互访（icc=false）`,
      explanation: (p) =>
        `ICC（容器间通信）是 Docker 网络的一个选项。${p('network')} 关闭了它：创建时用了“-o com.docker.network.bridge.enable_icc=false”，或者对默认网络用了“dockerd --icc=false”。于是 Docker 丢弃其中容器之间的一切数据包。如果这两个容器需要通信，请把它们放进一个自建的网络；在 DOCKER-USER 中加一条规则可以暂时放行这一种流量。`,
    },
  },
};

/**
 * Whether it is the engine's rule about this bridge (libnetwork, setup_ip_tables_linux.go: `-i BRIDGE -o BRIDGE -j DROP`, in FORWARD
 * itself before Docker 28), not one of a user's that happens to come first.
 */
const keepsApart = (reference: RuleReference, bridge: string): boolean => {
  const text = reference.rule?.text ?? '';
  return (
    text.includes(bridge) && (isEngineRule(reference) || text.endsWith(` -i ${bridge} -o ${bridge} -j DROP`))
  );
};
