import { containerLabel, engineCommand, keyOf } from '../../model/engines.ts';
import type { Engine } from '../../model/container.ts';
import type { Evidence } from '../../model/diagnosis.ts';
import type { HostId } from '../../model/ids.ts';
import { findHost, type Snapshot } from '../../model/snapshot.ts';
import { shellWord } from '../../model/shell-word.ts';
import { apartEn, apartFrom, apartParams, apartZh, joining, meetingEn, meetingZh } from '../apart.ts';
import type { CauseKind, Shown } from '../cause.ts';
import type { Params } from '../finding.ts';
import { engineLine, networksEvidence } from '../evidence.ts';
import { listeningEvidence } from '../listeners.ts';
import { isTaken, portHolder, type PortHolder } from '../port-holder.ts';
import { stoppedIn } from '../stopped-container.ts';

/** The container that is meant does not run. */
export const containerStopped: CauseKind = {
  id: 'container-stopped',
  lists: ['askerNetworks', 'networks'],
  purpose: ['container'],
  find(situation) {
    const stopped = stoppedIn(situation);
    if (!stopped) return null;
    const { host, engine, container } = stopped;
    const holder = portHolder(situation.snapshot, stopped);
    const apart = apartFrom(situation, stopped);
    return {
      id: 'container-stopped',
      place: { host, label: containerLabel(stopped) },
      certainty: 'certain',
      params: {
        container: container.name,
        state: container.state,
        restarts: container.restartCount,
        status: container.ended?.status ?? null,
        error: container.ended?.error ?? null,
        outOfMemory: container.ended?.outOfMemory ?? null,
        client: engineCommand(engine).map(shellWord).join(' '),
        ...(holder === null ? {} : holderParams(holder)),
        ...(apart === null ? {} : apartParams(apart)),
      },
      evidence: [
        {
          source: engineLine(engine, 'inspect', '-f', '{{.State.Status}}', container.name),
          text: container.state,
        },
        ...(container.ended?.error === undefined
          ? []
          : [
              {
                source: engineLine(engine, 'inspect', '-f', '{{.State.Error}}', container.name),
                text: container.ended.error,
              },
            ]),
        ...(holder === null ? [] : holderEvidence(situation.snapshot, host, engine, holder)),
        ...(apart === null ? [] : [networksEvidence(engine, [apart.asker, apart.meant])]),
      ],
      // As long as somebody has its port, it would fail again.
      remedies:
        holder === null || holder === 'nobody'
          ? joining(stopped, apart).map(({ actions }) => ({
              actions: [
                ...actions,
                { kind: 'start-container', host, ...keyOf(engine), container: container.name },
              ],
            }))
          : [],
    };
  },
  text: {
    en: {
      summary: (p) =>
        p('error') !== ''
          ? `The container ${p('container')} could not be started: ${holderEn(p) ?? `“${reason(p('error'))}”`}`
          : `The container ${p('container')} is not running (${p('state')}${endEn(p)})${apartEn(p)}`,
      explanation: (p) =>
        `Only a running container has a network: when its program ends, its interfaces, addresses and DNS names go with it. ${
          p('error') !== ''
            ? `The engine tried to start ${p('container')}, and says: “${p('error')}”. ${adviceEn(p)}`
            : `${p('container')} is ${p('state')}. ${p('state') === 'created' ? 'Start it' : 'Its log says what its program did last'}${p('state') === 'created' ? '; if it ends again, its log says why' : ''} (${p('client')} logs ${shellWord(p('container'))}).`
        }${meetingEn(p)}`,
    },
    'zh-cn': {
      summary: (p) =>
        p('error') !== ''
          ? `容器 ${p('container')} 没能启动：${holderZh(p) ?? `“${reason(p('error'))}”`}`
          : `容器 ${p('container')} 没有在运行（${p('state')}${endZh(p)}）${apartZh(p)}`,
      explanation: (p) =>
        `只有运行中的容器才有网络：程序一结束，它的接口、地址和 DNS 名字就都没有了。${
          p('error') !== ''
            ? `引擎尝试启动 ${p('container')} 时说：“${p('error')}”。${adviceZh(p)}`
            : `${p('container')} 现在是 ${p('state')}。${p('state') === 'created' ? '请启动它；如果它又退出，日志会说明原因' : '它的日志说明了程序最后做了什么'}（${p('client')} logs ${shellWord(p('container'))}）。`
        }${meetingZh(p)}`,
    },
  },
};

