import type { Looked } from './agenda.ts';
import type { Check } from '../format/check-schema.ts';
import { CheckContext, type LabQuestion } from './checks/context.ts';
import { evaluate } from './checks/evaluate.ts';
import { unknown, type CheckOutcome } from './checks/outcome.ts';
import { questionOf } from './checks/reach.ts';
import type { Captures } from './capture.ts';
import type { LabEngine } from './engine.ts';
import type { LabNetwork } from './network.ts';

const NOT_YET = unknown('This was not checked yet.', '还没有检查过。');

/**
 * The state of all checks of a running lab. Facts decide; a packet is sent only when a check turns to green, to confirm it.
 */
export class Checker {
  readonly #network: LabNetwork;
  readonly #engine: LabEngine;
  readonly #captures: Captures;
  readonly #outcomes = new Map<Check, CheckOutcome>();
  readonly #confirmed = new Set<Check>();

  constructor(network: LabNetwork, engine: LabEngine, captures: Captures) {
    this.#network = network;
    this.#captures = captures;
    this.#engine = engine;
  }

  outcome(check: Check): CheckOutcome {
    return this.#outcomes.get(check) ?? NOT_YET;
  }

  /** Green, and confirmed by the kernel where that is wanted. */
  passes(check: Check): boolean {
    return this.outcome(check).state === 'pass';
  }

  /** A context whose facts are as of now. */
  context(): CheckContext {
    return new CheckContext(
      this.#network,
      this.#captures,
      this.#engine.source,
      (source, question, probe, language) =>
        this.#engine.why(
          {
            language,
            from: question.from,
            to: question.to,
            protocol: question.protocol,
            ...(question.port === null ? {} : { port: question.port }),
            probe,
          },
          source,
        ),
    );
  }

  /**
   * Looks at these checks again.
   * @param confirm `turned`: probe those that have become green; `all`: probe every green one; `none`: probe nothing
   */
  async look(checks: readonly Looked[]): Promise<void> {
    const context = this.context();
    await Promise.all(
      checks.map(async ({ check, confirm, ahead }) => {
        // A capture begins with its step: what passed before counts for nothing.
        if (ahead && check.kind === 'capture') return;
        const probe = confirm === 'all' || (confirm === 'turned' && !this.#confirmed.has(check));
        const outcome = await evaluate(check, context, probe);
        if (outcome.state !== 'pass') this.#confirmed.delete(check);
        else if (probe) this.#confirmed.add(check);
        this.#outcomes.set(check, outcome);
      }),
    );
  }

  /** The question behind a reachability check, for `why`. */
  question(check: Check): LabQuestion | null {
    return check.kind === 'reach' ? questionOf(check.what, this.context()) : null;
  }
}
