/** What a lesson's text is made of. Everything else is unwrapped to its text, or removed whole (`REMOVED`). */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  A: ['href', 'title'],
  B: [],
  BLOCKQUOTE: [],
  BR: [],
  CODE: ['class'],
  DD: [],
  DEL: [],
  DL: [],
  DT: [],
  EM: [],
  H1: [],
  H2: [],
  H3: [],
  H4: [],
  H5: [],
  HR: [],
  I: [],
  KBD: [],
  LI: [],
  OL: ['start'],
  P: [],
  PRE: ['data-node'],
  STRONG: [],
  SUB: [],
  SUP: [],
  TABLE: [],
  TBODY: [],
  TD: [],
  TH: ['scope'],
  THEAD: [],
  TR: [],
  UL: [],
};

/** Elements whose content is not text for a reader. */
const REMOVED = new Set(
  'SCRIPT STYLE TEMPLATE IFRAME OBJECT EMBED SVG MATH NOSCRIPT LINK META BASE FORM INPUT BUTTON SELECT TEXTAREA'.split(
    ' ',
  ),
);

const isSafeLink = (href: string): boolean => /^(https?:\/\/|#)/i.test(href);
const isLanguageClass = (name: string): boolean => /^language-[\w-]+$/.test(name);

const isSafeAttribute = (element: Element, { name, value }: Attr): boolean => {
  if (!ALLOWED[element.tagName]?.includes(name)) return false;
  if (name === 'href') return isSafeLink(value);
  if (name === 'class') return isLanguageClass(value);
  return true;
};

function clean(parent: ParentNode): void {
  for (const element of [...parent.children]) {
    if (REMOVED.has(element.tagName.toUpperCase())) {
      element.remove();
      continue;
    }
    clean(element);
    if (element.namespaceURI !== 'http://www.w3.org/1999/xhtml' || !ALLOWED[element.tagName]) {
      element.replaceWith(...element.childNodes);
      continue;
    }
    for (const attribute of [...element.attributes])
      if (!isSafeAttribute(element, attribute)) element.removeAttribute(attribute.name);
  }
}

/**
 * The second lock on a guide's HTML (the extension has sanitised it already): parsed in a document where nothing loads or
 * runs, and only an allow-list of elements and attributes comes out.
 */
export function safeHtml(html: string): DocumentFragment {
  const parsed = new DOMParser().parseFromString(html, 'text/html');
  clean(parsed.body);
  const fragment = document.createDocumentFragment();
  fragment.append(...[...parsed.body.childNodes].map((node) => document.importNode(node, true)));
  return fragment;
}
