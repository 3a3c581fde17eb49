import type { Token } from './tokens.ts';

/** `! --dport 80` or `--dport ! 80`: an option with what follows it. */
export interface Option {
  readonly name: string;
  readonly negate: boolean;
  readonly values: readonly string[];
}

/** The options of one match (`-m tcp …`) or target (`-j DNAT …`). */
export interface Extension {
  readonly name: string;
  readonly options: readonly Option[];
  /** As written, for what is not modelled. */
  readonly text: string;
}

/** The words of a rule, by the extension that they belong to. */
export interface RuleWords {
  /** -s -d -i -o -p -f, wherever they stand. */
  readonly base: readonly Option[];
  readonly matches: readonly Extension[];
  /** null: the rule only counts. */
  readonly target: (Extension & { readonly goto: boolean }) | null;
}

const BASE_OPTIONS: Readonly<Record<string, string>> = {
  '-s': '-s',
  '--source': '-s',
  '--src': '-s',
  '-d': '-d',
  '--destination': '-d',
  '--dst': '-d',
  '-i': '-i',
  '--in-interface': '-i',
  '-o': '-o',
  '--out-interface': '-o',
  '-p': '-p',
  '--protocol': '-p',
  '--proto': '-p',
  '-f': '-f',
  '--fragment': '-f',
};

/** Their value is free text, which iptables-save leaves unquoted where it holds only letters, digits, `-` and `_`. */
const FREE_TEXT = new Set(['--comment', '--log-prefix', '--nflog-prefix', '--string', '--name', '--helper']);

interface Draft {
  name: string;
  options: Option[];
  words: string[];
}

/** Reads the words of a rule after its chain; null where they make no rule. */
export function readRuleWords(tokens: readonly Token[]): RuleWords | null {
  const base: Option[] = [];
  const matches: Draft[] = [];
  let target: (Draft & { goto: boolean }) | null = null;
  let at = 0;

  const isWord = (token: Token | undefined): token is Token =>
    token !== undefined && (token.quoted || (!token.text.startsWith('-') && token.text !== '!'));

  while (at < tokens.length) {
    const first = at;
    let negate = false;
    if (tokens[at]?.text === '!' && !tokens[at]?.quoted) {
      negate = true;
      at++;
    }
    const token = tokens[at++];
    if (!token || token.quoted || !token.text.startsWith('-')) return null;
    const name = token.text;
    if (['-m', '--match', '-j', '--jump', '-g', '--goto'].includes(name)) {
      const named = tokens[at++];
      if (!named || negate) return null;
      const draft = { name: named.text, options: [], words: [name, named.text] };
      if (name === '-m' || name === '--match') matches.push(draft);
      else target = { ...draft, goto: name === '-g' || name === '--goto' };
      continue;
    }
    if (tokens[at]?.text === '!' && !tokens[at]?.quoted && isWord(tokens[at + 1])) {
      negate = true;
      at++;
    }
    const values: string[] = [];
    if (FREE_TEXT.has(name) && at < tokens.length) values.push(tokens[at++]?.text ?? '');
    for (let word = tokens[at]; isWord(word); word = tokens[++at]) values.push(word.text);
    const baseName = BASE_OPTIONS[name];
    if (baseName !== undefined) {
      base.push({ name: baseName, negate, values });
      continue;
    }
    const owner: Draft | undefined = target ?? matches.at(-1);
    if (!owner) return null;
    owner.options.push({ name, negate, values });
    owner.words.push(...tokens.slice(first, at).map(({ text }) => text));
  }
  const finished = ({ name, options, words }: Draft): Extension => ({ name, options, text: words.join(' ') });
  return {
    base,
    matches: matches.map(finished),
    target: target && { ...finished(target), goto: target.goto },
  };
}
