import type { Match } from '../../../model/rule-match.ts';
import type { RulePart } from '../../../model/ruleset.ts';
import { entry } from '../../../host/external-json.ts';
import type { Extension, Option } from '../options.ts';
import {
  compare,
  number,
  rangeValue,
  readNumber,
  statusOrAssured,
  text,
  unmodelledMatch,
} from '../values.ts';
import { lowerWords, masked, prefix, range, words, type Reader, type Readers } from './reader.ts';
import { port, protocol } from './transport.ts';

const KNOWN_STATUS: readonly string[] = ['seen-reply', 'confirmed', 'expected'];
const known = lowerWords('ct status', KNOWN_STATUS);

/** `ASSURED,CONFIRMED`: any of them. */
const status: Reader = (option, family) => {
  const wanted = words(option)
    .map((word) => word.toLowerCase().replace('_', '-'))
    .filter((word) => word !== 'none');
  // conntrack_mt(): none of no bits is ever set.
  if (wanted.length === 0) return [compare('ct status bits 0', [number(0)], !option.negate)];
  const others = wanted.filter((word) => word !== 'assured');
  if (others.length === wanted.length) return known({ ...option, values: [wanted.join(',')] }, family);
  return others.every((word) => KNOWN_STATUS.includes(word))
    ? [statusOrAssured(others, option.negate)]
    : null;
};

const HIGHEST = Number.MAX_SAFE_INTEGER;

/**
 * connbytes_mt() of xt_connbytes.c: `--connbytes 10:20 --connbytes-dir both --connbytes-mode packets`. The kernel counts as soon as
 * there is such a rule.
 */
export function connectionBytes({ options, text: written }: Extension): readonly Match[] {
  const valueOf = (wanted: string): string => options.find(({ name }) => name === wanted)?.values[0] ?? '';
  const [from, to] = valueOf('--connbytes').split(':').map(readNumber);
  const what = entry(COUNTED, valueOf('--connbytes-mode'));
  const direction = valueOf('--connbytes-dir');
  const known = direction === 'original' || direction === 'reply' || direction === 'both';
  if (typeof from !== 'number' || to === null || !what || !known) return [unmodelledMatch(written)];
  const negate = options.some((option) => option.negate);
  return [compare(`ct ${what} ${direction}`, [rangeValue([from, to ?? HIGHEST])], negate)];
}

/** connlimit_mt() of xt_connlimit.c; whose connections are counted together does not matter to how many there are at most. */
export function connectionCount({ options, text: written }: Extension): readonly Match[] {
  const [option, ...others] = options.filter(
    ({ name }) => name === '--connlimit-above' || name === '--connlimit-upto',
  );
  const limit = readNumber(option?.values[0]);
  if (!option || others.length > 0 || limit === null) return [unmodelledMatch(written)];
  return [{ type: 'connection-count', over: (option.name === '--connlimit-above') !== option.negate, limit }];
}

const MOST_NODES = 32;

/** xt_cluster_mt() of xt_cluster.c: which node a connection is of, a hash of its first source tells; a mask, which ones are meant. */
export function clusterNode({ options, text: written }: Extension): readonly Match[] {
  const given = (wanted: string): number | null =>
    readNumber(options.find(({ name }) => name === wanted)?.values[0]);
  const [total, seed, mask] = [
    '--cluster-total-nodes',
    '--cluster-hash-seed',
    '--cluster-local-nodemask',
  ].map(given);
  if (typeof total !== 'number' || typeof seed !== 'number' || typeof mask !== 'number')
    return [unmodelledMatch(written)];
  const nodes = Array.from({ length: MOST_NODES }, (_, node) => node).filter(
    (node) => ((mask >>> node) & 1) === 1,
  );
  const negate = options.some((option) => option.negate);
  return [compare(`cluster ${total} ${seed}`, nodes.map(number), negate)];
}

/** connlabel_mt() of xt_connlabel.c: `--set` sets the bit where there is none. A name of connlabel.conf is not known here. */
export function connectionLabel({ options, text: written }: Extension): readonly RulePart[] {
  const label = options.find(({ name }) => name === '--label');
  const bit = readNumber(label?.values[0]);
  if (!label || bit === null) return [unmodelledMatch(written)];
  const wanted = compare('connlabel', [text(String(bit))], label.negate);
  return options.some(({ name }) => name === '--set')
    ? [{ type: 'set-label', labels: [bit] }, wanted]
    : [wanted];
}

const COUNTED: Readonly<Record<string, 'packets' | 'bytes' | 'average'>> = {
  packets: 'packets',
  bytes: 'bytes',
  avgpkt: 'average',
};

const named = (option: Option, names: Readonly<Record<string, string>>): Option => ({
  ...option,
  values: option.values.map((word) => entry(names, word) ?? word),
});

/** In seconds. */
const HIGHEST_EXPIRATION = 0xffffffff;

const CONNECTION: Readonly<Record<string, Reader>> = {
  '--ctstate': lowerWords('ct state'),
  '--ctstatus': status,
  '--ctdir': lowerWords('ct direction'),
  '--ctorigsrc': prefix('ct original saddr'),
  '--ctorigdst': prefix('ct original daddr'),
  '--ctorigsrcport': port('ct original sport'),
  '--ctorigdstport': port('ct original dport'),
  '--ctreplsrc': prefix('ct reply saddr'),
  '--ctrepldst': prefix('ct reply daddr'),
  '--ctreplsrcport': port('ct reply sport'),
  '--ctrepldstport': port('ct reply dport'),
  '--ctproto': protocol('ct l4proto'),
  '--ctexpire': range('ct expiration', HIGHEST_EXPIRATION),
};

/** conntrack_mt() of xt_conntrack.c: a packet without a connection is asked for its state alone, and meets nothing where that is not asked. */
export function connection({ options, text: written }: Extension, family: 4 | 6): readonly Match[] {
  const asksState = options.some(({ name }) => name === '--ctstate');
  const read = options.map((option) => {
    const matches = entry(CONNECTION, option.name)?.(option, family);
    return asksState && option.name !== '--ctstate' ? matches?.map(orNoConnection) : matches;
  });
  const known = read.filter((matches) => matches !== null && matches !== undefined);
  return known.length < read.length ? [...known.flat(), unmodelledMatch(written)] : known.flat();
}

const orNoConnection = (match: Match): Match =>
  match.type === 'compare' ? { ...match, orNoConnection: true } : match;

/** What conntrack knows, and marks. */
export const CONNECTIONS: Readers = {
  state: { '--state': lowerWords('ct state') },
  mark: { '--mark': masked('mark') },
  connmark: { '--mark': masked('ct mark') },
  // The only one that rt_realms of iproute2 has a name for from the start.
  realm: { '--realm': (option, family) => masked('realm')(named(option, { cosmos: '0' }), family) },
};
