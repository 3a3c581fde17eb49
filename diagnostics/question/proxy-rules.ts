import type { ProxyPlace, ProxySettings } from '../model/proxy.ts';
import { isAddress, parsePrefix, prefixContains, sameAddress } from '../model/ip.ts';

/** The proxy that a web client would ask instead, and what told it to. */
export interface ChosenProxy extends ProxyPlace {
  readonly variable: 'http_proxy' | 'https_proxy' | 'all_proxy';
}

/** Ports on which web services listen most often; what listens on others speaks its own protocol, and needs no proxy. */
const HTTP = new Set([80, 3000, 5000, 8000, 8008, 8080, 8081, 8088, 8888, 9000, 9090]);
const HTTPS = new Set([443, 6443, 8443]);

/** What golang.org/x/net/http/httpproxy, curl and Python's urllib agree on. */
export function proxyFor(
  { http, https, all, noProxy }: ProxySettings,
  host: string,
  port: number,
): ChosenProxy | null {
  // “localhost” is never asked of a proxy.
  if (/^(?:localhost|127\.\d+\.\d+\.\d+|::1)$/i.test(host)) return null;
  if (noProxy.some((entry) => excludes(entry, host.replace(/\.$/, '').toLowerCase(), port))) return null;
  const secure = HTTPS.has(port);
  if (!secure && !HTTP.has(port)) return null;
  const own = secure ? https : http;
  if (own) return { ...own, variable: secure ? 'https_proxy' : 'http_proxy' };
  return all ? { ...all, variable: 'all_proxy' } : null;
}

function excludes(entry: string, host: string, port: number): boolean {
  if (entry === '*') return true;
  const [, name = entry, wanted] = /^([^:]+):(\d+)$/.exec(entry) ?? [];
  if (wanted !== undefined && Number(wanted) !== port) return false;
  const prefix = parsePrefix(name);
  if (isAddress(host))
    return prefix ? prefixContains(prefix, host) : isAddress(name) && sameAddress(name, host);
  const domain = name.toLowerCase().replace(/^\*?\.?/, '');
  return host === domain || host.endsWith(`.${domain}`);
}
