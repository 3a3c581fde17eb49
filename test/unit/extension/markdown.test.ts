import { describe, expect, it } from 'vitest';
import { renderMarkdown } from '../../../extension/guide/markdown.ts';

describe('a guide’s Markdown', () => {
  it('becomes HTML', () => {
    expect(renderMarkdown('A *router* forwards.')).toBe('<p>A <em>router</em> forwards.</p>\n');
  });

  it('says of a code block its language and whose terminal it is for', () => {
    expect(renderMarkdown('```sh red\nip route\n```')).toBe(
      '<pre data-node="red"><code class="language-sh">ip route\n</code></pre>\n',
    );
  });

  it('shows HTML instead of obeying it', () => {
    expect(renderMarkdown('<img src=x onerror=alert(1)>')).toBe(
      '<p>&lt;img src=x onerror=alert(1)&gt;</p>\n',
    );
    expect(renderMarkdown('```sh "onload=x\n<b>\n```')).toBe(
      '<pre data-node="&quot;onload=x"><code class="language-sh">&lt;b&gt;\n</code></pre>\n',
    );
  });

  it('leads to the web only', () => {
    expect(renderMarkdown('[a](https://kernel.org)')).toContain('href="https://kernel.org"');
    for (const url of ['javascript:alert(1)', 'command:x', 'data:text/html,x', 'file:///etc/passwd'])
      expect(renderMarkdown(`[a](${url})`)).not.toContain('href');
  });

  it('loads no pictures', () => {
    expect(renderMarkdown('![x](https://example.org/x.png)')).not.toContain('<img');
  });
});
