import type { NamespaceId } from '../../model/ids.ts';
import { familyOf } from '../../model/ip.ts';
import { findNamespace, type Snapshot } from '../../model/snapshot.ts';
import type { Step, Trace } from '../../model/trace.ts';
import { SMALLEST_6, TCP_OVERHEAD } from '../../simulate/link/mtu.ts';
import type { CauseKind } from '../cause.ts';
import { certaintyOf, type Remedy } from '../finding.ts';
import { linkEvidence, readIn, ruleEvidence } from '../evidence.ts';
import { labelIn, linkIn, linksIn, peerOf, wayEnd, type WaySituation } from '../situation.ts';
import { acceptRemedies, decidingFilter } from '../verdict-rule.ts';

type SizeStep = Extract<Step, { kind: 'size' }>;

/** Small packets pass; larger ones are dropped at a smaller MTU, and whoever sends them is never told. */
export const mtuBlackHole: CauseKind = {
  id: 'mtu-black-hole',
  find(situation) {
    if (situation.type !== 'way' || situation.large?.fate !== 'lost') return null;
    const { snapshot, namespace, step, large, direction } = situation;
    if (step.kind !== 'size' || step.passed) return null;
    const link = linkIn(snapshot, namespace, step.dev);
    const lost = whereTheNoticeEnds(snapshot, large.notice);
    return {
      id: 'mtu-black-hole',
      place: { namespace },
      certainty: certaintyOf(large),
      params: {
        namespace: labelIn(snapshot, namespace),
        device: step.dev,
        mtu: step.mtu,
        size: large.first,
        passes: large.passes,
        direction,
        // Layer 2 sends no message that could be lost.
        told: step.fate === 'told',
        noticeLostAt: lost?.label ?? null,
        noticeRule: lost?.rule ?? null,
      },
      evidence: [
        ...(link
          ? [linkEvidence(snapshot, namespace, link)]
          : [
              {
                source: readIn(snapshot, namespace, ['ip', 'link', 'show', 'dev', step.dev]),
                text: `mtu ${step.mtu}`,
              },
            ]),
        ...(lost?.evidence ?? []),
      ],
      remedies: remedies(situation, step),
    };
  },
  text: {
    en: {
      summary: (p) =>
        `Packets ${p('direction') === 'back' ? 'of the answer ' : ''}larger than ${p('passes') === '' ? p('mtu') : p('passes')} bytes vanish in ${p('namespace')}: the MTU of ${p('device')} is ${p('mtu')}${p('told') === 'true' ? ', and the sender is never told' : ''}`,
      explanation: (p) =>
        `Each link has a largest packet size, its MTU. A sender begins with packets of ${p('size')} bytes, and ${p('device')} in ${p('namespace')} takes ${p('mtu')} at most. ${p('told') === 'true' ? `A router that has to drop a packet for its size says so to the sender (“fragmentation needed”, ICMP), which then sends smaller ones. Here this message is lost${p('noticeLostAt') === '' ? '' : ` in ${p('noticeLostAt')}`}${p('noticeRule') === '' ? '' : ` by the rule “${p('noticeRule')}”`}` : 'Inside one network nobody tells the sender: a wire or a bridge just drops what is too large, because all its ends are expected to have the same MTU'}. So connections open, small requests work, and whatever is larger hangs.`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('direction') === 'back' ? '应答中' : ''}大于 ${p('passes') === '' ? p('mtu') : p('passes')} 字节的数据包在 ${p('namespace')} 中消失：${p('device')} 的 MTU 是 ${p('mtu')}${p('told') === 'true' ? '，而发送者从未被告知' : ''}`,
      explanation: (p) =>
        `每条链路都有一个最大包长，即 MTU。发送者一开始发出 ${p('size')} 字节的数据包，而 ${p('namespace')} 的 ${p('device')} 最多只接受 ${p('mtu')} 字节。${p('told') === 'true' ? `路由器因为太大而丢弃数据包时，会告诉发送者“需要分片”（ICMP），发送者随后改发小包。但在这里这条消息${p('noticeLostAt') === '' ? '' : `在 ${p('noticeLostAt')} `}丢失了${p('noticeRule') === '' ? '' : `，被规则“${p('noticeRule')}”挡住`}` : '在同一个网络内部没有人会告诉发送者：线路或网桥直接丢弃过大的帧，因为它们假定各端的 MTU 相同'}。所以连接能建立，小的请求正常，稍大的数据就卡住了。`,
    },
  },
};

interface LostNotice {
  readonly label: string;
  readonly rule: string | null;
  readonly evidence: readonly { readonly source: string; readonly text: string }[];
}

/** Where the router's message got lost, and by which rule, if one. */
function whereTheNoticeEnds(snapshot: Snapshot, notice: Trace | null): LostNotice | null {
  const hop = notice?.hops.at(-1);
  if (!notice || !hop || notice.disposition === 'delivered') return null;
  const step = hop.steps.findLast(({ kind }) => kind === 'filter');
  const label = labelIn(snapshot, hop.namespace);
  return step?.kind === 'filter' && step.verdict !== 'accept'
    ? {
        label,
        rule: step.decidedBy.rule?.text ?? null,
        evidence: [ruleEvidence(snapshot, hop.namespace, step.decidedBy)],
      }
    : { label, rule: null, evidence: [] };
}

/** Smaller packets from the end, smaller segments through the router, a wider link, or the message let through. */
function remedies(situation: WaySituation, step: SizeStep): readonly Remedy[] {
  const own = smallerAtTheEnd(situation);
  const wider = widerLink(situation, step);
  return [
    ...(step.fate === 'silent' ? [...wider, ...own] : own),
    ...clamping(situation, step),
    ...(step.fate === 'silent' ? [] : wider),
    ...messageLetThrough(situation),
  ];
}

/** The device by which the sender of the large packets sends; of the answer, the asker's too: TCP heeds both. */
function smallerAtTheEnd({ trace, forward, large, snapshot }: WaySituation): readonly Remedy[] {
  const mtu = large?.passes;
  if (mtu === null || mtu === undefined) return [];
  const ends = [trace.hops[0], forward.hops[0]].flatMap((hop) => {
    const route = hop?.steps.find((it) => it.kind === 'route');
    const dev = route?.kind === 'route' ? route.dev : undefined;
    const link = hop && dev !== undefined ? linkIn(snapshot, hop.namespace, dev) : undefined;
    return hop && link && link.mtu > mtu && allowed(link, mtu) ? [{ namespace: hop.namespace, link }] : [];
  });
  const unique = ends.filter(
    (end, at) => ends.findIndex((it) => it.namespace === end.namespace && it.link === end.link) === at,
  );
  return unique.map(({ namespace, link }) => ({
    actions: [{ kind: 'set-mtu', namespace, dev: link.name, mtu }],
  }));
}

/** A device with a smaller MTU than this loses its IPv6 addresses (addrconf_notify()). */
const allowed = (
  { addresses }: { readonly addresses: readonly { readonly family: 4 | 6 }[] },
  mtu: number,
): boolean => mtu >= SMALLEST_6 || !addresses.some(({ family }) => family === 6);

/** In a router that the connection passes: the one with the narrow link, else the last before it. */
function clamping(situation: WaySituation, step: SizeStep): readonly Remedy[] {
  const { trace, flow, large, hop } = situation;
  if (flow.protocol !== 'tcp' || !large) return [];
  const router = trace.hops.findLast((it) => it.steps.some(({ kind }) => kind === 'forward'));
  if (!router) return [];
  const family = familyOf(router.packet.destination) ?? 4;
  const mss =
    step.fate === 'told' && router === hop
      ? null
      : large.passes === null
        ? step.mtu - TCP_OVERHEAD[family]
        : large.passes - TCP_OVERHEAD[family];
  return [{ actions: [{ kind: 'clamp-mss', namespace: router.namespace, family, mss }] }];
}

/** A wire of this machine's that is narrower than what is sent through it, on both of its ends. */
function widerLink({ snapshot, namespace, large }: WaySituation, step: SizeStep): readonly Remedy[] {
  const link = linkIn(snapshot, namespace, step.dev);
  if (!link || !large || (link.kind.type !== 'veth' && link.kind.type !== 'bridge')) return [];
  const mtu = large.first;
  const peer = link.kind.type === 'veth' ? peerOf(snapshot, link) : null;
  const widened = (id: NamespaceId, dev: string) => ({ kind: 'set-mtu' as const, namespace: id, dev, mtu });
  const ports = linksIn(snapshot, namespace).filter(
    ({ master, mtu: own }) => master === link.index && own < mtu,
  );
  return [
    {
      actions: [
        ...(link.kind.type === 'bridge' ? ports.map(({ name }) => widened(namespace, name)) : []),
        ...(peer && peer.link.mtu < mtu ? [widened(peer.namespace, peer.link.name)] : []),
        widened(namespace, link.name),
      ],
    },
  ];
}

/** Where a rule stops the message: an accept for it. */
function messageLetThrough({ snapshot, flow, forward, large }: WaySituation): readonly Remedy[] {
  const notice = large?.notice;
  if (!notice || !findNamespace(snapshot, notice.hops.at(-1)?.namespace ?? '')) return [];
  const end = wayEnd({ snapshot, flow, forward, direction: 'forward', trace: notice });
  const filter = end && decidingFilter(end);
  return end && filter ? acceptRemedies(end, filter) : [];
}
