/** Words that no English sentence does without, and that are no names, options or words of a command. */
const FUNCTION_WORDS =
  /(?<![\w./:-])(?:[Tt]he|an?|A(?= [a-z])|is|are|was|were|be|been|[Nn]ot|[Nn]o|[Nn]obody|[Nn]othing|of|to|[Ii]n|on|[Ww]ith|by|[Ff]or|[Ww]ho|[Ww]hich|[Ww]hat|[Ww]hether|[Ii]ts?|[Tt]his|[Tt]hat|[Tt]here|and|[Oo]r|but|has|have|had|does|did|may|can|cannot|could|must|would|because|so|only|than|then|[Nn]one|[Yy]ou|[Yy]our)(?![\w./:-]*[\w-])/;

/** Whether a text holds an English sentence, or a piece of one. */
export const isEnglish = (text: string): boolean =>
  !/\p{Script=Han}/u.test(text) &&
  ((FUNCTION_WORDS.test(text) && /[A-Za-z]{2,}[^A-Za-z]+[A-Za-z]{2,}/.test(text)) ||
    /^[A-Z][a-z]+(?: [a-z]+)+[.:]?$/.test(text.trim()));

/** The function word that gives an English sentence away; null: there is none. */
export const englishWord = (text: string): string | null => FUNCTION_WORDS.exec(text)?.[0] ?? null;
