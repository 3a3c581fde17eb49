import type { FoundNamespace, Output } from '../host/machine.ts';
import { known, type Fact } from '../model/fact.ts';
import { parsePrefix, type Prefix } from '../model/ip.ts';
import type { Link } from '../model/link.ts';
import type { Wireguard, WireguardPeer } from '../model/wireguard.ts';
import { refusal, type ReadContext } from './read-context.ts';

const WHAT = 'peers of WireGuard';

/** What wg(8) is asked: never for all at once (`dump`), which would print private and preshared keys. */
const QUESTIONS = ['public-key', 'listen-port', 'fwmark', 'endpoints', 'allowed-ips'] as const;

type Listing = Readonly<Record<(typeof QUESTIONS)[number], string>>;

/** The interfaces with what wg(8) says of those that are WireGuard's; elsewhere nothing is asked. */
export async function withWireguard(
  { machine, signal }: ReadContext,
  namespace: FoundNamespace,
  links: Fact<readonly Link[]>,
): Promise<Fact<readonly Link[]>> {
  if (links.state !== 'known' || !links.value.some(isWireguard)) return links;
  const outputs: readonly Output[] = await Promise.all(
    QUESTIONS.map((question) =>
      machine.run(
        { host: namespace.host, namespace: namespace.id },
        { argv: ['wg', 'show', 'all', question], ...(signal ? { signal } : {}) },
      ),
    ),
  );
  const refused = outputs.map((output) => refusal(output, WHAT, 'wg')).find((one) => one !== null);
  const listing = Object.fromEntries(
    QUESTIONS.map((question, at) => [question, outputs[at]?.stdout ?? '']),
  ) as Listing;
  return known(
    links.value.map((link) =>
      isWireguard(link)
        ? { ...link, kind: { ...link.kind, wireguard: refused ?? known(parseWireguard(listing, link.name)) } }
        : link,
    ),
  );
}

type WireguardLink = Link & { readonly kind: Extract<Link['kind'], { type: 'tunnel' }> };

const isWireguard = (link: Link): link is WireguardLink =>
  link.kind.type === 'tunnel' && link.kind.kind === 'wireguard';

/** One interface of `wg show all …`: each line begins with its name, and fields are separated by tabs. */
export function parseWireguard(listing: Listing, dev: string): Wireguard {
  const rows = (question: keyof Listing): readonly (readonly string[])[] =>
    listing[question]
      .split('\n')
      .map((line) => line.split('\t'))
      .flatMap(([name, ...fields]) => (name === dev ? [fields] : []));
  const [key] = rows('public-key')[0] ?? [];
  const [mark] = rows('fwmark')[0] ?? [];
  const allowed = new Map(rows('allowed-ips').map(([peer = '', text = '']) => [peer, prefixesIn(text)]));
  return {
    publicKey: key === undefined || key === '(none)' ? null : key,
    port: Number(rows('listen-port')[0]?.[0] ?? 0),
    ...(mark === undefined || mark === 'off' ? {} : { mark: Number(mark) }),
    peers: rows('endpoints').map(([publicKey = '', endpoint = '']) =>
      peerOf(publicKey, endpoint, allowed.get(publicKey) ?? []),
    ),
  };
}

const prefixesIn = (text: string): readonly Prefix[] =>
  text.split(' ').flatMap((word) => parsePrefix(word) ?? []);

/** `192.0.2.1:51820`, `[2001:db8::1]:51820`, `(none)`. */
function peerOf(publicKey: string, endpoint: string, allowed: readonly Prefix[]): WireguardPeer {
  const [, six, four, port] = /^(?:\[([^\]%]+)(?:%[^\]]*)?\]|([\d.]+)):(\d+)$/.exec(endpoint) ?? [];
  const address = six ?? four;
  return {
    publicKey,
    ...(address === undefined ? {} : { endpoint: { address, port: Number(port) } }),
    allowed,
  };
}
