import { entry } from '../../host/external-json.ts';
import type { Because, Match } from '../../model/rule-match.ts';
import type { RulePart } from '../../model/ruleset.ts';
import { addressTypes } from './matches/address-types.ts';
import {
  CONNECTIONS,
  connection,
  connectionBytes,
  connectionCount,
  connectionLabel,
  clusterNode,
} from './matches/connections.ts';
import { DEVICES, device } from './matches/devices.ts';
import { HEADER, fragment } from './matches/header.ts';
import { OWNERS } from './matches/owners.ts';
import { prefix, type Reader, type Readers } from './matches/reader.ts';
import { ownSocket } from './matches/sockets.ts';
import { packetText } from './matches/text.ts';
import { timeOfDay } from './matches/time.ts';
import { TRANSPORT, protocol } from './matches/transport.ts';
import { reversePath } from './matches/reverse-path.ts';
import type { Extension, Option } from './options.ts';
import { readRecent } from './recent.ts';
import { compare, NEVER, text, unmodelledMatch } from './values.ts';

/** The options that every rule has. */
const BASE: Readonly<Record<string, Reader>> = {
  '-s': prefix('saddr'),
  '-d': prefix('daddr'),
  '-i': device('iif'),
  '-o': device('oif'),
  '-p': protocol('l4proto'),
  '-f': fragment,
};

/** The options of matches that are modelled. */
const READERS: Readers = {
  ...TRANSPORT,
  ...HEADER,
  ...DEVICES,
  ...CONNECTIONS,
  ...OWNERS,
  // It counts, and always matches.
  nfacct: { '--nfacct-name': () => [] },
};

/** Matches of which no fact can tell. */
const DECIDED_BY: Readonly<Record<string, Because>> = {
  limit: 'rate',
  hashlimit: 'rate',
  rateest: 'rate',
  quota: 'amount',
  cpu: 'processor',
  osf: 'fingerprint',
};

/** Matches on IPv6 extension headers: a packet without any never matches, negated or not. */
const EXTENSION_HEADERS = new Set(['rt', 'frag', 'hbh', 'dst', 'mh', 'srh']);

/** An option of the rule itself, no extension's. */
export const readBaseOption = (option: Option, family: 4 | 6): readonly Match[] =>
  BASE[option.name]?.(option, family) ?? [
    unmodelledMatch([...(option.negate ? ['!'] : []), option.name, ...option.values].join(' ')),
  ];

/** The matches that an extension stands for; a comment stands for none. */
export function readMatch(extension: Extension, family: 4 | 6): readonly RulePart[] {
  const { name, options } = extension;
  if (name === 'comment') return [];
  if (name === 'addrtype') return addressTypes(extension, family);
  if (name === 'policy') return ipsecPolicy(extension);
  if (name === 'rpfilter') return reversePath(extension, family);
  if (name === 'string') return packetText(extension);
  if (name === 'recent') return readRecent(extension);
  if (name === 'socket') return ownSocket(extension);
  if (name === 'statistic') return byChance(extension);
  if (name === 'time') return timeOfDay(extension);
  if (name === 'conntrack') return connection(extension, family);
  if (name === 'connbytes') return connectionBytes(extension);
  if (name === 'connlimit') return connectionCount(extension);
  if (name === 'cluster') return clusterNode(extension);
  if (name === 'connlabel') return connectionLabel(extension);
  // helper_mt(): of a connection that another one announced; those of a walk are none.
  if (name === 'helper') return options.some(({ negate }) => negate) ? [] : [NEVER];
  if (name === 'eui64') return [compare('eui64', [text('yes')])];
  if (name === 'ipv6header') return headerChain(extension);
  if (EXTENSION_HEADERS.has(name)) return [compare('exthdr', [{ type: 'any' }])];
  const readers = READERS[name];
  if (!readers) return [unmodelledMatch(extension.text, entry(DECIDED_BY, name))];
  const read = options.map((option) => readers[option.name]?.(option, family) ?? null);
  const known = read.filter((matches) => matches !== null).flat();
  return read.includes(null) ? [...known, unmodelledMatch(extension.text)] : known;
}

/** `--dir in --pol none`: what came (or goes) outside of IPsec. Of a policy's details nothing is modelled. */
function ipsecPolicy({ options, text: written }: Extension): readonly Match[] {
  const valueOf = (wanted: string): string | undefined =>
    options.find(({ name }) => name === wanted)?.values[0];
  const [direction, policy] = [valueOf('--dir'), valueOf('--pol')];
  if ((direction !== 'in' && direction !== 'out') || (policy !== 'none' && policy !== 'ipsec'))
    return [unmodelledMatch(written)];
  const outside = compare(`ipsec ${direction}`, [text('none')], policy === 'ipsec');
  const more = options.some(({ name }) => name !== '--dir' && name !== '--pol');
  return more ? [outside, unmodelledMatch(written)] : [outside];
}

/** ipv6header_mt6(): the packets of a walk have the header of their own protocol, and none before it. */
function headerChain({ options, text: written }: Extension): readonly Match[] {
  const header = options.find(({ name }) => name === '--header');
  if (!header) return [unmodelledMatch(written)];
  const wanted = (header.values[0] ?? '').split(',');
  const isOwn = (word: string): boolean => word === 'proto' || word === 'protocol';
  const soft = options.some(({ name }) => name === '--soft');
  const holds = soft && header.negate ? !wanted.some(isOwn) : wanted.every(isOwn) !== header.negate;
  return holds ? [] : [NEVER];
}

/** statistic_mt() of xt_statistic.c: chance, except where it is told to match always or never. */
function byChance({ options, text: written }: Extension): readonly Match[] {
  const valueOf = (wanted: string): number =>
    Number(options.find(({ name }) => name === wanted)?.values[0] ?? NaN);
  const negate = options.some((option) => option.negate);
  const probability = valueOf('--probability');
  const always = probability >= 1 || valueOf('--every') === 1;
  if (always) return negate ? [NEVER] : [];
  if (probability === 0) return negate ? [] : [NEVER];
  return [{ ...unmodelledMatch(written), chance: true }];
}
