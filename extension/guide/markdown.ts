import MarkdownIt from 'markdown-it';

/**
 * A lab's Markdown as HTML. Raw HTML in it stays text, pictures are left out (a webview loads nothing), links lead to the web
 * only. A code block's info string is its language and the node it is meant for: `sh red`.
 */
export function renderMarkdown(source: string): string {
  return markdown().render(source);
}

let instance: MarkdownIt | undefined;

function markdown(): MarkdownIt {
  if (instance) return instance;
  const made = new MarkdownIt({ html: false, linkify: false, typographer: false });
  made.disable(['image']);
  made.validateLink = (url) => /^https?:\/\//i.test(url.trim());
  const { escapeHtml } = made.utils;
  made.renderer.rules.fence = (tokens, index) => {
    const token = tokens[index];
    const [language = '', node = ''] = (token?.info ?? '').trim().split(/\s+/);
    const pre = node === '' ? '<pre>' : `<pre data-node="${escapeHtml(node)}">`;
    const code = language === '' ? '<code>' : `<code class="language-${escapeHtml(language)}">`;
    return `${pre}${code}${escapeHtml(token?.content ?? '')}</code></pre>\n`;
  };
  instance = made;
  return made;
}
