import type { ResolverFiles } from '../../model/resolver.ts';
import { withoutDot } from './dns-search.ts';

/** One source of names in nsswitch.conf, and whether its “not found” ends the search. */
export interface NameSource {
  /** `localhost` is what nss-myhostname always knows. */
  readonly source: string;
  readonly stops: boolean;
}

const DEFAULT_SOURCES: readonly string[] = ['files', 'dns'];

/** Sources that answer for certain names only, and have nothing to say of others. */
const QUIET: ReadonlySet<string> = new Set(['myhostname', 'mymachines', 'wins', 'winbind', 'compat', 'db']);

/**
 * The sources that matter for a name, in order. musl has only the hosts file and DNS, whatever nsswitch.conf says.
 * nsswitch.conf(5): an action in brackets belongs to the source before it.
 */
export function sourcesOf(files: ResolverFiles, name: string): readonly NameSource[] {
  const words = files.libc === 'musl' ? DEFAULT_SOURCES : (files.hostsSources ?? DEFAULT_SOURCES);
  const bare = withoutDot(name).toLowerCase();
  const local = bare === 'localhost' || bare.endsWith('.localhost');
  const result: NameSource[] = [];
  words.forEach((word, index) => {
    if (word.startsWith('[')) return;
    const stops = endsSearch(bracketed(words.slice(index + 1)));
    const source = meaningOf(word, {
      local,
      multicast: bare.endsWith('.local'),
      resolved: files.upstream !== undefined,
    });
    if (source !== null) result.push({ source, stops });
  });
  return result;
}

/** `[NOTFOUND=return` may be split at blanks: `[ NOTFOUND=return ]`. */
function bracketed(words: readonly string[]): string {
  if (!words[0]?.startsWith('[')) return '';
  const end = words.findIndex((word) => word.endsWith(']'));
  return words.slice(0, end === -1 ? words.length : end + 1).join(' ');
}

const endsSearch = (action: string): boolean =>
  /\bNOTFOUND=return\b/i.test(action) || /!(?:UNAVAIL|SUCCESS|TRYAGAIN)=return\b/i.test(action);

/** What a source means for this name; null: it says nothing of it. */
function meaningOf(
  word: string,
  name: { readonly local: boolean; readonly multicast: boolean; readonly resolved: boolean },
): string | null {
  if (word === 'files' || word === 'dns') return word;
  if (word === 'myhostname') return name.local ? 'localhost' : null;
  if (/^mdns/.test(word)) return name.multicast ? word : null;
  // systemd-resolved is asked by its socket; where it does not run, the next source is.
  if (word === 'resolve') return name.resolved ? 'dns' : null;
  return QUIET.has(word) ? null : word;
}
