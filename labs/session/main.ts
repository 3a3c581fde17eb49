import { existsSync, mkdirSync, readFileSync, writeSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Language } from '../../diagnostics/model/language.ts';
import { loadLab } from '../format/load.ts';
import { INSIDE, STOPPED } from '../sandbox/scripts.ts';
import { NO_PROGRESS, progressSchema, type Progress, type ProgressEvent } from './progress.ts';
import type { GuideResult, Request, Requests, SessionEvent } from './protocol.ts';
import { Refusal } from './refusal.ts';
import { Session } from './session.ts';
import { EVENTS_DESCRIPTOR, LAB_DIRECTORY, PROGRESS_FILE } from './session-files.ts';
import { prepareShells, shellInto } from './shell.ts';
import { serve, type Client } from './socket-server.ts';

/** Runs one lab's session, in its sandbox, until it is stopped or killed. */
export async function runSession(sandbox: string): Promise<void> {
  mkdirSync(`${INSIDE}/home`, { recursive: true });
  const progress = readHandedProgress();
  const loaded = await loadLab(`${INSIDE}/${LAB_DIRECTORY}`, (name, values) => {
    const chosen = progress.vars[name];
    return chosen !== undefined && values.includes(chosen) ? chosen : (values[0] ?? '');
  });
  const subscribers = new Map<Client, { language: Language; last: string; lastMap: string }>();
  let queued = false;
  const session = new Session({
    loaded,
    sandbox,
    progress,
    record: (event) => record(event),
    changed: () => {
      if (queued) return;
      queued = true;
      setImmediate(() => {
        queued = false;
        tellAll();
      });
    },
    looking: () => subscribers.size > 0,
    lost: (host) => {
      console.error(`the lab's host ${host} was killed`);
      process.exit(1);
    },
  });

  const tell = (client: Client, event: SessionEvent): void => client.send(event);

  function tellAll(): void {
    for (const [client, known] of subscribers) {
      const status = session.status(known.language);
      const text = JSON.stringify(status);
      if (text !== known.last) tell(client, { event: 'status', status });
      known.last = text;
    }
    if (subscribers.size > 0) void tellMap();
  }

  async function tellMap(): Promise<void> {
    try {
      const topology = await session.running.engine.topology();
      const text = JSON.stringify(topology);
      for (const [client, known] of subscribers) {
        if (text !== known.lastMap) tell(client, { event: 'topology', topology });
        known.lastMap = text;
      }
    } catch (error) {
      // While the lab is rebuilt there is no map; the next change brings one.
      if (!(error instanceof Refusal)) throw error;
    }
  }

  async function handle(request: Request, client: Client): Promise<Requests[Request['method']]['result']> {
    switch (request.method) {
      case 'status':
        await session.settled();
        return session.status(request.params.language);
      case 'guide':
        return guide(request.params.language);
      case 'check':
        await session.check();
        return session.status(request.params.language);
      case 'hint':
        return session.hint(request.params.step, request.params.language);
      case 'solve':
        return session.solve(request.params);
      case 'break':
        await session.injectFault(request.params.fault);
        return session.status(request.params.language);
      case 'reset':
        await session.reset(request.params.step);
        return session.status(request.params.language);
      case 'why':
        return session.running.engine.why(request.params);
      case 'apply':
        return session.change((engine) => engine.apply(request.params));
      case 'undo':
        return session.change((engine) => engine.undo(request.params));
      case 'map':
        return session.running.engine.topology();
      case 'snapshot':
        return session.running.engine.snapshot();
      case 'shell':
        return shell(request.params.node);
      case 'subscribe':
        subscribers.set(client, { language: request.params.language, last: '', lastMap: '' });
        setImmediate(tellAll);
        session.lookSoon();
        return { ok: true };
      case 'stop':
        for (const other of subscribers.keys()) tell(other, { event: 'stopping' });
        await writeFile(join(INSIDE, STOPPED), '').catch(() => undefined);
        // The answer has to leave first; with this process everything else ends.
        setTimeout(() => process.exit(0), 20);
        return { ok: true };
    }
  }

  function shell(name: string): ReturnType<typeof shellInto> {
    const node = session.running.network.nodes.get(name);
    if (node) return shellInto(node);
    const known = [...session.running.network.nodes.keys()];
    throw new Refusal(
      'unknown',
      `This lab has no node ${name}; there are ${known.join(', ')}.`,
      `这个实验没有节点 ${name}，只有 ${known.join('、')}。`,
    );
  }

  function guide(language: Language): GuideResult {
    return {
      sections: loaded.guide[language].map((section) => ({ ...section })),
      quizzes: loaded.lab.steps.flatMap((step) =>
        step.quiz.map((quiz) => ({
          step: step.id,
          question: quiz.question[language],
          answers: quiz.answers.map((text) => text[language]),
          right: quiz.right,
          because: quiz.because[language],
        })),
      ),
      references: loaded.lab.references.map(({ title, url }) => ({ title: title[language], url })),
    };
  }

  await prepareShells();
  await session.start();
  await serve(`${INSIDE}/s`, { handle, closed: (client) => subscribers.delete(client) });
}

function readHandedProgress(): Progress {
  const file = `${INSIDE}/${PROGRESS_FILE}`;
  return existsSync(file) ? progressSchema.parse(JSON.parse(readFileSync(file, 'utf8'))) : NO_PROGRESS;
}

/** One write a line: lines of several sessions do not mix. */
function record(event: ProgressEvent): void {
  try {
    writeSync(EVENTS_DESCRIPTOR, `${JSON.stringify(event)}\n`);
  } catch {
    // A full disk must not stop a lab; the learner only loses the record of it.
  }
}
