import { hasPorts } from '../../model/packet.ts';
import type { InsertRule } from '../../fixes/actions/insert-rule.ts';
import { ENGINE_DNS, engineRunning } from '../../model/engines.ts';
import type { Engine } from '../../model/container.ts';
import { prefixContains } from '../../model/ip.ts';
import type { Backend } from '../../model/ruleset.ts';
import type { ChainPlace } from '../../fixes/rule-patch.ts';
import { ANY } from '../../fixes/rule-spec.ts';
import type { CauseKind, Shown } from '../cause.ts';
import { certaintyOf, type Finding, type Remedy } from '../finding.ts';
import {
  acceptsPort,
  engineRuling,
  forwardedTo,
  forwardingUnruled,
  missingForPort,
  publishedAt,
  translationUnruled,
  type MissingRules,
} from '../docker-rules.ts';
import { readIn } from '../evidence.ts';
import { socketsIn } from '../listeners.ts';
import { publishRemedies } from '../publish.ts';
import { labelIn, type WaySituation } from '../situation.ts';
import { acceptRemedies, decidingFilter } from '../verdict-rule.ts';
import { missingMasquerade } from './missing-masquerade.ts';

/** The engine's rules were there once, and something flushed them: a firewall's reload, mostly. */
export const dockerChainsMissing: CauseKind = {
  id: 'docker-chains-missing',
  find(situation) {
    if (situation.type !== 'way') return null;
    return (
      unforwarded(situation) ??
      resolverUntranslated(situation) ??
      notPassedOn(situation) ??
      notMasqueraded(situation)
    );
  },
  text: {
    en: {
      summary: (p) =>
        p('off') === 'true'
          ? `Docker in ${p('namespace')} was told to write no firewall rules (--iptables=false): ${lackEn(p)}`
          : `Docker's own firewall rules are missing in ${p('namespace')}: ${lackEn(p)}`,
      explanation: (p) =>
        p('lacks') === 'resolver'
          ? `Docker's own name server waits for a container's questions inside the container, at ${p('address')} on a port that it draws at each start (now ${p('port')}); rules of the container's own table nat lead there from port 53. Something in ${p('namespace')} has removed them: “iptables -F -t nat” in an entry script, mostly, or a VPN client. Started again, the container has them again.`
          : p('off') === 'true'
            ? `Docker forwards published ports, lets containers out and gives them the host's address by rules of its own in the firewall. This engine was told not to write them (--iptables=false, or "iptables": false in /etc/docker/daemon.json). ${lossEn(p)} Either let it write them (take that setting away, and restart it), or write every one of them yourself.`
            : `Docker forwards published ports, lets containers out and gives them the host's address by rules of its own in the firewall. It writes them when it starts, and does not look after them. ${lossEn(p)} Something has removed them since: a firewall that was reloaded, “iptables -F”, a script. Restarting the engine writes all of them again; whatever flushes them has to run before it, or leave Docker's chains alone.`,
    },
    'zh-cn': {
      summary: (p) =>
        p('off') === 'true'
          ? `${p('namespace')} 中的 Docker 被设置为不写防火墙规则（--iptables=false）：${lackZh(p)}`
          : `${p('namespace')} 中缺少 Docker 自己的防火墙规则：${lackZh(p)}`,
      explanation: (p) =>
        p('lacks') === 'resolver'
          ? `Docker 自带的名字服务器就在容器里等着查询：地址是 ${p('address')}，端口在每次启动时随机选定（现在是 ${p('port')}）；容器自己的 nat 表里有规则把 53 端口引到那里。${p('namespace')} 里有东西把这些规则删掉了：多半是启动脚本里的“iptables -F -t nat”，或者某个 VPN 客户端。容器重新启动后，这些规则就又有了。`
          : p('off') === 'true'
            ? `Docker 依靠自己写入防火墙的规则来转发发布的端口、放行容器的出站流量并换上宿主机的地址。这个引擎被设置为不写这些规则（--iptables=false，或 /etc/docker/daemon.json 中的 "iptables": false）。${lossZh(p)}要么让它写（去掉这个设置并重启引擎），要么自己把每一条都写好。`
            : `Docker 依靠自己写入防火墙的规则来转发发布的端口、放行容器的出站流量并换上宿主机的地址。它只在启动时写入，之后并不看管。${lossZh(p)}后来有别的东西把这些规则删掉了：重新加载的防火墙、“iptables -F”，或者某个脚本。重启引擎会重新写入全部规则；而清空规则的程序应当在它之前运行，或者不要动 Docker 的链。`,
    },
  },
};

