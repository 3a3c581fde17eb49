/** Where a text is shown decides what would be obeyed instead of shown. */
export type Medium =
  /** A terminal, a DOM text node, JSON. */
  | 'plain'
  /** Text inside Markdown that somebody renders. */
  | 'markdown'
  /** A VS Code label that turns `$(name)` into an icon. */
  | 'label';

/** C0 and C1 controls, line and paragraph separators. */
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;
/** Bidirectional and invisible format characters, tags, lone surrogates: they make a text look like another. */
const DECEIVERS =
  /[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|\p{Cs}/gu;
const MARKDOWN = /[\\`*_{}[\]()<>#+\-.!|~&:$@/]/g;

const codePoint = (character: string): string =>
  `\\u{${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}}`;

/**
 * The one way by which a name, comment or file content from the machine reaches a person: shown, never obeyed. Controls and
 * deceptive characters appear as `\u{…}`; Markdown and icon syntax is escaped where the medium would act on it.
 */
export function displayText(text: string, medium: Medium = 'plain'): string {
  const visible = text.replace(CONTROLS, codePoint).replace(DECEIVERS, codePoint);
  switch (medium) {
    case 'plain':
      return visible;
    case 'markdown':
      return visible.replace(MARKDOWN, '\\$&');
    case 'label':
      return visible.replace(/\$\(/g, '\\$(');
  }
}
