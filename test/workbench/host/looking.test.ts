import assert from 'node:assert/strict';
import type { Hoplab } from '../../../extension/hoplab.ts';
import { Labs } from '../../../extension/labs/labs.ts';
import { ScriptedLab, statusWith, type Answers } from './scripted-lab.ts';
import { activate, until } from './support.ts';

/** What a slow machine shows: labs that come, answer or end while somebody is looking for labs. */
describe('looking for running labs', () => {
  let hoplab: Hoplab;
  const started: ScriptedLab[] = [];

  const start = async (name: string, answers: Answers = {}): Promise<ScriptedLab> => {
    const lab = await ScriptedLab.start(
      name,
      statusWith({ sandbox: name }),
      { schema: 1, nodes: [], edges: [] },
      answers,
    );
    started.push(lab);
    return lab;
  };
  /** A lab whose status is said only when it is told to. */
  const startSlow = async (name: string): Promise<{ lab: ScriptedLab; release: () => void }> => {
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const lab = await start(name, {
      status: async () => {
        await released;
        return statusWith({ sandbox: name });
      },
    });
    return { lab, release };
  };

  before(async () => {
    hoplab = await activate();
    await hoplab.labs.watch();
  });

  afterEach(async () => {
    for (const lab of started.splice(0)) await lab[Symbol.asyncDispose]();
    await until('the end of the labs', () => hoplab.labs.running.length === 0);
    await hoplab.labs.scan();
  });

  it('finds the one that came while another was looked at', async () => {
    const slow = await startSlow('slow');
    await until('a look at the slow lab', () => slow.lab.requests.length > 0);
    await start('quick');
    const look = hoplab.labs.scan();
    slow.release();
    await look;
    assert.deepEqual(hoplab.labs.running.map(({ sandbox }) => sandbox).sort(), ['quick', 'slow']);
  });

  it('makes everybody wait for the first look', async () => {
    const slow = await startSlow('slow');
    const labs = new Labs(hoplab.commandLine);
    try {
      const first = labs.watch();
      await until('two looks at the slow lab', () => slow.lab.requests.length > 1);
      const second = labs.watch().then(() => labs.find('slow')?.sandbox);
      slow.release();
      assert.equal(await second, 'slow');
      await first;
    } finally {
      labs.dispose();
    }
  });

  it('does not show one that ends while it is looked at', async () => {
    const brief = await start('brief', {
      subscribe: (_, lab) => {
        lab.send({ event: 'stopping' });
        return { ok: true };
      },
    });
    await until('a look at the lab', () => brief.requests.some(({ method }) => method === 'subscribe'));
    await hoplab.labs.scan();
    assert.deepEqual(hoplab.labs.running, []);
  });
});
