import { appendFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createLiveSource } from '../../../diagnostics/collect/live-source.ts';
import { openMachine } from '../../../diagnostics/host/local-machine.ts';
import type { Diagnosis } from '../../../diagnostics/model/diagnosis.ts';
import { applyFixes, undoSteps } from '../../../diagnostics/question/apply.ts';
import { stepRunner } from '../../../diagnostics/question/run-step.ts';
import { ask, brief, type Asked } from '../../support/cause-case.ts';
import { settled } from '../../support/hasty.ts';
import { differences, mendedOnPaper, readMachine } from '../../support/mended-facts.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';
import { diceFrom, type Dice } from '../../support/random/dice.ts';
import { drawNetwork, type DrawnNetwork } from '../../support/random/draw-network.ts';
import { factsText } from '../../support/random/facts-text.ts';
import { makeNetwork } from '../../support/random/make-network.ts';
import type { PathFault } from '../../support/random/path-fault.ts';
import { pathFaults } from '../../support/random/path-faults.ts';
import { networkInSix, pathFaultsInSix, sixFor } from '../../support/random/six.ts';

/**
 * Random networks that work, and one to three faults on the way of a question: `why` names the first of them first, its fixes are proven, they
 * mend the real network, and undone they leave it as it was. A network is named by its seed; `RANDOM_SEED=n` begins with
 * another one, `RANDOM_COUNT=n` asks for more than the usual few, `RANDOM_FAMILY=6` for one family alone.
 */
const FIRST = Number(process.env['RANDOM_SEED'] ?? 1);
const COUNT = Number(process.env['RANDOM_COUNT'] ?? 2);
const FAMILIES = ([4, 6] as const).filter(
  (family) => (process.env['RANDOM_FAMILY'] ?? `${family}`) === `${family}`,
);
const NETWORKS = FAMILIES.flatMap((family) =>
  Array.from({ length: COUNT }, (_, at) => [FIRST + at, family] as const),
);
const MOST_ATTEMPTS = 4;

function drawQuestion({ leaves, segments, listeners, published }: DrawnNetwork, dice: Dice): Asked {
  const from = `netns:${dice.pick(leaves)}`;
  const [shown] = published;
  if (shown && dice.chance(0.5)) return { from, to: shown.address, protocol: 'tcp', port: shown.port };
  const served = listeners.filter(({ protocol, node }) => protocol === 'tcp' && from !== `netns:${node}`);
  const addresses = (node: string): readonly string[] =>
    segments.flatMap(({ ports }) => ports.filter((port) => port.node === node).map(({ address }) => address));
  if (served.length > 0 && dice.chance(0.75))
    return { from, to: dice.pick(addresses(dice.pick(served).node)), protocol: 'tcp', port: 80 };
  return { from, to: dice.pick(segments.flatMap(({ ports }) => ports)).address, protocol: 'icmp' };
}

/** A question whose answer is yes, and that leaves its namespace. */
async function healthyQuestion(
  drawn: DrawnNetwork,
  dice: Dice,
): Promise<{ readonly asked: Asked; readonly before: Diagnosis } | null> {
  for (let tries = 0; tries < 8; tries += 1) {
    const asked = drawQuestion(drawn, dice);
    const before = await ask(asked);
    if (before.verdict !== 'reachable' || before.probe.agrees !== true) continue;
    if ((before.legs[0]?.forward.hops.length ?? 0) > 1) return { asked, before };
  }
  return null;
}

async function inject(net: TestNetwork, { node, commands, stops }: PathFault): Promise<boolean> {
  try {
    for (const { argv, input } of commands) await net.run(node, argv, input);
  } catch {
    return false;
  }
  if (stops) {
    const { protocol, port, again } = stops;
    await net.stop(node, protocol, port);
    if (again !== undefined) await net.listen(node, { protocol, port, address: again });
  }
  await settled(net);
  return true;
}

const kindOf = ({ name }: PathFault): string => name.replace(/iptables\S*|\d+/g, '');

const names = ({ causes }: Diagnosis): readonly string[] =>
  causes.map(({ id, namespace }) => `${id} ${(namespace ?? '').replace('netns:', '')}`);

/** A rule that stops a frame which is only bridged, or a question for a neighbour, is a cause of its own: which way a drawn fault meets is chance. */
const isAccepted = (accepts: readonly string[], name: string): boolean =>
  accepts.some(
    (it) =>
      it === name ||
      (it.endsWith(' *') && name.startsWith(it.slice(0, -1))) ||
      ['bridge-firewalled', 'ndp-filtered'].some(
        (special) => name === it.replace(/^(?:filter-drop|filter-reject|policy-drop) /, `${special} `),
      ),
  );