const LACKS_EN: Readonly<Record<string, string>> = {
  chain: 'there is no chain DOCKER in table nat',
  jump: 'nothing calls chain DOCKER of table nat',
  rule: 'the rule for this published port is gone',
  forward: 'chain FORWARD calls none of its chains',
  accept: 'the rule that lets this published port through is gone',
  masquerade: 'nothing gives what leaves its containers the address of the host',
  resolver: 'nothing leads to its name server',
};

const LACKS_ZH: Readonly<Record<string, string>> = {
  chain: 'nat 表中没有 DOCKER 链',
  jump: '没有规则调用 nat 表的 DOCKER 链',
  rule: '这个已发布端口的规则不见了',
  forward: 'FORWARD 链没有调用它的任何链',
  accept: '放行这个已发布端口的规则不见了',
  masquerade: '没有规则为离开容器的流量换上宿主机的地址',
  resolver: '没有规则通往它的名字服务器',
};

const lackEn = (p: Shown): string => LACKS_EN[p('lacks')] ?? p('lacks');
const lackZh = (p: Shown): string => LACKS_ZH[p('lacks')] ?? p('lacks');

const lossEn = (p: Shown): string =>
  p('container') === ''
    ? 'Without them nothing passes between its networks and the rest of the world.'
    : `Port ${p('port')} is published for ${p('container')}, and the packet was not sent on to it.`;

const lossZh = (p: Shown): string =>
  p('container') === ''
    ? '没有它们，容器网络与外界之间就不能通行。'
    : `端口 ${p('port')} 是为 ${p('container')} 发布的，数据包却没有被转发给它。`;

/** A published port was asked for, and the packet came to the host itself. */
function unforwarded(situation: WaySituation): Finding | null {
  const { snapshot, namespace, step, packet, direction, trace } = situation;
  if (direction !== 'forward' || step.kind !== 'deliver' || !hasPorts(packet)) return null;
  if (step.accepted && step.held !== true) return null;
  const { protocol, destination: address, destinationPort: port } = packet;
  const asked = { protocol, port, address };
  const engine = engineRuling(snapshot, namespace, (it) => forwardedTo(it, asked) !== null);
  const forwarded = engine && forwardedTo(engine, asked);
  if (!forwarded) return null;
  const { container, published } = forwarded;
  const hook = trace.hops.length === 1 ? 'output' : 'prerouting';
  const target = { address: forwarded.address, port: published.containerPort };
  const lacks = missingForPort(snapshot, namespace, hook, target);
  if (lacks === null) return null;
  const refusal = { namespace, protocol, address, port };
  return finding(
    situation,
    lacks,
    { container: container.name, port, protocol },
    publishRemedies(situation, refusal, { engine, container }, published.containerPort),
  );
}

/** A container asks the engine's name server, and nothing translates the question to where that one listens. */
function resolverUntranslated({ snapshot, namespace, step, packet, ...rest }: WaySituation): Finding | null {
  if (rest.direction !== 'forward' || step.kind !== 'deliver' || step.accepted || !hasPorts(packet))
    return null;
  const { destination: address, destinationPort: port } = packet;
  if (address !== ENGINE_DNS || port !== DNS_PORT) return null;
  if (engineRunning(snapshot, namespace)?.kind !== 'docker') return null;
  const own = socketsIn(snapshot, namespace).filter((socket) => socket.address === address);
  const asked = own.find(({ protocol }) => protocol === packet.protocol);
  if (!asked) return null;
  const place: ChainPlace = {
    ...{ namespace, backend: 'iptables-nft', family: 'ip' },
    ...{ table: 'nat', chain: 'OUTPUT' },
  };
  return {
    id: 'docker-chains-missing',
    place: { namespace },
    certainty: certaintyOf(rest.trace),
    params: { namespace: labelIn(snapshot, namespace), lacks: 'resolver', address, port: asked.port },
    evidence: [
      {
        source: readIn(snapshot, namespace, ['iptables', '-t', 'nat', '-S', 'OUTPUT']),
        text: LACKS_EN['resolver'] ?? '',
      },
    ],
    remedies: [
      {
        // Who gets a long answer asks again by TCP.
        actions: [...new Map(own.map((socket) => [socket.protocol, socket])).values()].map((socket) => ({
          kind: 'insert-rule' as const,
          place,
          before: null,
          spec: {
            ...ANY,
            destination: address,
            protocol: socket.protocol,
            destinationPort: port,
            action: { type: 'dnat' as const, address, port: socket.port },
          },
        })),
      },
    ],
  };
}

