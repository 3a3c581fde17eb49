/** A part of a guide: the text of a step, a fault, `intro` or `debrief`. */
export interface GuideSection {
  readonly id: string;
  readonly title: string;
  readonly markdown: string;
}

/** `## Title {#id}`. */
const HEADING = /^## +(.+?) *\{#([a-z][a-z0-9-]*)\} *$/;

/** The guide's own title, on its first line. */
const TITLE = /^# +(.+?) *$/;

/** Parts a guide at its headings; what stands before the first is the `intro`, with the guide's title. Code blocks are left alone. */
export function parseGuide(markdown: string): readonly GuideSection[] {
  const sections: { id: string; title: string; lines: string[] }[] = [{ id: 'intro', title: '', lines: [] }];
  let fenced = false;
  for (const line of markdown.split(/\r?\n/)) {
    if (/^\s*(```|~~~)/.test(line)) fenced = !fenced;
    const heading = fenced ? null : HEADING.exec(line);
    const intro = sections[0];
    const title = fenced || sections.length > 1 ? null : TITLE.exec(line);
    if (title && intro?.title === '') intro.title = title[1] ?? '';
    else if (heading) sections.push({ id: heading[2] ?? '', title: heading[1] ?? '', lines: [] });
    else sections.at(-1)?.lines.push(line);
  }
  return sections.map(({ id, title, lines }) => ({ id, title, markdown: lines.join('\n').trim() }));
}
