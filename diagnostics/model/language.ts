/** The languages in which Hoplab speaks to a person. */
export type Language = 'en' | 'zh-cn';

/** One text in every language. */
export type Localised<T = string> = Readonly<Record<Language, T>>;