const DNS_PORT = 53;

/** What comes from or goes to a network of the engine, and what nobody accepts because Docker's chains are not called, or are empty. */
function notPassedOn(situation: WaySituation): Finding | null {
  const { snapshot, namespace, packet } = situation;
  const step = decidingFilter(situation);
  if (step?.decidedBy.hook !== 'forward' || step.decidedBy.family !== 'ip') return null;
  if (step.decidedBy.rule !== null && !decidesAll(step.decidedBy.rule.text)) return null;
  const engine = engineRuling(snapshot, namespace);
  if (!isWriting(engine, step.decidedBy.backend)) return null;
  const own = engine?.networks.some(
    ({ driver, internal, subnets }) =>
      driver === 'bridge' && !internal && subnets.some(({ subnet }) => touches(subnet, packet)),
  );
  if (!engine || own !== true) return null;
  const remedies = acceptRemedies(situation, step);
  if (forwardingUnruled(snapshot, namespace)) return finding(situation, 'forward', {}, remedies);
  const published = packet.protocol === 'icmp' ? null : publishedAt(engine, packet);
  if (!published || acceptsPort(snapshot, namespace, packet)) return null;
  const { container, port } = published;
  return finding(situation, 'accept', { container, port, protocol: packet.protocol }, remedies);
}

/** Whether the engine's rules would stand in the same tables: none of another backend's lets anything past a drop. */
const isWriting = (engine: Engine | null, backend: Backend): boolean =>
  backend !== 'nft' && [undefined, backend].includes(engine?.settings?.writesTo);

/** A rule for whatever comes: it stands where a policy would. */
const decidesAll = (text: string): boolean => /^-A FORWARD -j (?:DROP|REJECT\b)/.test(text);

const touches = (subnet: string, { source, destination }: WaySituation['packet']): boolean => {
  const [address = '', length] = subnet.split('/');
  return [source, destination].some((end) => prefixContains({ address, length: Number(length) }, end));
};

/** What leaves a network of the engine under its own address, since the engine's rules of table nat are not called. */
function notMasqueraded(situation: WaySituation): Finding | null {
  const found = missingMasquerade.find(situation);
  if (!found || !('namespace' in found.place) || found.params['network'] === null) return null;
  const { namespace } = found.place;
  if (!engineRuling(situation.snapshot, namespace) || !translationUnruled(situation.snapshot, namespace))
    return null;
  return finding({ ...situation, namespace }, 'masquerade', {}, found.remedies);
}

function finding(
  situation: WaySituation,
  lacks: MissingRules | 'forward' | 'accept' | 'masquerade',
  more: Finding['params'],
  remedies: readonly Remedy[],
): Finding {
  const { snapshot, namespace, trace } = situation;
  // Nobody else's rules are missing where the engine writes none.
  const off = engineRuling(snapshot, namespace)?.settings?.iptables === false;
  const table = lacks === 'forward' || lacks === 'accept' ? 'filter' : 'nat';
  return {
    id: 'docker-chains-missing',
    place: { namespace },
    certainty: certaintyOf(trace),
    params: { namespace: labelIn(snapshot, namespace), lacks, ...more, ...(off ? { off } : {}) },
    evidence: [
      {
        source: readIn(snapshot, namespace, ['iptables', '-t', table, '-S']),
        text: LACKS_EN[lacks] ?? lacks,
      },
    ],
    remedies: [
      ...remedies.map((remedy) => writtenByEngine(remedy, off)),
      ...(off ? [] : restarting(situation, remedies)),
    ],
  };
}

/** None of these rules belongs into a firewall's configuration: the engine has its own. */
const writtenByEngine = ({ actions }: Remedy, off: boolean): Remedy => ({
  actions: actions.map((action) =>
    action.kind === 'insert-rule'
      ? { ...action, lasting: { type: off ? 'engine-off' : 'engine' } as const }
      : action,
  ),
});

/** The engine writes its rules again when it starts; of these, the ones that this flow needs are tried on paper. */
function restarting({ snapshot, namespace }: WaySituation, others: readonly Remedy[]): readonly Remedy[] {
  const written = others.map(({ actions }) =>
    actions.filter((action): action is InsertRule => action.kind === 'insert-rule'),
  );
  const restores = written.reduce((most, one) => (one.length > most.length ? one : most), []);
  const engine = engineRuling(snapshot, namespace);
  if (!engine || restores.length === 0) return [];
  return [{ actions: [{ kind: 'restart-engine', namespace, restores }] }];
}
