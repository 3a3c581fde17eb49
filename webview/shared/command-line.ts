const PLAIN = /^[\w@%+=:,./-]+$/;

/** Arguments as a shell would need them written: to be read and copied, never run by us. */
export const commandLine = (argv: readonly string[]): string =>
  argv.map((word) => (PLAIN.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`)).join(' ');
