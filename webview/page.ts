/** What of a view's page differs from panel to panel. */
export interface PageParts {
  readonly view: 'map' | 'guide' | 'diagnosis';
  /** The document's title, as text. */
  readonly title: string;
  /** BCP 47, for screen readers and fonts. */
  readonly language: 'en' | 'zh-cn';
  /** `webview.cspSource`. */
  readonly cspSource: string;
  /** Fresh for each page: letters and digits. */
  readonly nonce: string;
  /** `dist/webview`, as the page can load it (`webview.asWebviewUri`), without a slash at the end. */
  readonly base: string;
}

/** Nothing but the view's own script, styles and icon font; `data:` is for the pictures a canvas makes of itself. */
export const contentSecurityPolicy = ({ cspSource, nonce }: Pick<PageParts, 'cspSource' | 'nonce'>): string =>
  [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src ${cspSource} 'nonce-${nonce}'`,
    `font-src ${cspSource}`,
    `img-src ${cspSource} data:`,
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; ');

const escape = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0) ?? 0};`);

/**
 * The whole HTML of a view. The style element with cytoscape's id keeps cytoscape from injecting its own, which the policy
 * would refuse.
 */
export const pageHtml = (parts: PageParts): string => `<!DOCTYPE html>
<html lang="${parts.language === 'zh-cn' ? 'zh-CN' : 'en'}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escape(contentSecurityPolicy(parts))}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(parts.title)}</title>
<link rel="stylesheet" href="${escape(parts.base)}/${parts.view}.css">
<style nonce="${parts.nonce}" id="__________cytoscape_stylesheet">.__________cytoscape_container{position:relative}</style>
</head>
<body>
<hoplab-${parts.view}></hoplab-${parts.view}>
<script type="module" nonce="${parts.nonce}" src="${escape(parts.base)}/${parts.view}.js"></script>
</body>
</html>
`;
