import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { batching } from '../../../diagnostics/host/batching.ts';
import type { Command, Machine, Output } from '../../../diagnostics/host/machine.ts';

const said = (stdout: string): Output => ({ exitCode: 0, stdout, stderr: '' });

/** A machine that notes which commands one process was given; each answers with its own words. */
function noting(): { readonly machine: Machine; readonly processes: string[][] } {
  const processes: string[][] = [];
  const run = (commands: readonly Pick<Command, 'argv'>[]): Output[] => {
    processes.push(commands.map(({ argv }) => argv.join(' ')));
    return commands.map(({ argv }) => said(argv.join(' ')));
  };
  const machine: Machine = {
    hosts: [],
    scan: () => Promise.resolve({ privileged: true, hosts: [], namespaces: [] }),
    run: (_place, command) => Promise.resolve(run([command])[0] ?? said('')),
    within: () => Promise.resolve(null),
    follow: () => ({
      ended: Promise.reject(new Error('nothing is followed here')),
      stop: () => Promise.resolve(),
    }),
    runAll: ({ commands }) => Promise.resolve(run(commands)),
  };
  return { machine, processes };
}

async function ask(namespaces: number, commands: readonly Command[]) {
  const { machine, processes } = noting();
  const together = batching(machine, new Map());
  const answers = await Promise.all(
    Array.from({ length: namespaces }, (_, at) => ({ host: 'machine', namespace: `machine/${at}` })).flatMap(
      (place) => commands.map((command) => together.run(place, command)),
    ),
  );
  return { processes, answers: answers.map(({ stdout }) => stdout) };
}

const several = Math.min(4, availableParallelism()) > 1;

it('what is asked of one namespace is asked by one process, and each gets its own answer', async () => {
  const { processes, answers } = await ask(1, [{ argv: ['links'] }, { argv: ['routes'] }]);
  expect(processes).toEqual([['links', 'routes']]);
  expect(answers).toEqual(['links', 'routes']);
});

it('the same question is asked once, and everybody gets its answer', async () => {
  const { processes, answers } = await ask(1, [
    { argv: ['settings'] },
    { argv: ['links'] },
    { argv: ['settings'] },
  ]);
  expect(processes).toEqual([['settings', 'links']]);
  expect(answers).toEqual(['settings', 'links', 'settings']);
});

it('slow questions to one namespace are asked side by side', async () => {
  const { processes, answers } = await ask(1, [
    { argv: ['rules'], slow: true },
    { argv: ['rules again'], slow: true },
  ]);
  expect(processes).toHaveLength(several ? 2 : 1);
  expect(answers).toEqual(['rules', 'rules again']);
});

it('where many namespaces are asked slow questions, each is entered once', async () => {
  const { processes } = await ask(40, [
    { argv: ['rules'], slow: true },
    { argv: ['rules again'], slow: true },
  ]);
  expect(processes.length).toBeLessThanOrEqual(4);
  for (const commands of processes)
    expect(commands.map((argv, at) => argv === (at % 2 === 0 ? 'rules' : 'rules again'))).not.toContain(
      false,
    );
});

it('one process is shown one set of names', async () => {
  const { machine, processes } = noting();
  const together = batching(machine, new Map());
  const [few, all] = [[3], [3, 4, 5]];
  await Promise.all(
    [few, all, few, all, few, all].map((names, at) =>
      together.run(
        { host: 'machine', namespace: `machine/${at}` },
        { argv: [`show ${names.length}`], names },
      ),
    ),
  );
  expect(processes.flat()).toHaveLength(6);
  for (const commands of processes) expect(new Set(commands).size).toBe(1);
});

describe('a tool that hangs', () => {
  /** Commands run one after another; the first that hangs takes the others' time with it. */
  function hanging() {
    const patience: number[] = [];
    const answer = (commands: readonly Pick<Command, 'argv'>[]): Output[] => {
      const hangs = commands.findIndex(({ argv }) => argv[0] === 'nft');
      return commands.map(({ argv }, index) =>
        hangs >= 0 && index >= hangs
          ? { exitCode: null, stdout: '', stderr: '', problem: 'timeout' }
          : said(argv.join(' ')),
      );
    };
    const { machine } = noting();
    const hung = new Map<string, number>();
    const together = batching(
      {
        ...machine,
        run: (_place, command) => {
          patience.push(command.timeoutMilliseconds ?? 0);
          return Promise.resolve(answer([command])[0] ?? said(''));
        },
        runAll: ({ commands, timeoutMilliseconds = 0 }) => {
          patience.push(timeoutMilliseconds);
          return Promise.resolve(answer(commands));
        },
      },
      hung,
    );
    const ask = (...argvs: string[][]) =>
      Promise.all(
        argvs.map((argv) =>
          together.run(
            { host: 'machine', namespace: 'machine/1' },
            { argv, timeoutMilliseconds: argv[0] === 'nft' ? 20_000 : 5000 },
          ),
        ),
      );
    return { ask, patience };
  }

  it('does not take along what was to be asked after it', async () => {
    const { ask } = hanging();
    const outputs = await ask(['links'], ['nft', 'rules'], ['routes'], ['nft', 'sets'], ['sockets']);
    expect(outputs.map(({ problem, stdout }) => problem ?? stdout)).toEqual([
      'links',
      'timeout',
      'routes',
      'timeout',
      'sockets',
    ]);
  });

  it('is not waited for as long once more', async () => {
    const { ask, patience } = hanging();
    await ask(['nft', 'rules']);
    await ask(['nft', 'rules']);
    await ask(['links']);
    expect(patience).toEqual([20_000, 3000, 5000]);
  });

  it('is not asked a fourth time, and others are', async () => {
    const { ask, patience } = hanging();
    for (let time = 0; time < 3; time++) await ask(['nft', 'rules']);
    const [rules, links] = await ask(['nft', 'rules'], ['links']);
    expect([rules?.problem, links?.stdout]).toEqual(['timeout', 'links']);
    expect(patience).toEqual([20_000, 3000, 3000, 5000]);
  });

  it('is asked apart from others, once it has hung', async () => {
    const { ask, patience } = hanging();
    await ask(['nft', 'rules']);
    await ask(['nft', 'rules'], ['links'], ['nft', 'sets'], ['routes']);
    expect(patience.toSorted((one, other) => one - other)).toEqual([3500, 5500, 20_000]);
  });

  it('takes the time of one, however many are asked with it', async () => {
    const { ask, patience } = hanging();
    await ask(...Array.from({ length: 11 }, (_, at) => ['nft', String(at)]));
    expect(patience).toEqual([25_000]);
  });
});
