import type { ProxyPlace, ProxySettings } from '../../model/proxy.ts';

/** What a port is where a URL of this kind names none. */
const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  http: 80,
  https: 443,
  socks4: 1080,
  socks4a: 1080,
  socks5: 1080,
  socks5h: 1080,
};

/** From `NAME=VALUE` lines of an environment: host and port only. User names, passwords and paths are never kept. */
export function proxySettings(environment: readonly string[]): ProxySettings | undefined {
  const value = (name: string): string | undefined => {
    // In small letters first, as curl and most libraries have it; the last of several counts.
    for (const spelled of [name, name.toUpperCase()]) {
      const line = environment.findLast((it) => it.startsWith(`${spelled}=`));
      if (line !== undefined && line.length > spelled.length + 1) return line.slice(spelled.length + 1);
    }
    return undefined;
  };
  const [http, https, all] = ['http_proxy', 'https_proxy', 'all_proxy'].map((name) => place(value(name)));
  if (!http && !https && !all) return undefined;
  const noProxy = (value('no_proxy') ?? '')
    .split(/[\s,]+/)
    .filter((entry) => entry !== '' && !entry.includes('@'));
  return { ...(http ? { http } : {}), ...(https ? { https } : {}), ...(all ? { all } : {}), noProxy };
}

/** `http://user:secret@proxy.example:3128/` → its host and port; a bare `HOST:PORT` is an HTTP proxy. */
function place(text: string | undefined): ProxyPlace | null {
  if (text === undefined) return null;
  try {
    const url = new URL(/^[a-z][\w+.-]*:\/\//i.test(text) ? text : `http://${text}`);
    const scheme = url.protocol.slice(0, -1).toLowerCase();
    // URL leaves out the port that its own list has for a scheme, and has no list for proxies.
    const port = url.port === '' ? DEFAULT_PORTS[scheme] : Number(url.port);
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    return host === '' || port === undefined ? null : { host, port };
  } catch {
    return null;
  }
}