/** What went wrong, without the names of the parts of the engine that pass it on: `driver failed …: … : bind: …`. */
const reason = (error: string): string => error.split(': ').slice(-2).join(': ').replace(/\.$/, '');

/** Facts about who has the port that it needs. */
const holderParams = (found: PortHolder | 'nobody'): Params =>
  found === 'nobody'
    ? { free: true }
    : {
        port: `${found.port.hostPort}/${found.port.protocol}`,
        holder: found.container?.name ?? null,
        program: found.socket === null ? null : (found.socket.process?.name ?? '?'),
        pid: found.socket?.process?.pid ?? null,
      };

function holderEvidence(
  snapshot: Snapshot,
  host: HostId,
  engine: Engine,
  found: PortHolder | 'nobody',
): readonly Evidence[] {
  const root = findHost(snapshot, host)?.rootNamespace;
  if (found === 'nobody' || root === undefined || root === null) return [];
  const { port, container, socket } = found;
  if (socket !== null)
    return [
      listeningEvidence(
        snapshot,
        { namespace: root, protocol: socket.protocol, address: socket.address, port: socket.port },
        [socket],
      ),
    ];
  return [
    {
      source: engineLine(engine, 'ps', '--filter', `publish=${port.hostPort}/${port.protocol}`),
      text: container?.name ?? '',
    },
  ];
}

const processOf = (p: Shown): string => (p('pid') === '' ? '' : ` (pid ${p('pid')})`);

const holderEn = (p: Shown): string | null =>
  p('holder') !== ''
    ? `the container ${p('holder')} already publishes port ${p('port')} of the host`
    : p('program') !== ''
      ? `${p('program') === '?' ? 'another program' : p('program')}${processOf(p)} already listens on port ${p('port')} of the host`
      : null;

const holderZh = (p: Shown): string | null =>
  p('holder') !== ''
    ? `宿主机的端口 ${p('port')} 已由容器 ${p('holder')} 发布`
    : p('program') !== ''
      ? `宿主机的端口 ${p('port')} 上已有${p('program') === '?' ? '别的程序' : ` ${p('program')}${processOf(p)} `}在监听`
      : null;

const adviceEn = (p: Shown): string =>
  p('free') !== ''
    ? 'Nobody has that port any more: start it again.'
    : !isTaken(p('error'))
      ? 'Mend that, then start it again.'
      : `Each port of the host belongs to one program at a time: ${
          p('holder') !== ''
            ? `stop ${p('holder')} if it is not needed, then start ${p('container')} again`
            : `end ${p('program') === '' || p('program') === '?' ? 'the one that has it (ss -lntup shows which)' : `${p('program')}${processOf(p)}`}`
        }, or publish another port of the host.`;

const adviceZh = (p: Shown): string =>
  p('free') !== ''
    ? '现在那个端口已经空出来了：再启动一次即可。'
    : !isTaken(p('error'))
      ? '先解决这个问题，再启动它。'
      : `宿主机的每个端口同一时间只属于一个程序：${
          p('holder') !== ''
            ? `如果用不着 ${p('holder')}，请停掉它再启动 ${p('container')}`
            : `请结束${p('program') === '' || p('program') === '?' ? '占用它的程序（ss -lntup 可以看到是谁）' : ` ${p('program')}${processOf(p)}`}`
        }，或者发布到宿主机的另一个端口。`;

const endEn = (p: Shown): string =>
  p('outOfMemory') === 'true'
    ? ': it used more memory than it may, and the kernel ended it'
    : p('status') === '' || p('state') === 'created'
      ? ''
      : `: its program ended with status ${p('status')}${p('status') === '0' ? ', as one does that has done its work' : ''}`;

const endZh = (p: Shown): string =>
  p('outOfMemory') === 'true'
    ? '：它用的内存超过了上限，被内核结束'
    : p('status') === '' || p('state') === 'created'
      ? ''
      : `：程序以状态 ${p('status')} 结束${p('status') === '0' ? '，也就是正常做完了事' : ''}`;
