import { expect, it } from 'vitest';
import { parseGuide } from '../../../../labs/format/guide.ts';

it('parts a guide at headings that name a step, and leaves code blocks alone', () => {
  const text = [
    '# A lab',
    'Welcome.',
    '## First {#one}',
    'Look:',
    '```sh red',
    '## Not a heading {#no}',
    '```',
    '## Second {#two}',
    '## An ordinary heading',
  ];
  expect(parseGuide(text.join('\n'))).toEqual([
    { id: 'intro', title: 'A lab', markdown: 'Welcome.' },
    { id: 'one', title: 'First', markdown: 'Look:\n```sh red\n## Not a heading {#no}\n```' },
    { id: 'two', title: 'Second', markdown: '## An ordinary heading' },
  ]);
});
