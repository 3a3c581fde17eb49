/** What stands behind a word: `10` of `vlan 10`. */
export const wordAfter = (words: readonly string[], word: string): string | undefined =>
  words.includes(word) ? words[words.indexOf(word) + 1] : undefined;
