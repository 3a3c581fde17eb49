import type { Diagnosis } from '../diagnostics/model/diagnosis.ts';
import type { Language } from '../diagnostics/model/language.ts';
import type { Question } from '../diagnostics/question/question.ts';
import { connectSession } from '../labs/session/client.ts';
import { findLab } from '../labs/session/find-lab.ts';
import { asLabProblem } from './lab/problem.ts';

/** A question about a running lab's network: its session answers, and mends. */
export interface LabQuestion {
  ask(probe: boolean, signal?: AbortSignal): Promise<Diagnosis>;
  /** Applies the first fix of each cause; everything is taken back where it does not help. */
  apply(): Promise<{ readonly kept: boolean; readonly diagnosis: Diagnosis }>;
  close(): void;
}

/** @param name a lab's or its sandbox's; undefined in a node's own terminal. Throws `CommandError`. */
export async function openLabQuestion(
  name: string | undefined,
  question: Question,
  language: Language,
  env: Readonly<Record<string, string | undefined>>,
): Promise<LabQuestion> {
  const { from, to, protocol, port, size, device } = question;
  const params = (probe: boolean) => ({
    language,
    from,
    to,
    ...(protocol === null ? {} : { protocol }),
    ...(port === null ? {} : { port }),
    ...(size === undefined ? {} : { size }),
    ...(device === undefined ? {} : { device }),
    probe,
  });
  const clearly = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw asLabProblem(error, language);
    }
  };
  const client = await clearly(findLab(name, env).then(({ socket }) => connectSession(socket)));
  return {
    ask: (probe, signal) => clearly(client.request('why', params(probe), signal)),
    async apply() {
      const result = await clearly(client.request('apply', { ...params(true), causes: [] }));
      return { kept: result.applied && !result.undone, diagnosis: result.diagnosis };
    },
    close: () => client.close(),
  };
}
