import { createLiveSource } from '../../diagnostics/collect/live-source.ts';
import { takeSnapshot } from '../../diagnostics/collect/take-snapshot.ts';
import { openLab } from '../../diagnostics/host/local-machine.ts';
import type { HostRoot } from '../../diagnostics/host/machine.ts';
import type { Diagnosis, FixStep } from '../../diagnostics/model/diagnosis.ts';
import { topologyOf } from '../../diagnostics/model/topology-of.ts';
import { applyFixes, undoSteps } from '../../diagnostics/question/apply.ts';
import { QuestionError } from '../../diagnostics/question/question-error.ts';
import { stepRunner } from '../../diagnostics/question/run-step.ts';
import { said } from '../../diagnostics/sayings/sayings.ts';
import { why } from '../../diagnostics/why.ts';
import type { LabEngine } from './engine.ts';
import type { WhyParams } from './protocol.ts';
import { Refusal } from './refusal.ts';

/** The diagnosis engine on a lab's live hosts. */
export function openEngine(hosts: readonly HostRoot[]): LabEngine {
  const machine = openLab(hosts);
  const live = createLiveSource(machine);
  /** Takes back what the last kept fix did. */
  let kept: readonly FixStep[] = [];

  async function ask(
    params: WhyParams,
    probe: boolean,
    source = live,
    otherFlows = false,
  ): Promise<Diagnosis> {
    const { from, to, protocol = null, port = null, size, device, language } = params;
    const question = {
      ...{ from, to, protocol, port },
      ...(size === undefined ? {} : { size }),
      ...(device === undefined ? {} : { device }),
    };
    try {
      return await why(source, question, { language, probe, otherFlows });
    } catch (error) {
      if (QuestionError.is(error))
        throw new Refusal(
          error.reason === 'to-not-found' ? 'failed' : 'bad-request',
          error.message,
          error.message,
        );
      throw error;
    }
  }

  return {
    source: live,
    // Not for checks, which bring facts of their own.
    why: (params, source) => ask(params, params.probe, source, source === undefined),
    async apply(params) {
      const run = stepRunner(machine, await live.discover());
      const result = await applyFixes(await ask(params, true), {
        ask: (probe) => ask(params, probe),
        run,
        causes: params.causes,
        ...(params.fix === undefined ? {} : { fix: params.fix }),
      });
      const applied = result.outcome === 'works' || result.outcome === 'further';
      if (applied) kept = result.undo;
      return { applied, undone: result.outcome === 'undone', diagnosis: result.diagnosis };
    },
    async undo(params) {
      if (kept.length === 0)
        throw new Refusal('failed', 'There is nothing to take back.', '没有可以撤销的修改。');
      const problem = await undoSteps(kept, stepRunner(machine, await live.discover()));
      kept = [];
      if (problem !== null)
        throw new Refusal(
          'failed',
          `Not all could be taken back: ${problem}`,
          `没有全部撤销：${said(problem, 'zh-cn')}`,
        );
      return ask(params, true);
    },
    snapshot: () => takeSnapshot(live),
    async topology() {
      const found = await live.discover();
      const missing = found.namespaces.map(({ id }) => ({ namespace: id, fact: 'links' as const }));
      return topologyOf(await live.read(found, missing));
    },
  };
}
