/** Where a text is shown decides what would be obeyed instead of shown. */
export type Medium =
  /** A terminal, a DOM text node, JSON. */
  | 'plain'
  /** Text inside Markdown that somebody renders. */
  | 'markdown'
  /** A VS Code label that turns `$(name)` into an icon. */
  | 'label';

/**
 * What is obeyed or hidden instead of shown: C0 and C1 controls, line and paragraph separators; and what makes a text look like
 * another: direction marks, zero-width and other invisible characters (Default_Ignorable_Code_Point), the blank braille
 * pattern, interlinear annotations, lone surrogates.
 */
export const UNSEEN =
  /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u2800\ufff9-\ufffb]|\p{Default_Ignorable_Code_Point}|\p{Cs}/gu;
const MARKDOWN = /[\\`*_{}[\]()<>#+\-.!|~&:$@/]/g;

const codePoint = (character: string): string =>
  `\\u{${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}}`;

/**
 * The one way by which a name, comment or file content from the machine reaches a person: shown, never obeyed. Controls and
 * deceptive characters appear as `\u{…}`; Markdown and icon syntax is escaped where the medium would act on it.
 */
export function displayText(text: string, medium: Medium = 'plain'): string {
  const visible = text.replace(UNSEEN, codePoint);
  switch (medium) {
    case 'plain':
      return visible;
    case 'markdown':
      return visible.replace(MARKDOWN, '\\$&');
    case 'label':
      return visible.replace(/\$\(/g, '\\$(');
  }
}
