import { withoutDot } from '../../simulate/names/dns-search.ts';
import type { CauseKind } from '../cause.ts';
import { certaintyOf, type Finding, type Remedy } from '../finding.ts';
import { engineLine } from '../evidence.ts';
import { askingFiles, type AskingFiles } from '../names.ts';
import { labelIn, type NameSituation, type WaySituation } from '../situation.ts';

/**
 * The search list of resolv.conf makes another name of the one that was asked for, or is not used where it would be needed:
 * which of the two is tried first, `ndots` and the C library decide.
 */
export const searchDomain: CauseKind = {
  id: 'search-domain',
  find(situation) {
    const asking =
      situation.type === 'way' || situation.type === 'name'
        ? askingFiles(situation.snapshot, situation.flow)
        : null;
    if (!asking) return null;
    return situation.type === 'way'
      ? taken(situation, asking)
      : situation.type === 'name'
        ? notTaken(situation, asking)
        : null;
  },
  text: {
    en: {
      summary: (p) =>
        p('instead') === ''
          ? `${p('namespace')} asks for ${p('name')} and for nothing else; the name it would be found by is ${p('right')}`
          : `${p('namespace')} asks for ${p('instead')} before ${p('name')}, and that is somebody else (${p('address')})`,
      explanation: (p) =>
        p('instead') === ''
          ? `A name with fewer dots than “ndots” (${p('ndots')}) is tried with the domains of the “search” line (${p('search')}) in resolv.conf; ${p('musl') === 'true' ? 'musl, the C library here, tries one with dots enough only as it is (glibc would search too)' : 'the search ended before the right one was tried'}. Write the whole name: ${p('right')}.`
          : `The “search” line in resolv.conf (${p('search')}) is appended to names with fewer dots than “ndots” (${p('ndots')}), and there is a ${p('instead')}: perhaps because a wildcard record answers for every name of that domain. ${p('name')} itself would be ${p('rightAddress')}. A dot at the end (${p('name')}.) says that the name is complete; a smaller ndots lets names be tried as they are first.`,
    },
    'zh-cn': {
      summary: (p) =>
        p('instead') === ''
          ? `${p('namespace')} 只查询 ${p('name')} 本身；能找到它的名字是 ${p('right')}`
          : `${p('namespace')} 在查询 ${p('name')} 之前先查询了 ${p('instead')}，而那是别人（${p('address')}）`,
      explanation: (p) =>
        p('instead') === ''
          ? `点的个数少于“ndots”（${p('ndots')}）的名字，会加上 resolv.conf 中“search”一行的域名（${p('search')}）来查；${p('musl') === 'true' ? '而这里的 C 库 musl 对点数足够的名字只按原样查询（glibc 还会再搜索）' : '而搜索在试到正确的名字之前就结束了'}。请写完整的名字：${p('right')}。`
          : `resolv.conf 中“search”一行（${p('search')}）会被加到点数少于“ndots”（${p('ndots')}）的名字后面，而 ${p('instead')} 恰好存在，也许是因为那个域有通配记录，对任何名字都应答。${p('name')} 本身应该是 ${p('rightAddress')}。在末尾加一个点（${p('name')}.）表示名字是完整的；把 ndots 改小，则会先按原样查询。`,
    },
  },
};

/** What was asked for in the end is not what was written, and that would have been somebody else. */
function taken(situation: WaySituation, asking: AskingFiles): Finding | null {
  const { naming, trace, snapshot, packet } = situation;
  if (!naming || naming.by === 'hosts') return null;
  const plain = withoutDot(naming.name);
  if (naming.query === plain) return null;
  const right = naming.others.find(
    ({ same, query, by, arrives }) => !same && query === plain && (by === 'engine' || arrives),
  );
  if (!right) return null;
  const { namespace, container, files } = asking;
  return {
    ...common(asking),
    certainty: certaintyOf(trace),
    params: {
      ...paramsOf(asking, naming.name),
      namespace: labelIn(snapshot, namespace),
      instead: naming.query,
      address: packet.destination,
      right: `${plain}.`,
      rightAddress: right.address,
    },
    remedies: [
      ...(files.ndots > dotsOf(plain)
        ? [
            {
              actions: [
                {
                  kind: 'edit-resolver' as const,
                  namespace,
                  container,
                  change: { type: 'set-ndots' as const, ndots: dotsOf(plain) },
                },
              ],
            },
          ]
        : []),
      { actions: [{ kind: 'ask-instead', to: `${plain}.`, port: null, address: right.address }] },
    ],
  };
}

/** The name is unknown, and another one that the search list makes of it is not. */
function notTaken(situation: NameSituation, asking: AskingFiles): Finding | null {
  const { name, others = [], snapshot } = situation;
  const right = others.find(({ by, query }) => by !== 'hosts' && query !== name);
  if (!right || !domains(asking).some((domain) => right.query === `${withoutDot(name)}.${domain}`))
    return null;
  const remedy: Remedy = {
    actions: [{ kind: 'ask-instead', to: right.query, port: null, address: right.address }],
  };
  return {
    ...common(asking),
    certainty: 'certain',
    params: {
      ...paramsOf(asking, name),
      namespace: labelIn(snapshot, asking.namespace),
      instead: null,
      address: null,
      right: right.query,
      rightAddress: right.address,
    },
    remedies: [remedy],
  };
}

const domains = ({ files }: AskingFiles): readonly string[] => files.search.map(withoutDot);

const dotsOf = (name: string): number => name.split('.').length - 1;

const paramsOf = ({ files: { search, ndots, libc } }: AskingFiles, name: string) => ({
  name,
  search: search.join(' '),
  ndots,
  musl: libc === 'musl',
});

const common = ({ namespace, container, engine, files: own }: AskingFiles) => ({
  id: 'search-domain',
  place: { namespace },
  evidence: [
    {
      source:
        container === null
          ? (own.files?.resolvConf ?? '/etc/resolv.conf')
          : engineLine(engine, 'exec', container, 'cat', '/etc/resolv.conf'),
      text: `search ${own.search.join(' ')}; options ndots:${own.ndots}`,
    },
  ],
});
