import { containerLabel, engineCommand, engineWord } from '../../model/engines.ts';
import type { Container } from '../../model/container.ts';
import { shellWord } from '../../model/shell-word.ts';
import type { CauseKind } from '../cause.ts';
import { engineLine } from '../evidence.ts';
import { containerWith, type PlacedContainer } from '../containers.ts';
import { linksIn, ownersOf, type Situation } from '../situation.ts';
import { stoppedIn } from '../stopped-container.ts';

/** The program in the container ends again and again; between two attempts there is no network. */
export const containerRestarting: CauseKind = {
  id: 'container-restarting',
  find(situation) {
    const stopped = stoppedIn(situation) ?? goneSince(situation);
    if (!stopped || !AGAIN.has(stopped.container.state)) return null;
    const { host, engine, container } = stopped;
    return {
      id: 'container-restarting',
      place: { host, label: containerLabel(stopped) },
      certainty: 'certain',
      params: {
        container: container.name,
        restarts: container.restartCount,
        engine: engineWord(engine),
        client: engineCommand(engine).map(shellWord).join(' '),
      },
      evidence: [
        {
          source: engineLine(engine, 'inspect', '-f', '{{.State.Status}} {{.RestartCount}}', container.name),
          text: `${container.state} ${container.restartCount}`,
        },
      ],
      remedies: [],
    };
  },
  text: {
    en: {
      summary: (p) =>
        `The container ${p('container')} keeps ending and being restarted (${p('restarts')} times so far)`,
      explanation: (p) =>
        `Only a running container has a network. The program in ${p('container')} ends soon after each start, and ${p('engine')} starts it again, waiting longer each time: that is a fault of the program or of its settings, not of the network. Its last words are in “${p('client')} logs ${shellWord(p('container'))}”; mend what they say.`,
    },
    'zh-cn': {
      summary: (p) => `容器 ${p('container')} 反复退出并重启（已重启 ${p('restarts')} 次）`,
      explanation: (p) =>
        `只有运行中的容器才有网络。${p('container')} 里的程序每次启动后很快就退出，${p('engine')} 又把它重新启动，间隔越来越长：问题出在程序或它的配置上，而不是网络。“${p('client')} logs ${shellWord(p('container'))}”里有它最后的输出，请据此排查。`,
    },
  },
};

/** Waiting for its next start, or said to run when it had just ended or was not ready yet. */
const AGAIN: ReadonlySet<Container['state']> = new Set(['restarting', 'running']);

/** The engine says that it runs, has been restarted before, and has the address; and nobody has that. */
function goneSince(situation: Situation): PlacedContainer | null {
  if (situation.type !== 'way') return null;
  const { snapshot, packet } = situation;
  if (ownersOf(snapshot, packet.destination).length > 0) return null;
  const found = containerWith(snapshot, packet.destination);
  if (found?.container.state !== 'running' || found.container.restartCount === 0) return null;
  const inside = linksIn(snapshot, found.container.namespace ?? '');
  return inside.every(({ kind }) => kind.type === 'loopback') ? found : null;
}
