import { wrap } from '../../diagnostics/report/width.ts';

/** A guide's text for a terminal: paragraphs are wrapped, what stands between fences (a picture) stays as it is. */
export function proseLines(markdown: string, columns: number): readonly string[] {
  return markdown
    .split(/^```.*\n?/m)
    .flatMap((part, index) =>
      index % 2 === 1
        ? part.trimEnd().split('\n')
        : part
            .split(/(\n{2,})/)
            .flatMap((paragraph) =>
              paragraph.trim() === '' ? (paragraph === '' ? [] : ['']) : wrap(paragraph.trim(), columns),
            ),
    );
}