it.each(NETWORKS)('network %i by IPv%i', async (seed, family) => {
  await using net = await buildNetwork();
  const six = sixFor(seed);
  const drawn = family === 4 ? drawNetwork(seed) : networkInSix(drawNetwork(seed), six);
  await makeNetwork(net, drawn);
  const dice = diceFrom(seed + 2_000_003);
  const healthy = await healthyQuestion(drawn, dice);
  if (!healthy) return record(seed, 'unhealthy', '');
  const { asked, before } = healthy;
  const wanted = dice.pick([1, 1, 1, 2, 3]);
  const faults: PathFault[] = [];
  const found = pathFaults(drawn, before, dice);
  const possible = family === 4 ? found : pathFaultsInSix(found, six);
  // Kinds of faults with many places are not likelier than others.
  const kinds = new Map(dice.shuffled(possible).map((fault) => [kindOf(fault), fault]));
  const offered = dice.shuffled([...kinds.values()]);
  for (const fault of offered.slice(0, 12)) {
    if (faults.length >= wanted) break;
    if (await inject(net, fault)) faults.push(fault);
  }
  const story = `network ${seed} by IPv${family}: ${JSON.stringify(asked)}; ${faults.map(({ name, node, commands }) => `${name} at ${node}: ${commands.map(({ argv, input }) => `${argv.join(' ')} ${input ?? ''}`).join('; ')}`).join(' AND ')}`;
  const broken = await ask(asked);
  const told = (what: string, diagnosis = broken): string => `${story}\n${what}\n${brief(diagnosis)}`;
  const problems: string[] = [];
  const check = (right: boolean, what: string, diagnosis = broken): boolean => {
    if (!right) problems.push(told(what, diagnosis));
    return right;
  };

  if (broken.probe.outcome === 'reply') {
    check(
      broken.verdict === 'reachable' && broken.probe.agrees === true,
      'it still works, and the walk does not say so',
    );
    record(seed, 'harmless', faults.map(({ name }) => name).join(' + '), problems);
    expect(problems.length, problems.join('\n\n')).toBe(0);
    return;
  }
  check(broken.verdict === 'unreachable' && broken.probe.agrees === true, 'walk and kernel differ');
  const [first] = names(broken);
  if (check(first !== undefined, 'no cause was found'))
    check(
      isAccepted(
        faults.flatMap(({ accepts }) => accepts),
        first ?? '',
      ),
      `not the right cause first: ${names(broken).join(', ')}`,
    );
  const hands = faults.some((fault) => fault.hands);
  for (const { certainty } of broken.causes) check(hands || certainty === 'certain', 'not certain');
  const proven = broken.causes.length > 0 && broken.causes.every(({ fixes }) => fixes[0]?.proven === true);
  if (!hands) check(proven, 'a fix is not proven');
  if (proven && broken.causes.every(({ fixes }) => (fixes[0]?.steps.length ?? 0) > 0))
    await mend(net, drawn, asked, broken, check);
  record(
    seed,
    hands ? 'hands' : 'mended',
    `${faults.map(({ name }) => name).join(' + ')} => ${names(broken).join(', ')}`,
    problems,
  );
  expect(problems.length, problems.join('\n\n')).toBe(0);
});

/** Applies until it works; what was done first, undone, leaves everything as it was. */
async function mend(
  net: TestNetwork,
  drawn: DrawnNetwork,
  asked: Asked,
  broken: Diagnosis,
  check: (right: boolean, what: string, diagnosis?: Diagnosis) => boolean,
): Promise<void> {
  const nodes = [...drawn.routers, ...drawn.leaves, ...drawn.switches];
  const paper = mendedOnPaper(await readMachine(), asked);
  const facts = await factsText(net, nodes);
  const machine = openMachine();
  const run = stepRunner(machine, await createLiveSource(machine).discover());
  let now = broken;
  const undo: Parameters<typeof undoSteps>[0][number][] = [];
  for (let attempt = 0; attempt < MOST_ATTEMPTS && now.verdict !== 'reachable'; attempt += 1) {
    const applied = await applyFixes(now, { ask: (probe) => ask(asked, probe), run });
    if (applied.problem !== null) check(false, `a step failed: ${applied.problem}`, applied.diagnosis);
    undo.unshift(...applied.undo);
    now = applied.diagnosis;
    if (
      attempt === 0 &&
      !check(applied.outcome === 'works', `applied, it does not work (${applied.outcome})`, now)
    )
      break;
    if (attempt === 0) {
      await settled(net);
      const differing = differences(paper, await readMachine());
      check(
        differing.length === 0,
        `the machine is not what the fix was proven on:\n${differing.join('\n')}`,
        now,
      );
    }
  }
  const problem = await undoSteps(undo, run);
  check(problem === null, `undo failed: ${problem ?? ''}`);
  await settled(net);
  const after = await factsText(net, nodes);
  const lines = new Set(facts.split('\n'));
  const later = new Set(after.split('\n'));
  const changed = [
    ...[...lines].filter((line) => !later.has(line)).map((line) => `- ${line}`),
    ...[...later].filter((line) => !lines.has(line)).map((line) => `+ ${line}`),
  ];
  check(changed.length === 0, `undone, the facts differ:\n${changed.join('\n')}`);
}

/** With `RANDOM_LOG=file`: one line a network, and what was wrong beside it, for runs over many seeds. */
function record(seed: number, kind: string, text: string, problems: readonly string[] = []): void {
  const file = process.env['RANDOM_LOG'];
  if (file === undefined) return;
  appendFileSync(file, `${seed} ${kind} ${problems.length} ${text}\n`);
  if (problems.length > 0) appendFileSync(`${file}.wrong`, `${problems.join('\n\n')}\n\n`);
}
