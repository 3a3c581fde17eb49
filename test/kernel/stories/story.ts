import { expect, test } from 'vitest';
import type { Diagnosis } from '../../../diagnostics/model/diagnosis.ts';
import { hoplab } from '../../support/command-line.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';

/** A network that works, a fault, and what Hoplab must then say, mend and prove. */
export interface Story {
  readonly name: string;
  readonly build: (net: TestNetwork) => Promise<void>;
  /** FROM, TO and options of `hoplab why`. */
  readonly ask: readonly string[];
  readonly fault: (net: TestNetwork) => Promise<void>;
  /** `id namespace` of each cause, in order. */
  readonly causes: readonly string[];
  /** False where no command can mend it (nobody can start the user's server). */
  readonly mends?: boolean;
}

async function ask(...args: readonly string[]): Promise<{ status: number; diagnosis: Diagnosis }> {
  const { status, stdout, stderr } = await hoplab(['why', ...args, '--json']);
  try {
    return { status, diagnosis: JSON.parse(stdout) as Diagnosis };
  } catch {
    throw new Error(`hoplab why ${args.join(' ')} printed no JSON (status ${status}): ${stderr}`);
  }
}

/** Reachable before the fault; afterwards exactly the causes named; reachable again after `--apply`. */
export function tell(story: Story): void {
  test(story.name, async () => {
    await using net = await buildNetwork();
    await story.build(net);

    const healthy = await ask(...story.ask);
    expect(healthy.diagnosis).toMatchObject({
      verdict: 'reachable',
      causes: [],
      probe: { outcome: 'reply' },
    });
    expect(healthy.diagnosis.probe.agrees).not.toBe(false);
    expect(healthy.status).toBe(0);

    await story.fault(net);
    const broken = await ask(...story.ask);
    const found = broken.diagnosis.causes.map((cause) => `${cause.id} ${cause.namespace}`);
    expect({ causes: found, agrees: broken.diagnosis.probe.agrees }).toEqual({
      causes: story.causes,
      agrees: true,
    });
    expect(broken.diagnosis.verdict).toBe('unreachable');
    expect(broken.diagnosis.causes.map((cause) => cause.certainty)).toEqual(
      story.causes.map(() => 'certain'),
    );
    expect(broken.status).toBe(1);

    if (story.mends === false) return;
    expect(broken.diagnosis.causes.map((cause) => cause.fixes[0]?.proven)).toEqual(
      story.causes.map(() => true),
    );
    const applied = await hoplab(['why', ...story.ask, '--apply', '--yes']);
    expect(applied.status, applied.stdout + applied.stderr).toBe(0);
    expect((await ask(...story.ask)).diagnosis).toMatchObject({ verdict: 'reachable', causes: [] });
  });
}
