import { describe, expect, test } from 'vitest';
import { parseWireguard } from '../../../diagnostics/collect/wireguard.ts';
import { denied, known } from '../../../diagnostics/model/fact.ts';
import type { Flow } from '../../../diagnostics/model/flow.ts';
import type { Link } from '../../../diagnostics/model/link.ts';
import type { Snapshot } from '../../../diagnostics/model/snapshot.ts';
import { stepsOf } from '../../../diagnostics/fixes/registry.ts';
import { explainWay } from '../../../diagnostics/question/explain.ts';
import { redactSnapshot } from '../../../diagnostics/redact/redact-snapshot.ts';
import type { FlowStart } from '../../../diagnostics/simulate/start.ts';
import { walkFlow } from '../../../diagnostics/simulate/walk.ts';
import { pointToPoint, withListed } from '../../support/listed-links.ts';
import { idOf } from '../../support/sketch-links.ts';
import { sketchSnapshot } from '../../support/snapshot.ts';

const [A, B, C] = ['A', 'B', 'C'].map((letter) => `${letter.repeat(42)}+/=`.slice(0, 44)) as [
  string,
  string,
  string,
];

interface Peer {
  readonly key: string;
  readonly endpoint?: string;
  readonly allowed: string;
}

/** One interface, as `wg show all …` prints it. */
const shown = (key: string, peers: readonly Peer[], port = 51820) =>
  parseWireguard(
    {
      'public-key': `t\t${key}\nother\t${C}\n`,
      'listen-port': `t\t${port}\n`,
      fwmark: 't\toff\n',
      endpoints: peers.map((peer) => `t\t${peer.key}\t${peer.endpoint ?? '(none)'}\n`).join(''),
      'allowed-ips': peers.map((peer) => `t\t${peer.key}\t${peer.allowed}\n`).join(''),
    },
    't',
  );

const as =
  (wireguard: ReturnType<typeof shown> | null) =>
  (link: Link): Link =>
    link.kind.type === 'tunnel'
      ? {
          ...link,
          kind: { ...link.kind, wireguard: wireguard ? known(wireguard) : denied('wg is not installed.') },
        }
      : link;

const LISTED = pointToPoint('t', 'wireguard', {}, 1420);

const nodes = (one: Parameters<typeof as>[0], two: Parameters<typeof as>[0]): Snapshot => {
  const sketch = sketchSnapshot({
    n1: {
      links: ['eth0 10.1.0.2/24 -> router/r1', 't 10.9.0.1/24 dummy'],
      routes: ['default via 10.1.0.1'],
    },
    router: { links: ['r1 10.1.0.1/24 -> n1/eth0', 'r2 10.2.0.1/24 -> n2/eth0'], forwarding: true },
    n2: {
      links: ['eth0 10.2.0.2/24 -> router/r2', 't 10.9.0.2/24 dummy'],
      routes: ['default via 10.2.0.1'],
    },
  });
  return withListed(withListed(sketch, { n1: [LISTED] }, as(one)), { n2: [LISTED] }, as(two));
};

const start: FlowStart = {
  from: 'namespace',
  namespace: idOf('n1'),
  destination: '10.9.0.2',
  protocol: 'icmp',
  port: null,
};
const flow: Flow = {
  fromText: 'n1',
  toText: '10.9.0.2',
  from: { type: 'namespace', host: 'machine', namespace: idOf('n1') },
  to: { type: 'address', address: '10.9.0.2' },
  protocol: 'icmp',
  port: null,
};

const ONE = shown(A, [{ key: B, endpoint: '10.2.0.2:51820', allowed: '10.9.0.2/32' }]);
const TWO = shown(B, [{ key: A, endpoint: '10.1.0.2:51820', allowed: '10.9.0.1/32' }]);

const end = (snapshot: Snapshot) => {
  const { forward, back, underlays } = walkFlow(snapshot, start);
  const step = forward.hops.at(-1)?.steps.at(-1);
  return {
    there: forward.disposition,
    back: back?.disposition ?? '-',
    doubts: forward.doubts,
    problem: step?.kind === 'tunnel' ? step.problem : undefined,
    underlays: underlays.length,
  };
};

