import { hasPorts } from '../../model/packet.ts';
import type { NamespaceId } from '../../model/ids.ts';
import { addressAndPort, parseAddress, sameAddress } from '../../model/ip.ts';
import type { RuleReference, Step } from '../../model/trace.ts';
import { walkFlow } from '../../simulate/walk.ts';
import { predict } from '../../simulate/answer/predict.ts';
import { changeBy } from '../../fixes/registry.ts';
import type { InsertRule } from '../../fixes/actions/insert-rule.ts';
import type { DeleteRule } from '../../fixes/actions/delete-rule.ts';
import { ANY } from '../../fixes/rule-spec.ts';
import type { CauseKind } from '../cause.ts';
import { certaintyOf, type Remedy } from '../finding.ts';
import { engineRuling, forwardedTo } from '../docker-rules.ts';
import { ruleEvidence } from '../evidence.ts';
import { addressedLinks, labelIn, ownersOf, type WaySituation } from '../situation.ts';
import { socketsIn } from '../listeners.ts';
import { startOf } from '../start-of.ts';
import { unanswered } from '../unanswered.ts';
import { placeOf } from '../verdict-rule.ts';

/** A rule rewrites the destination to something that is not there, or takes the packet away from a service that is. */
export const dnatElsewhere: CauseKind = {
  id: 'dnat-elsewhere',
  find(situation) {
    if (situation.type !== 'way' || situation.direction !== 'forward') return null;
    const moved = movedBy(situation);
    if (!moved) return null;
    const { snapshot, trace } = situation;
    const remove = deletion(moved);
    const better = targetFor(situation, moved);
    // Where the engine itself would send it is not elsewhere.
    if (better && addressAndPort(better.address, better.port) === moved.step.after) return null;
    const dead = isDead(situation);
    // A service that merely does not run is the service's own affair.
    const works = worksWith(situation, remove);
    // What the container that publishes the port would answer is not known before somebody went there.
    const hides = works || better?.published === true;
    if (!dead && !(trace.disposition === 'refused' && hides)) return null;
    const redirect = better && redirection(situation, moved, better);
    // Without the rule nobody else may answer: then its target, or the machine that should have it, is to be mended.
    const removal: readonly Remedy[] = works || (!dead && hides) ? [{ actions: [remove] }] : [];
    return {
      id: 'dnat-elsewhere',
      place: { namespace: moved.namespace },
      certainty: certaintyOf(trace),
      params: {
        namespace: labelIn(snapshot, moved.namespace),
        asked: moved.step.before,
        target: moved.step.after,
        rule: moved.rule.text,
        chain: moved.decidedBy.chain,
        table: moved.decidedBy.table,
        backend: moved.decidedBy.backend,
        number: moved.rule.number,
        dead,
        removable: removal.length > 0,
        better: better ? addressAndPort(better.address, better.port) : null,
      },
      evidence: [ruleEvidence(snapshot, moved.namespace, moved.decidedBy)],
      remedies: [...(redirect ? [redirect] : []), ...removal],
    };
  },
  text: {
    en: {
      summary: (p) =>
        `A rule in ${p('namespace')} sends what is for ${p('asked')} to ${p('target')}, ${p('dead') === 'true' ? 'where nobody is' : 'where nothing listens'}`,
      explanation: (p) =>
        `Rule ${p('number')} of chain ${p('chain')} (table ${p('table')}, ${p('backend')}) replaces the destination: “${p('rule')}”. The packet to ${p('asked')} goes to ${p('target')} instead, ${p('dead') === 'true' ? 'an address that nobody has: it is mistyped, or left over from a machine or container that had it before' : 'where no program takes it, and the service that was asked for never sees it'}. ${p('better') === '' ? (p('removable') === 'true' ? 'Correct the rule’s target, or delete the rule: the service that it hides answers then.' : 'Start the machine or container that should have this address, or correct the rule’s target. To delete the rule alone would not help: nobody answers for the port without it either.') : `The service is at ${p('better')}: send the packet there.`}`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('namespace')} 中的一条规则把发往 ${p('asked')} 的数据包转到 ${p('target')}，${p('dead') === 'true' ? '而那里没有机器' : '而那里没有程序在监听'}`,
      explanation: (p) =>
        `链 ${p('chain')} 的第 ${p('number')} 条规则（表 ${p('table')}，${p('backend')}）改写了目的地址：“${p('rule')}”。发往 ${p('asked')} 的数据包被送到 ${p('target')}，${p('dead') === 'true' ? '这个地址没有人使用：也许写错了，也许是以前的机器或容器留下来的' : '那里没有程序接收，而真正要访问的服务根本看不到它'}。${p('better') === '' ? (p('removable') === 'true' ? '请改正规则的目标，或者删除这条规则，这样被它挡住的服务就能应答了。' : '请启动应当使用这个地址的机器或容器，或者改正规则的目标。只删除规则没有用：没有它，这个端口也无人应答。') : `服务其实在 ${p('better')}：把数据包转到那里。`}`,
    },
  },
};

interface Moved {
  readonly namespace: NamespaceId;
  readonly step: Extract<Step, { kind: 'translate' }>;
  readonly decidedBy: RuleReference;
  readonly rule: NonNullable<RuleReference['rule']>;
}

/** The last rule on the way that replaced the destination. */
function movedBy({ trace }: WaySituation): Moved | null {
  for (const hop of [...trace.hops].reverse())
    for (const step of [...hop.steps].reverse())
      if (step.kind === 'translate' && step.what === 'destination' && step.decidedBy?.rule)
        return { namespace: hop.namespace, step, decidedBy: step.decidedBy, rule: step.decidedBy.rule };
  return null;
}

/** The new destination leads nowhere: no way to it, or nobody on its network has it. */
function isDead(situation: WaySituation): boolean {
  const { snapshot, trace, packet } = situation;
  const nowhere: readonly string[] = ['no-route', 'neighbour-unresolved', 'blackhole'];
  // A neighbour entry may still lead to who had it.
  const leadsNowhere = nowhere.includes(trace.disposition) || unanswered(situation) !== null;
  return leadsNowhere && ownersOf(snapshot, packet.destination).length === 0;
}

const deletion = ({ namespace, decidedBy, rule }: Moved): DeleteRule => ({
  kind: 'delete-rule',
  place: placeOf(namespace, decidedBy, decidedBy.chain),
  rule,
});

/** Whether the packet would have been answered without the rule; taken to, where facts of that other way were not read yet. */
function worksWith({ snapshot, forward }: WaySituation, action: DeleteRule): boolean {
  const start = startOf(forward);
  if (start === null) return false;
  const trip = walkFlow(changeBy(action, snapshot), start);
  const unread = [trip.forward, trip.back].some((trace) => (trace?.missing.length ?? 0) > 0);
  return unread || predict(trip).outcome === 'reply';
}

interface Target {
  readonly address: string;
  readonly port: number;
  /** It is what the engine sends the asked port to. */
  readonly published: boolean;
}

/** Where the service is: as the engine that publishes the port says, or the one neighbour of the target that has it open. */
function targetFor({ snapshot, packet }: WaySituation, moved: Moved): Target | null {
  if (!hasPorts(packet)) return null;
  const { protocol, destinationPort: port } = packet;
  const asked = splitEnd(moved.step.before);
  const engine =
    asked &&
    engineRuling(snapshot, moved.namespace, (it) => forwardedTo(it, { protocol, ...asked }) !== null);
  const published = engine && forwardedTo(engine, { protocol, ...asked });
  if (published)
    return { address: published.address, port: published.published.containerPort, published: true };
  const serving = snapshot.namespaces.flatMap(({ id }) =>
    id !== moved.namespace &&
    socketsIn(snapshot, id).some((socket) => socket.protocol === protocol && socket.port === port)
      ? addressedLinks(snapshot, id, packet.family).flatMap(({ addresses }) =>
          addresses.filter(
            ({ family, address }) => family === packet.family && !sameAddress(address, packet.destination),
          ),
        )
      : [],
  );
  const near = serving.filter(
    ({ family, address, length }) =>
      network(family, address, length) === network(family, packet.destination, length),
  );
  const [only, ...others] = near;
  return only && others.length === 0 ? { address: only.address, port, published: false } : null;
}

const network = (family: 4 | 6, address: string, length: number): string => {
  const value = parseAddress(address)?.value ?? 0n;
  return String(value >> BigInt((family === 4 ? 32 : 128) - length));
};

/** `10.0.0.1:80`, `[fd00::1]:80`. */
function splitEnd(text: string): { readonly address: string; readonly port: number } | null {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(text) ?? [];
  const address = bracketed ?? plain;
  return address === undefined ? null : { address, port: Number(port) };
}

/** A rule of the same kind, right before the one that is wrong. */
function redirection({ packet }: WaySituation, moved: Moved, { address, port }: Target): Remedy | null {
  const asked = splitEnd(moved.step.before);
  if (!asked) return null;
  const action: InsertRule = {
    kind: 'insert-rule',
    place: placeOf(moved.namespace, moved.decidedBy, moved.decidedBy.chain),
    before: moved.rule,
    spec: {
      ...ANY,
      destination: asked.address,
      protocol: packet.protocol,
      destinationPort: asked.port,
      action: { type: 'dnat', address, port },
    },
  };
  return { actions: [action] };
}
