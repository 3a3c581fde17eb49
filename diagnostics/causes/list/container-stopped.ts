import { containerLabel, engineCommand, keyOf, type OwnContainer } from '../../model/engines.ts';
import type { Container, Engine, PublishedPort } from '../../model/container.ts';
import { sameAddress } from '../../model/ip.ts';
import { findHost, findNamespace } from '../../model/snapshot.ts';
import type { HostId } from '../../model/ids.ts';
import { enginesOf } from '../containers.ts';
import { shellWord } from '../../model/shell-word.ts';
import type { CauseKind, Shown } from '../cause.ts';
import { engineLine } from '../evidence.ts';
import { listensOn, refusalAt, socketsIn, type Refusal } from '../listeners.ts';
import type { Situation, WaySituation } from '../situation.ts';

interface Placed extends OwnContainer {
  readonly host: HostId;
}

/** The container that is meant does not run. */
export const containerStopped: CauseKind = {
  id: 'container-stopped',
  find(situation) {
    const stopped = stoppedIn(situation);
    if (!stopped) return null;
    const { host, engine, container } = stopped;
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
      ],
      remedies: [
        { actions: [{ kind: 'start-container', host, ...keyOf(engine), container: container.name }] },
      ],
    };
  },
  text: {
    en: {
      summary: (p) =>
        p('error') !== ''
          ? `The container ${p('container')} could not be started: “${reason(p('error'))}”`
          : `The container ${p('container')} is not running (${p('state')}${endEn(p)})`,
      explanation: (p) =>
        `Only a running container has a network: when its program ends, its interfaces, addresses and DNS names go with it. ${
          p('error') !== ''
            ? `The engine tried to start ${p('container')}, and says: “${p('error')}”. ${isTaken(p('error')) ? 'Each port of the host belongs to one program at a time: end the one that has it (ss -lntup shows which), or publish another port of the host.' : 'Mend that, then start it again.'}`
            : `${p('container')} is ${p('state')}. ${p('state') === 'created' ? 'Start it' : 'Its log says what its program did last'}${p('state') === 'created' ? '; if it ends again, its log says why' : ''} (${p('client')} logs ${shellWord(p('container'))}).`
        }`,
    },
    'zh-cn': {
      summary: (p) =>
        p('error') !== ''
          ? `容器 ${p('container')} 没能启动：“${reason(p('error'))}”`
          : `容器 ${p('container')} 没有在运行（${p('state')}${endZh(p)}）`,
      explanation: (p) =>
        `只有运行中的容器才有网络：程序一结束，它的接口、地址和 DNS 名字就都没有了。${
          p('error') !== ''
            ? `引擎尝试启动 ${p('container')} 时说：“${p('error')}”。${isTaken(p('error')) ? '宿主机的每个端口同一时间只属于一个程序：请结束占用它的程序（ss -lntup 可以看到是谁），或者发布到宿主机的另一个端口。' : '先解决这个问题，再启动它。'}`
            : `${p('container')} 现在是 ${p('state')}。${p('state') === 'created' ? '请启动它；如果它又退出，日志会说明原因' : '它的日志说明了程序最后做了什么'}（${p('client')} logs ${shellWord(p('container'))}）。`
        }`,
    },
  },
};

/** What went wrong, without the names of the parts of the engine that pass it on: `driver failed …: … : bind: …`. */
const reason = (error: string): string => error.split(': ').slice(-2).join(': ').replace(/\.$/, '');

/** Another program has the port of the host. */
const isTaken = (error: string): boolean => /address already in use|port is already allocated/.test(error);

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

/** The container that is meant and does not run. */
export function stoppedIn(situation: Situation): Placed | null {
  const { snapshot, flow } = situation;
  const named = (wanted: (container: Container, engine: Engine) => boolean): Placed | null => {
    for (const { host, engine } of enginesOf(snapshot)) {
      const container = engine.containers.find(
        (it) => it.state !== 'running' && it.state !== 'paused' && wanted(it, engine),
      );
      if (container) return { host, engine, container };
    }
    return null;
  };
  switch (situation.type) {
    case 'end': {
      const end = flow[situation.side];
      return end.type === 'stopped-container'
        ? named((it, engine) => it.name === end.container && keyOf(engine).engine === end.engine)
        : null;
    }
    case 'name': {
      const name = situation.name.replace(/\.$/, '');
      return named((it) => it.name === name || it.networks.some(({ aliases }) => aliases.includes(name)));
    }
    case 'way': {
      const refusal = refusalAt(situation);
      return refusal && isUnserved(situation, refusal)
        ? named((it) => it.publishedPorts.some((published) => wouldTake(published, refusal)))
        : null;
    }
    case 'relay':
    case 'proxy':
    case 'sender':
      return null;
  }
}

/** A port of the host itself that nobody has opened. */
const isUnserved = ({ snapshot }: WaySituation, refusal: Refusal): boolean =>
  findHost(snapshot, findNamespace(snapshot, refusal.namespace)?.host ?? '')?.rootNamespace ===
    refusal.namespace && listensOn(socketsIn(snapshot, refusal.namespace), refusal).length === 0;

/** Whether the port of the host would be this container's, if it ran. */
const wouldTake = (
  { protocol, hostPort, hostAddress }: PublishedPort,
  { address, port, ...asked }: Refusal,
): boolean =>
  protocol === asked.protocol &&
  hostPort === port &&
  (hostAddress === '' ||
    hostAddress === '0.0.0.0' ||
    hostAddress === '::' ||
    sameAddress(hostAddress, address));