describe('WireGuard (the kernel of the tests has none)', () => {
  test('two peers that know each other', () => {
    expect(end(nodes(ONE, TWO))).toMatchObject({
      there: 'delivered',
      back: 'delivered',
      doubts: [],
      underlays: 2,
    });
    expect(explainWay(nodes(ONE, TWO), flow, start)).toMatchObject({ found: [], arrives: true });
  });

  test('who has no endpoint of the other answers to where it was heard from', () => {
    const roaming = shown(B, [{ key: A, allowed: '10.9.0.1/32' }]);
    expect(end(nodes(ONE, roaming))).toMatchObject({ there: 'delivered', back: 'delivered' });
  });

  test('the longest of the allowed addresses decides whose a packet is', () => {
    const both = shown(A, [
      { key: C, endpoint: '10.1.0.9:51820', allowed: '10.9.0.0/24' },
      { key: B, endpoint: '10.2.0.2:51820', allowed: '10.9.0.2/32' },
    ]);
    expect(end(nodes(both, TWO))).toMatchObject({ there: 'delivered' });
  });

  test.each([
    [
      'no peer is allowed the destination',
      shown(A, [{ key: B, endpoint: '10.2.0.2:51820', allowed: '10.8.0.0/24' }]),
      TWO,
      'no-peer',
    ],
    ['the peer’s address is not known', shown(A, [{ key: B, allowed: '10.9.0.2/32' }]), TWO, 'no-endpoint'],
    [
      'the other end has another key',
      shown(A, [{ key: C, endpoint: '10.2.0.2:51820', allowed: '10.9.0.2/32' }]),
      TWO,
      'unknown-key',
    ],
    [
      'the other end does not know this key',
      ONE,
      shown(B, [{ key: C, allowed: '10.9.0.1/32' }]),
      'unknown-key',
    ],
    [
      'the source is not allowed there',
      ONE,
      shown(B, [{ key: A, allowed: '10.9.0.77/32' }]),
      'source-not-allowed',
    ],
  ])('%s', (_what, one, two, problem) => {
    expect(end(nodes(one, two))).toMatchObject({ problem, doubts: [] });
  });

  const explain = (one: typeof ONE, two: typeof TWO) => {
    const snapshot = nodes(one, two);
    const { found, arrives } = explainWay(snapshot, flow, start);
    const [first] = found;
    const step = first?.remedies[0]?.actions.flatMap((action) => stepsOf(action, first.before))[0];
    return {
      ids: found.map(({ finding }) => finding.id),
      command: step?.kind === 'exec' ? step.argv.join(' ') : null,
      arrives,
    };
  };

  test('an address that no peer is allowed is allowed to the one that has it', () => {
    const elsewhere = shown(A, [
      { key: C, endpoint: '10.1.0.9:51820', allowed: '10.8.1.0/24' },
      { key: B, endpoint: '10.2.0.2:51820', allowed: '10.8.0.0/24' },
    ]);
    expect(explain(elsewhere, TWO)).toEqual({
      ids: ['wireguard-allowed-ips'],
      command: `wg set t peer ${B} allowed-ips 10.8.0.0/24,10.9.0.2/32`,
      arrives: true,
    });
  });

  test('a source that the other side does not allow is allowed there, and so is its answer', () => {
    expect(explain(ONE, shown(B, [{ key: A, endpoint: '10.1.0.2:51820', allowed: '10.9.0.77/32' }]))).toEqual(
      {
        ids: ['wireguard-allowed-ips'],
        command: `wg set t peer ${A} allowed-ips 10.9.0.77/32,10.9.0.1/32`,
        arrives: true,
      },
    );
  });

  test('a peer whose place is not known is pointed to where it is', () => {
    expect(explain(shown(A, [{ key: B, allowed: '10.9.0.2/32' }]), TWO)).toEqual({
      ids: ['wireguard-no-endpoint'],
      command: `wg set t peer ${B} endpoint 10.2.0.2:51820`,
      arrives: true,
    });
  });

  test('where wg(8) cannot be asked nothing is said for certain', () => {
    expect(end(nodes(null, TWO))).toMatchObject({ there: 'unknown' });
    expect(end(nodes(ONE, null))).toMatchObject({ there: 'unknown' });
    expect(end(nodes(ONE, null)).doubts[0]).toContain('wg show tells');
  });

  test('keys are other ones in a redacted snapshot, and the answer is the same', () => {
    const { snapshot } = redactSnapshot(nodes(ONE, TWO));
    const text = JSON.stringify(snapshot);
    for (const key of [A, B]) expect(text).not.toContain(key);
    expect(text).toContain('"publicKey":');
  });
});
