import { answerText, type NameAnswer } from '../../model/dns-answer.ts';
import type { ResolverFiles } from '../../model/resolver.ts';

/** A question for one server. */
export interface NameAsk {
  readonly server: string;
  readonly name: string;
  /** What the engine says that its own server will answer; absent where it knows nothing of the name. */
  readonly expected?: readonly string[];
}

/** What a server was heard to say of a name. */
export type Heard = (server: string, name: string) => NameAnswer | undefined;

/** How a C library's search through names and servers ends. */
export type SearchEnd =
  | {
      readonly type: 'found';
      /** The name that had addresses: the asked one, or what a search list made of it. */
      readonly query: string;
      readonly server: string;
      readonly addresses: readonly string[];
    }
  /** `no-such-name`: a server said so; `no-answer`: who should know could not be asked. */
  | { readonly type: 'none'; readonly why: 'no-such-name' | 'no-answer'; readonly said: string }
  /** It goes on only once these were asked, all at the same time. */
  | { readonly type: 'ask'; readonly asks: readonly NameAsk[] };

export interface Search {
  readonly end: SearchEnd;
  /** What was asked on the way there, in order. */
  readonly sent: readonly NameAnswer[];
}

/** A name as it is compared: without the dot that ends an absolute one. */
export const withoutDot = (name: string): string => (name.endsWith('.') ? name.slice(0, -1) : name);

/**
 * The names a C library asks for, in its order: resolv.conf(5), `ndots` and `search`. musl does not search for a name that has
 * dots enough (name_from_dns_search() of src/network/lookup_name.c); glibc does after it was not found as it is (res_nsearch()).
 */
export function queriesFor(
  name: string,
  { ndots, search, libc }: Pick<ResolverFiles, 'ndots' | 'search' | 'libc'>,
): readonly string[] {
  if (name.endsWith('.')) return [withoutDot(name)];
  const dots = name.split('.').length - 1;
  const searched = search
    .map(withoutDot)
    .filter((domain) => domain !== '')
    .map((domain) => `${name}.${domain}`);
  if (dots < ndots) return [...searched, name];
  return libc === 'musl' ? [name] : [name, ...searched];
}

/** The search of a process with these files, as far as what servers said is known. */
export function searchNames(
  name: string,
  files: ResolverFiles,
  servers: readonly string[],
  heard: Heard,
): Search {
  const queries = queriesFor(name, files);
  return files.libc === 'musl'
    ? searchAsMusl(queries, servers, heard)
    : searchAsGlibc(queries, servers, heard);
}

/** Servers that say these things are passed over (res_send.c of glibc: `next_ns`). */
const PASSED_OVER: ReadonlySet<string | null> = new Set(['SERVFAIL', 'NOTIMP', 'REFUSED', 'REFERRAL', null]);

/** __res_context_search() of glibc's resolv/res_query.c. */
function searchAsGlibc(queries: readonly string[], servers: readonly string[], heard: Heard): Search {
  const sent: NameAnswer[] = [];
  let failure: string | null = null;
  let said = '';
  let done = false;
  for (const [index, name] of queries.entries()) {
    if (done && index < queries.length - 1) continue;
    let settled: NameAnswer | null = null;
    const failed: NameAnswer[] = [];
    for (const server of servers) {
      const answer = heard(server, name);
      if (!answer) return { sent, end: { type: 'ask', asks: [{ server, name }] } };
      sent.push(answer);
      if (!PASSED_OVER.has(answer.code)) {
        settled = answer;
        break;
      }
      failed.push(answer);
    }
    if (settled && settled.addresses.length > 0) {
      const { server, addresses } = settled;
      return { sent, end: { type: 'found', query: name, server, addresses } };
    }
    if (settled) said = answerText(settled);
    else {
      failure ??= failed.map(answerText).join('; ');
      const last = failed.at(-1);
      // Nobody there at all ends it; silence only the search, so that the name as it is comes next; SERVFAIL nothing.
      if (failed.every(({ refused }) => refused === true)) break;
      if (last?.code === null) done = true;
    }
  }
  return failure === null
    ? { sent, end: { type: 'none', why: 'no-such-name', said } }
    : { sent, end: { type: 'none', why: 'no-answer', said: failure } };
}

/** name_from_dns() and __res_msend_rc() of musl: all servers at once, the first that says yes or no is believed. */
function searchAsMusl(queries: readonly string[], servers: readonly string[], heard: Heard): Search {
  const sent: NameAnswer[] = [];
  for (const name of queries) {
    const said = servers.map((server) => heard(server, name));
    const unasked = servers.filter((_, index) => said[index] === undefined);
    if (unasked.length > 0)
      return { sent, end: { type: 'ask', asks: unasked.map((server) => ({ server, name })) } };
    const all = said.filter((answer) => answer !== undefined);
    sent.push(...all);
    const [first] = all
      .filter(({ code }) => code === 'NOERROR' || code === 'NXDOMAIN' || code === 'REFERRAL')
      .sort((a, b) => (a.milliseconds ?? 0) - (b.milliseconds ?? 0));
    if (!first)
      return { sent, end: { type: 'none', why: 'no-answer', said: all.map(answerText).join('; ') } };
    const { server, addresses } = first;
    if (addresses.length > 0) return { sent, end: { type: 'found', query: name, server, addresses } };
    // A name that exists without addresses ends the search; one that does not exist lets it go on.
    if (first.code !== 'NXDOMAIN')
      return { sent, end: { type: 'none', why: 'no-such-name', said: answerText(first) } };
  }
  const last = sent.at(-1);
  return { sent, end: { type: 'none', why: 'no-such-name', said: last ? answerText(last) : '' } };
}
