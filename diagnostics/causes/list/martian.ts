import { sameAddress } from '../../model/ip.ts';
import type { FixAction } from '../../fixes/registry.ts';
import type { CauseKind } from '../cause.ts';
import type { Finding, Remedy } from '../finding.ts';
import { linkEvidence, sysctlEvidence } from '../evidence.ts';
import { labelIn, linksIn, sysctlsIn, type WaySituation } from '../situation.ts';
import { twiceGivenRemedies } from '../twice-given.ts';

const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1';

/** An address that cannot come from there: the loopback's on a wire, or the receiver's own as a source. */
export const martian: CauseKind = {
  id: 'martian',
  find(situation) {
    if (situation.type !== 'way') return null;
    const { snapshot, namespace, step, packet, direction } = situation;
    const leaving = loopbackLeaving(situation);
    if (leaving !== null) return leaving;
    if (step.kind !== 'source-check' || step.passed || step.reason !== 'martian') return null;
    const kind = kindOf(situation);
    const own = linksIn(snapshot, namespace).find(({ addresses }) =>
      addresses.some(({ address }) => sameAddress(address, step.source)),
    );
    const key = `net/ipv4/conf/${step.dev}/route_localnet`;
    const marked = kind === 'marked' ? markedKeys(situation) : [];
    return {
      id: 'martian',
      place: { namespace },
      certainty: 'certain',
      params: {
        namespace: labelIn(snapshot, namespace),
        device: step.dev,
        source: step.source,
        destination: packet.destination,
        kind,
        ownDevice: own?.name ?? null,
        direction,
      },
      evidence: [
        ...(kind === 'loopback' && packet.family === 4
          ? [sysctlEvidence(key, sysctlsIn(snapshot, namespace)[key] ?? '0')]
          : []),
        ...marked.map((one) => sysctlEvidence(one, sysctlsIn(snapshot, namespace)[one] ?? '1')),
        ...(own ? [linkEvidence(snapshot, namespace, own)] : []),
      ],
      remedies: remediesFor(situation, kind, step.source, { key, marked }),
    };
  },
  text: {
    en: {
      summary: (p) =>
        p('kind') === 'own-source'
          ? `${p('namespace')} drops a packet on ${p('device')} that seems to come from itself: its source ${p('source')} is an address of its own`
          : p('kind') === 'loopback-leaves'
            ? `${p('namespace')} does not let a packet from ${p('source')} out by ${p('device')}: ${p('source')} → ${p('destination')}`
            : p('kind') === 'loopback'
              ? `${p('namespace')} drops a packet on ${p('device')} for the loopback: ${p('source')} → ${p('destination')}`
              : p('kind') === 'marked'
                ? `${p('namespace')} drops a packet on ${p('device')} because its mark makes the source ${p('source')} look like an address of its own`
                : `${p('namespace')} drops a packet on ${p('device')} whose source ${p('source')} cannot be one`,
      explanation: (p) =>
        `Some addresses cannot arrive from outside, and the kernel drops packets with them (“martians”). ${
          p('kind') === 'own-source'
            ? `${p('source')} belongs to ${p('ownDevice')} of ${p('namespace')} itself, so a packet from it on ${p('device')} looks forged: two machines may have the same address, or a rule put this one on it.`
            : p('kind') === 'loopback-leaves'
              ? `${p('namespace')} asked itself at a loopback address, and a rule sent the packet on to ${p('destination')}. Its source is still ${p('source')}, which the kernel lets out only by an interface with route_localnet; what changes the source (masquerading) is asked afterwards. Container engines that have no proxy of their own for localhost set it on their bridges.`
              : p('kind') === 'loopback'
                ? `127.0.0.0/8 means “this machine”, each machine's own. A rule that sends packets from a network on to 127.0.0.1 works only where the interface they come in by has route_localnet.`
                : p('kind') === 'marked'
                  ? `With src_valid_mark the check of a source looks up the way back with the packet's mark. Here that mark leads to a table in which every address is this machine's own (transparent proxies have one), and so is ${p('source')}. Without src_valid_mark the check asks the ordinary tables.`
                  : `A broadcast, multicast or unspecified address is nobody's, so nothing can come from it.`
        }`,
    },
    'zh-cn': {
      summary: (p) =>
        p('kind') === 'own-source'
          ? `${p('namespace')} 在 ${p('device')} 上丢弃了一个像是自己发出的数据包：来源 ${p('source')} 是它自己的地址`
          : p('kind') === 'loopback-leaves'
            ? `${p('namespace')} 不让来源为 ${p('source')} 的数据包从 ${p('device')} 出去：${p('source')} → ${p('destination')}`
            : p('kind') === 'loopback'
              ? `${p('namespace')} 在 ${p('device')} 上丢弃了涉及回环地址的数据包：${p('source')} → ${p('destination')}`
              : p('kind') === 'marked'
                ? `${p('namespace')} 在 ${p('device')} 上丢弃了数据包，因为按它的标记查下来，来源 ${p('source')} 像是本机自己的地址`
                : `${p('namespace')} 在 ${p('device')} 上丢弃了来源 ${p('source')} 不可能存在的数据包`,
      explanation: (p) =>
        `有些地址不可能从外面来，内核会丢弃带有它们的数据包（称为 martian，“火星包”）。${
          p('kind') === 'own-source'
            ? `${p('source')} 属于 ${p('namespace')} 自己的 ${p('ownDevice')}，所以从 ${p('device')} 进来、来源是它的数据包看起来像伪造的：可能有两台机器用了同一个地址，也可能是某条规则把它写成了来源。`
            : p('kind') === 'loopback-leaves'
              ? `${p('namespace')} 用回环地址访问自己，一条规则把数据包转给了 ${p('destination')}。它的来源仍是 ${p('source')}，而内核只允许这样的数据包从打开了 route_localnet 的接口出去；改写来源（地址伪装）在那之后才轮到。没有自己的 localhost 代理的容器引擎会在网桥上打开这个设置。`
              : p('kind') === 'loopback'
                ? `127.0.0.0/8 的意思是“这台机器自己”。把来自网络的数据包转给 127.0.0.1 的规则，只有在它们进来的接口打开 route_localnet 时才有效。`
                : p('kind') === 'marked'
                  ? `打开 src_valid_mark 后，检查来源时会带着数据包的标记去查返回的路。这里的标记指向一张把所有地址都当作本机的表（透明代理需要这样的表），于是 ${p('source')} 也成了本机地址。关掉 src_valid_mark，检查就只看普通的路由表。`
                  : `广播、组播或未指定的地址不属于任何人，不可能有数据包从那里来。`
        }`,
    },
  },
};

function remediesFor(
  situation: WaySituation,
  kind: Kind,
  source: string,
  { key, marked }: { readonly key: string; readonly marked: readonly string[] },
): readonly Remedy[] {
  const { namespace, packet } = situation;
  const write = (one: string, value: string): FixAction => ({
    kind: 'write-sysctl',
    namespace,
    key: one,
    value,
  });
  switch (kind) {
    case 'loopback':
      return packet.family === 4 ? [{ actions: [write(key, '1')] }] : [];
    case 'marked':
      return [{ actions: marked.map((one) => write(one, '0')) }];
    case 'own-source':
      return twiceGivenRemedies(situation, source);
    case 'other':
      return [];
  }
}

/** __mkroute_output() of net/ipv4/route.c: what speaks from the loopback leaves only where route_localnet says so. */
function loopbackLeaving({
  snapshot,
  namespace,
  step,
  packet,
  trace,
  direction,
}: WaySituation): Finding | null {
  if (step.kind !== 'route' || step.lookup === 'input' || trace.disposition !== 'blackhole') return null;
  const device = step.route?.nextHops[0]?.dev;
  if (packet.family !== 4 || !isLoopback(step.source) || device === undefined) return null;
  if (step.route?.type !== 'unicast') return null;
  const key = `net/ipv4/conf/${device}/route_localnet`;
  return {
    id: 'martian',
    place: { namespace },
    certainty: 'certain',
    params: {
      namespace: labelIn(snapshot, namespace),
      device,
      source: step.source,
      destination: packet.destination,
      kind: 'loopback-leaves',
      ownDevice: null,
      direction,
    },
    evidence: [sysctlEvidence(key, sysctlsIn(snapshot, namespace)[key] ?? '0')],
    remedies: [{ actions: [{ kind: 'write-sysctl', namespace, key, value: '1' }] }],
  };
}

type Kind = 'loopback' | 'own-source' | 'marked' | 'other';

/** The check of a source looks at the mark where `all` or the interface says so (IN_DEV_ORCONF). */
const markedKeys = ({ snapshot, namespace, step }: WaySituation): readonly string[] =>
  step.kind !== 'source-check'
    ? []
    : ['all', step.dev]
        .map((name) => `net/ipv4/conf/${name}/src_valid_mark`)
        .filter((key) => (sysctlsIn(snapshot, namespace)[key] ?? '0') !== '0');

/** No host's address: unspecified, multicast, or everybody's. */
const isNobodys = (address: string): boolean =>
  Number(address.split('.')[0]) >= 224 || address.startsWith('0.');

function kindOf(situation: WaySituation): Kind {
  const { snapshot, namespace, step, packet } = situation;
  const source = step.kind === 'source-check' ? step.source : packet.source;
  if (isLoopback(source) || isLoopback(packet.destination)) return 'loopback';
  const isOwn = linksIn(snapshot, namespace).some(({ addresses }) =>
    addresses.some(({ address }) => sameAddress(address, source)),
  );
  if (isOwn) return 'own-source';
  return !isNobodys(source) && markedKeys(situation).length > 0 ? 'marked' : 'other';
}
