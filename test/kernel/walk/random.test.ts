import { expect, it } from 'vitest';
import { appendFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { createLiveSource } from '../../../diagnostics/collect/live-source.ts';
import { openMachine } from '../../../diagnostics/host/local-machine.ts';
import { familyOf } from '../../../diagnostics/model/ip.ts';
import { nameText, type Namespace } from '../../../diagnostics/model/namespace.ts';
import type { MissingFact } from '../../../diagnostics/model/snapshot.ts';
import type { Hop } from '../../../diagnostics/model/trace.ts';
import type { RawProbe } from '../../../diagnostics/source.ts';
import type { Protocol } from '../../../diagnostics/model/flow.ts';
import { judgeOpened } from '../../../diagnostics/question/verdict.ts';
import { largeOf } from '../../../diagnostics/question/walked.ts';
import { predict } from '../../../diagnostics/simulate/answer/predict.ts';
import { walkFlow, type RoundTrip } from '../../../diagnostics/simulate/walk.ts';
import { traceText, type Both } from '../../support/ask-both.ts';
import { hasty, settled } from '../../support/hasty.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';
import { diceFrom, type Dice } from '../../support/random/dice.ts';
import { drawNetwork, type DrawnNetwork } from '../../support/random/draw-network.ts';
import { unusedAddress } from '../../support/random/draw-routes.ts';
import type { Extra, Target } from '../../support/random/extras/extra.ts';
import { drawExtras, extrasInSix } from '../../support/random/extras/extras.ts';
import { linkFaults, type LinkFault } from '../../support/random/link-faults.ts';
import { makeNetwork } from '../../support/random/make-network.ts';
import { faultsInSix, networkInSix, sixFor } from '../../support/random/six.ts';
import { wildFaults, type WildFault } from '../../support/random/wild-faults.ts';

/**
 * Random networks with random faults: whatever the walk is certain of, the kernel says too. A network is named by its seed;
 * `RANDOM_SEED=n` begins with another one, `RANDOM_COUNT=n` asks for more than the usual few.
 */
const FIRST = Number(process.env['RANDOM_SEED'] ?? 1);
const COUNT = Number(process.env['RANDOM_COUNT'] ?? 5);
const QUESTIONS = 14;
const EXTRA_QUESTIONS = 6;
/** IPv6 tells TCP of some errors only after the second SYN. */
const PATIENCE_MILLISECONDS = { 4: 1000, 6: 1400 } as const;
const MOST_ROUNDS = 20;
/**
 * Connections have ended by then, and a router that told somebody of many errors tells of one more: ip_error() of net/ipv4/route.c and
 * icmpv4_xrlim_allow() take a second each of the same account.
 */
const QUIET_MILLISECONDS = 2200;
const SIZES = [1500, 1500, 1400, 1300] as const;

interface Asked {
  readonly from: string;
  readonly to: string;
  readonly protocol: Protocol;
  readonly port: number | null;
  /** Bytes at layer 3 of an echo request that nobody may fragment. */
  readonly size?: number;
}

function drawQuestion(drawn: DrawnNetwork, dice: Dice): Asked {
  const { leaves, routers, segments, published } = drawn;
  const from = dice.pick([...leaves, ...leaves, ...leaves, ...routers]);
  const protocol = dice.pick(['tcp', 'tcp', 'icmp', 'udp'] as const);
  const owned = segments.flatMap(({ ports }) => ports.map(({ address }) => address));
  const served = segments.flatMap(({ ports }) =>
    ports.flatMap(({ node, address }) => (drawn.listeners.some((it) => it.node === node) ? [address] : [])),
  );
  const shown = dice.chance(0.4) ? published[0] : undefined;
  if (shown) return { from, to: shown.address, protocol: 'tcp', port: shown.port };
  const to = dice.chance(0.9)
    ? dice.pick(served.length > 0 && dice.chance(0.7) ? served : owned)
    : dice.pick([unusedAddress(dice.pick(segments)), '127.0.0.1', '203.0.113.5', '10.200.0.4']);
  return { from, to, protocol, port: protocol === 'icmp' ? null : dice.pick([80, 80, 80, 80, 80, 81, 9999]) };
}

/** Of what was added to the network. */
function askForExtra({ address, port, from }: Target, { leaves, routers }: DrawnNetwork, dice: Dice): Asked {
  const asker = from ?? dice.pick([...leaves, ...leaves, ...routers]);
  if (port !== null) return { from: asker, to: address, protocol: 'tcp', port };
  const protocol = dice.pick(['tcp', 'tcp', 'icmp', 'udp'] as const);
  return { from: asker, to: address, protocol, port: protocol === 'icmp' ? null : 80 };
}

interface Compared {
  readonly asked: Asked;
  readonly both: Both;
}

/** All are walked on one set of facts, and then asked of the kernel side by side. */
async function compare(questions: readonly Asked[]): Promise<readonly Compared[]> {
  const source = createLiveSource(openMachine());
  let snapshot = await source.discover();
  const starts = questions.map(({ from, to, protocol, port, size }) => {
    const isIt = ({ names }: Namespace): boolean => names.some((name) => nameText(name) === `netns:${from}`);
    const namespace = snapshot.namespaces.find(isIt)?.id ?? '';
    const sized = size === undefined ? {} : { size };
    return { from: 'namespace', namespace, destination: to, protocol, port, ...sized } as const;
  });
  let rounds = 0;
  for (; rounds < MOST_ROUNDS; rounds += 1) {
    const missing = starts.flatMap((start) => missingOf(walkFlow(snapshot, start)));
    if (missing.length === 0) break;
    snapshot = await source.read(snapshot, missing);
  }
  return Promise.all(
    questions.map(async (asked, at) => {
      const start = starts[at];
      if (!start || !source.probe) throw new Error('a live source can probe');
      const { namespace, destination: address, protocol, port } = start;
      const trip = walkFlow(snapshot, start);
      const timeoutMilliseconds = PATIENCE_MILLISECONDS[familyOf(address) ?? 4];
      const size = asked.size === undefined ? {} : { size: asked.size };
      const probed = await source.probe({ namespace, protocol, address, port, timeoutMilliseconds, ...size });
      return { asked, both: { trip, snapshot, rounds, predicted: predict(trip), probed } };
    }),
  );
}

const missingOf = ({ forward, back, notice }: RoundTrip): readonly MissingFact[] =>
  [forward, back, notice].flatMap((trace) => trace?.missing ?? []);

/** Whom ping(8) names as the sender of an error. */
const complainer = ({ detail }: RawProbe): string | undefined => /^([^\s%]+)\S* answered:/.exec(detail)?.[1];

/** Whom an error is from as it arrives: rules may give it another source on its way. */
function senderHeard(hops: readonly Hop[]): string | undefined {
  const [first, ...others] = hops;
  const sent = first?.steps.find((step) => step.kind === 'send');
  return (others.at(-1) ?? sent)?.packet.source;
}

/** What is not as it should be; null where walk and kernel agree. */
function difference({ asked, both: { trip, snapshot, predicted, probed } }: Compared): string | null {
  if (missingOf(trip).length > 0) return 'facts are missing';
  if (!predicted.certain) {
    // Doubts are for what cannot be known: beside chance, nothing here is of that kind but a datagram's silence.
    const reasons = trip.ways.flatMap(({ forward, back }) =>
      [forward, ...back].flatMap(({ journey }) => [...journey.doubts, ...journey.forks]),
    );
    return asked.protocol !== 'udp' && reasons.length === 0 ? 'a doubt without a reason' : null;
  }
  if (predicted.outcome !== probed.outcome) {
    const opened = judgeOpened({ verdict: 'reachable', agrees: false }, largeOf(snapshot, trip), probed);
    return opened.agrees === true ? null : 'another outcome';
  }
  const said = complainer(probed);
  const heard = senderHeard((trip.notice ?? trip.back)?.hops ?? []);
  return said !== undefined && heard !== undefined && heard !== said ? 'another sender of the error' : null;
}

const FAMILIES = ([4, 6] as const).filter(
  (family) => (process.env['RANDOM_FAMILY'] ?? `${family}`) === `${family}`,
);
const NETWORKS = FAMILIES.flatMap((family) =>
  Array.from({ length: COUNT }, (_, at) => [FIRST + at, family] as const),
);

it.each(NETWORKS)('network %i by IPv%i', async (seed, family) => {
  await using net = await buildNetwork();
  const drawn = drawNetwork(seed);
  const six = sixFor(seed);
  await makeNetwork(net, family === 4 ? drawn : networkInSix(drawn, six));
  const dice = diceFrom(seed + 1_000_003);
  const extras = family === 4 ? drawExtras(drawn) : extrasInSix(drawExtras(drawn), six);
  const added = await addExtras(net, extras, [...drawn.routers, ...drawn.leaves]);
  const wild = wildFaults(drawn, dice.pick([0, 1, 1, 2, 3]));
  const broken = [
    ...added,
    ...(await breakWildly(net, family === 4 ? wild : faultsInSix(drawn, wild, six))),
    ...(family === 4 ? await makeOdd(net, linkFaults(drawn), [...drawn.routers, ...drawn.leaves]) : []),
  ];
  const usual = Array.from({ length: QUESTIONS }, () => drawQuestion(drawn, dice)).map((asked) =>
    family === 4 ? asked : { ...asked, to: six.address(asked.to) },
  );
  const targets = dice.shuffled(extras.flatMap((extra) => extra.targets)).slice(0, EXTRA_QUESTIONS);
  const questions = [...usual, ...targets.map((one) => askForExtra(one, drawn, dice))];
  const large = diceFrom(seed + 3_000_017);
  const compared = await compare(
    questions.map((asked) =>
      asked.protocol === 'icmp' && large.chance(0.5) ? { ...asked, size: large.pick(SIZES) } : asked,
    ),
  );
  const wrong: string[] = [];
  const nodes = [...drawn.routers, ...drawn.leaves];
  for (const { asked } of compared.filter((one) => difference(one) !== null)) {
    // What differs alone as well, and once more, is neither another question's doing nor that of a busy machine.
    if ((await askAlone(net, nodes, asked)) === null) continue;
    const one = await askAlone(net, nodes, asked);
    if (one !== null)
      wrong.push(
        `network ${seed} by IPv${family}: ${difference(one)}, ${JSON.stringify(asked)}, broken: ${broken.join('; ') || 'nothing'}\n${traceText(one.both)}`,
      );
  }
  record(seed, compared, wrong);
  expect(wrong.length, wrong.join('\n\n')).toBe(0);
});

/** Asked side by side, packets of one question teach neighbours for another: alone, nothing helps it. null: walk and kernel agree. */
async function askAlone(net: TestNetwork, nodes: readonly string[], asked: Asked): Promise<Compared | null> {
  await wait(QUIET_MILLISECONDS);
  for (const node of nodes) await net.run(node, 'ip neighbour flush all');
  const [one] = await compare([asked]);
  return one && difference(one) !== null ? one : null;
}

/** With `RANDOM_LOG=file`: one line a question, and what differed beside it, for runs over many seeds. */
function record(seed: number, compared: readonly Compared[], wrong: readonly string[]): void {
  const file = process.env['RANDOM_LOG'];
  if (file === undefined) return;
  const lines = compared.map(({ asked, both: { predicted, probed, trip } }) =>
    [
      seed,
      predicted.outcome,
      predicted.certain,
      probed.outcome,
      asked.protocol,
      trip.forward.disposition,
      trip.back?.disposition,
      ...trip.forward.doubts,
      ...(trip.back?.doubts ?? []),
    ].join(' '),
  );
  appendFileSync(file, `${lines.join('\n')}\n`);
  if (wrong.length > 0) appendFileSync(`${file}.wrong`, `${wrong.join('\n\n')}\n\n`);
}

/** What could be made odd about the devices, as text. */
async function makeOdd(
  net: TestNetwork,
  faults: readonly LinkFault[],
  nodes: readonly string[],
): Promise<readonly string[]> {
  const done: string[] = [];
  for (const { text, apply } of faults)
    try {
      await apply(net);
      done.push(text);
    } catch {
      // Not every fault fits every network.
      done.push(`(in part) ${text}`);
    }
  if (done.length > 0) {
    await hasty(net, ...nodes);
    await settled(net);
  }
  return done;
}

/** What could be added, as text. */
async function addExtras(
  net: TestNetwork,
  extras: readonly Extra[],
  nodes: readonly string[],
): Promise<readonly string[]> {
  const done: string[] = [];
  for (const { steps } of extras) done.push(...(await breakWildly(net, steps)));
  if (done.length > 0) await hasty(net, ...nodes);
  return done;
}

/** What could be broken, as text. */
async function breakWildly(net: TestNetwork, faults: readonly WildFault[]): Promise<readonly string[]> {
  const broken: string[] = [];
  for (const { where, argv, input } of faults)
    try {
      await net.run(where, argv, input);
      broken.push(`${where}: ${argv.join(' ')} ${input ?? ''}`);
    } catch {
      // Not every fault fits every network.
    }
  await settled(net);
  return broken;
}
