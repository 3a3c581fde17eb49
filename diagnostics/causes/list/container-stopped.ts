import { containerLabel, engineCommand, keyOf, type OwnContainer } from '../../model/engines.ts';
import type { Container, Engine } from '../../model/container.ts';
import type { HostId } from '../../model/ids.ts';
import { enginesOf } from '../containers.ts';
import { shellWord } from '../../model/shell-word.ts';
import type { CauseKind } from '../cause.ts';
import { engineLine } from '../evidence.ts';
import type { Situation } from '../situation.ts';

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
        client: engineCommand(engine).map(shellWord).join(' '),
      },
      evidence: [
        {
          source: engineLine(engine, 'inspect', '-f', '{{.State.Status}}', container.name),
          text: container.state,
        },
      ],
      remedies: [
        { actions: [{ kind: 'start-container', host, ...keyOf(engine), container: container.name }] },
      ],
    };
  },
  text: {
    en: {
      summary: (p) => `The container ${p('container')} is not running (${p('state')})`,
      explanation: (p) =>
        `Only a running container has a network: when its program ends, its interfaces, addresses and DNS names go with it. ${p('container')} is ${p('state')}. Start it; if it ends again, its log says why (${p('client')} logs ${shellWord(p('container'))}).`,
    },
    'zh-cn': {
      summary: (p) => `容器 ${p('container')} 没有在运行（${p('state')}）`,
      explanation: (p) =>
        `只有运行中的容器才有网络：程序一结束，它的接口、地址和 DNS 名字就都没有了。${p('container')} 现在是 ${p('state')}。请启动它；如果它又退出，日志会说明原因（${p('client')} logs ${shellWord(p('container'))}）。`,
    },
  },
};

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
    case 'way':
    case 'relay':
    case 'proxy':
    case 'sender':
      return null;
  }
}
