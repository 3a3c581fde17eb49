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

type Run = (argv: readonly string[]) => Promise<Output>;

/** The interfaces with what wg(8) says of those that are WireGuard's; elsewhere nothing is asked. */
export async function withWireguard(
  { machine, signal }: ReadContext,
  namespace: FoundNamespace,
  links: Fact<readonly Link[]>,
): Promise<Fact<readonly Link[]>> {
  if (links.state !== 'known') return links;
  const run: Run = (argv) =>
    machine.run({ host: namespace.host, namespace: namespace.id }, { argv, ...(signal ? { signal } : {}) });
  const programs = await programsAmong(run, links.value);
  if (programs.length === 0 && !links.value.some(isWireguard)) return links;
  const outputs = await Promise.all(QUESTIONS.map((question) => run(['wg', 'show', 'all', question])));
  const refused = outputs.map((output) => refusal(output, WHAT, 'wg')).find((one) => one !== null);
  const listing = Object.fromEntries(
    QUESTIONS.map((question, at) => [question, outputs[at]?.stdout ?? '']),
  ) as Listing;
  return known(
    links.value.map((link): Link => {
      const told = refused ?? known(parseWireguard(listing, link.name));
      if (isWireguard(link)) return { ...link, kind: { ...link.kind, wireguard: told } };
      return programs.includes(link) && told.state === 'known'
        ? {
            ...link,
            kind: { type: 'tunnel', kind: 'wireguard', wireguard: known({ ...told.value, program: true }) },
          }
        : link;
    }),
  );
}

/**
 * The tun interfaces behind which a program speaks WireGuard (wireguard-go). wg(8) asks it by a socket file that is named after the
 * interface, whatever namespace that is in: it is this one's where the program listens here.
 */
async function programsAmong(run: Run, links: readonly Link[]): Promise<readonly Link[]> {
  const tuns = links.filter(({ kind }) => kind.type === 'tun' && kind.mode === 'tun');
  if (tuns.length === 0) return [];
  const [shown, heard] = await Promise.all([
    run(['wg', 'show', 'all', 'listen-port']),
    run(['ss', '-H', '-l', '-u', '-n']),
  ]);
  const ports = new Map(
    shown.stdout.split('\n').map((line) => {
      const [name = '', port = ''] = line.split('\t');
      return [name, port];
    }),
  );
  return tuns.filter(({ name }) => {
    const port = ports.get(name);
    return port !== undefined && new RegExp(`:${port}\\s`).test(heard.stdout);
  });
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
