import { describe, expect, test } from 'vitest';
import { withWireguard } from '../../../diagnostics/collect/wireguard.ts';
import type { ReadContext } from '../../../diagnostics/collect/read-context.ts';
import type { FoundNamespace, Output } from '../../../diagnostics/host/machine.ts';
import { known } from '../../../diagnostics/model/fact.ts';
import type { Link } from '../../../diagnostics/model/link.ts';
import { idOf } from '../../support/sketch-links.ts';
import { sketchSnapshot } from '../../support/snapshot.ts';
import { pointToPoint, withListed } from '../../support/listed-links.ts';

const KEY = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=';
const PEER = 'BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB=';

/** As `wg show all WORD` prints it, of two interfaces. */
const SAID: Readonly<Record<string, string>> = {
  'public-key': `wg0\t${KEY}\nwg1\t(none)\n`,
  'listen-port': 'wg0\t51820\nwg1\t0\n',
  fwmark: 'wg0\t0xca6c\nwg1\toff\n',
  endpoints: `wg0\t${PEER}\t[2001:db8::2]:51820\n`,
  'allowed-ips': `wg0\t${PEER}\t10.9.0.2/32 fd00::/64\n`,
};

const found: FoundNamespace = { id: idOf('n'), host: 'machine' } as FoundNamespace;

const linksOf = (): readonly Link[] => {
  const snapshot = withListed(
    sketchSnapshot({ n: { links: ['eth0 10.1.0.2/24', 'wg0 10.9.0.1/24 dummy', 'wg1 dummy'] } }),
    { n: ['wg0', 'wg1'].map((name) => pointToPoint(name, 'wireguard', {}, 1420)) },
  );
  const links = snapshot.namespaces[0]?.facts.links;
  return links?.state === 'known' ? links.value : [];
};

/** A machine that answers as `wg` would, and remembers what it was asked. */
const machine = (answer: (argv: readonly string[]) => Partial<Output>) => {
  const asked: string[] = [];
  const context = {
    machine: {
      run: (_place: unknown, { argv }: { readonly argv: readonly string[] }) => {
        asked.push(argv.join(' '));
        return Promise.resolve({ exitCode: 0, stdout: '', stderr: '', ...answer(argv) });
      },
    },
  } as unknown as ReadContext;
  return { asked, context };
};

const wireguards = (links: Awaited<ReturnType<typeof withWireguard>>) =>
  links.state === 'known'
    ? Object.fromEntries(
        links.value.flatMap(({ name, kind }) =>
          kind.type === 'tunnel' && kind.wireguard ? [[name, kind.wireguard]] : [],
        ),
      )
    : links;

describe('what wg(8) is asked', () => {
  test('one question for each thing that is no secret, of all interfaces together', async () => {
    const { asked, context } = machine((argv) => ({ stdout: SAID[argv[3] ?? ''] ?? '' }));
    const links = await withWireguard(context, found, known(linksOf()));
    expect([...asked].sort()).toEqual([
      'wg show all allowed-ips',
      'wg show all endpoints',
      'wg show all fwmark',
      'wg show all listen-port',
      'wg show all public-key',
    ]);
    expect(wireguards(links)).toEqual({
      wg0: known({
        publicKey: KEY,
        port: 51820,
        mark: 0xca6c,
        peers: [
          {
            publicKey: PEER,
            endpoint: { address: '2001:db8::2', port: 51820 },
            allowed: [
              { address: '10.9.0.2', length: 32 },
              { address: 'fd00::', length: 64 },
            ],
          },
        ],
      }),
      wg1: known({ publicKey: null, port: 0, peers: [] }),
    });
  });

  test('nothing where there is no such interface', async () => {
    const { asked, context } = machine(() => ({}));
    const others = linksOf().filter(({ name }) => name === 'eth0' || name === 'lo');
    expect(await withWireguard(context, found, known(others))).toEqual(known(others));
    expect(asked).toEqual([]);
  });

  test('a machine without wg(8) tells why its peers are not known, and keeps the interfaces', async () => {
    const { context } = machine(() => ({ exitCode: null, problem: 'missing-tool' }));
    const told = wireguards(await withWireguard(context, found, known(linksOf())));
    expect(told).toMatchObject({ wg0: { state: 'denied' }, wg1: { state: 'denied' } });
  });
});
