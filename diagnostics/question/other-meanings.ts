import { answerKey, type NameAnswers } from '../model/dns-answer.ts';
import type { Flow } from '../model/flow.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { serversOfHost } from '../causes/stub-servers.ts';
import { queriesFor, withoutDot, type NameAsk } from '../simulate/names/dns-search.ts';
import { engineServers } from '../model/engines.ts';
import { askServers, engineNames, resolveName, viewOfAsker } from '../simulate/names/names.ts';
import { askerOf } from './target.ts';

/** Something else that a name could have meant, had somebody else been asked, or another name made of it. */
export interface OtherMeaning {
  readonly by: 'engine' | 'dns';
  readonly query: string;
  readonly server: string;
  readonly addresses: readonly string[];
}

export interface OtherMeanings {
  readonly others: readonly OtherMeaning[];
  /** What would have to be asked to know all of them. */
  readonly asks: readonly NameAsk[];
}

const NONE: OtherMeanings = { others: [], asks: [] };
/** A search list may be long. */
const MOST_QUERIES = 8;

/**
 * What TO's name could have meant: to name servers, where a line of /etc/hosts answered; as it is, and with each domain of the
 * search list, where another of these did; and to the host's own servers, where those that were asked are silent. Pure.
 */
export function otherMeanings(snapshot: Snapshot, { from, to }: Flow, answers: NameAnswers): OtherMeanings {
  if (to.type !== 'name' || from.type !== 'namespace') return NONE;
  const view = viewOfAsker(snapshot, askerOf(from));
  if (view.files.state !== 'known') return NONE;
  const files = view.files.value;
  const { name } = to;
  const resolution = resolveName(snapshot, askerOf(from), name, answers);
  const taken = resolution.type === 'addresses' ? resolution : null;
  const others: OtherMeaning[] = [];
  const asks: NameAsk[] = [];
  if (taken?.by === 'literal') return NONE;
  if (taken?.by === 'hosts') {
    const served = askServers(view, files, name, answers);
    if (served.type === 'ask') {
      asks.push(...served.asks);
      if (served.expected.length > 0)
        others.push({
          by: 'engine',
          query: name,
          server: files.nameservers[0] ?? '',
          addresses: served.expected,
        });
    }
    if (served.type === 'addresses')
      others.push({
        by: served.by === 'engine' ? 'engine' : 'dns',
        query: served.query,
        server: served.source,
        addresses: served.addresses,
      });
    return { others, asks };
  }
  const [server] = files.nameservers;
  if (server === undefined) return NONE;
  const queries = new Set([withoutDot(name), ...queriesFor(name, { ...files, libc: 'glibc' })]);
  for (const query of [...queries].slice(0, MOST_QUERIES)) {
    if (query === taken?.query) continue;
    const named =
      view.engine && view.container && engineServers(view.engine, view.container).includes(server)
        ? engineNames(view.engine, view.container, query).map(({ address }) => address)
        : [];
    const answer = answers.get(answerKey(from.namespace, server, query));
    if (named.length > 0) others.push({ by: 'engine', query, server, addresses: named });
    else if (!answer) asks.push({ server, name: query });
    else if (answer.addresses.length > 0)
      others.push({ by: 'dns', query, server, addresses: answer.addresses });
  }
  // A server that gives no answer may be the wrong one; a stub that nobody serves stands for the host's.
  const behind = serversOfHost(snapshot, from.namespace).filter((it) => !files.nameservers.includes(it));
  if (resolution.type === 'not-known' && resolution.why === 'no-answer')
    for (const upstream of behind.slice(0, 1))
      for (const query of queriesFor(name, files).slice(0, MOST_QUERIES))
        if (!answers.has(answerKey(from.namespace, upstream, query)))
          asks.push({ server: upstream, name: query });
  return { others, asks };
}
