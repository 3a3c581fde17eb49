import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseIptablesSave } from '../../../diagnostics/collect/iptables-save.ts';
import { snapshotSource } from '../../../diagnostics/collect/snapshot-file.ts';
import { snapshotSchema } from '../../../diagnostics/collect/snapshot-schema.ts';
import { redactSnapshot } from '../../../diagnostics/redact/redact-snapshot.ts';
import { QuestionError } from '../../../diagnostics/question/question-error.ts';
import { why } from '../../../diagnostics/why.ts';
import { sketchSnapshot } from '../../support/snapshot.ts';

const RULES = `*nat
:PREROUTING ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A PREROUTING -d 10.1.0.1/32 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.2.0.2:80
-A POSTROUTING -o rb -j MASQUERADE
COMMIT
*filter
:FORWARD ACCEPT [0:0]
:MINE - [0:0]
-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -i ra -m multiport -p tcp --dports 80,443:445 -j MINE
-A FORWARD -m mark --mark 0x1/0xff -j MARK --set-xmark 0x2/0xff
-A FORWARD -m u32 --u32 "0>>22&0x3C@8>>24=0x41" -j DROP
-A MINE -s 10.1.0.2/32 -m iprange --dst-range 10.2.0.1-10.2.0.9 -j REJECT --reject-with icmp-port-unreachable
COMMIT
`;

const { tables } = parseIptablesSave(RULES, { backend: 'iptables-nft', family: 'ip' });
const snapshot = JSON.stringify(
  sketchSnapshot({
    a: { links: ['eth0 10.1.0.2/24 -> r/ra'], routes: ['default via 10.1.0.1'] },
    b: {
      links: ['eth0 10.2.0.2/24 -> r/rb'],
      routes: ['default via 10.2.0.1'],
      sockets: ['tcp 0.0.0.0:80'],
    },
    r: {
      links: ['ra 10.1.0.1/24 -> a/eth0', 'rb 10.2.0.1/24 -> b/eth0'],
      rules: ['from 10.2.0.0/24 lookup 100 pref 50'],
      forwarding: true,
      ruleset: { tables, unknowns: [] },
    },
  }),
);

type Node = Record<string, unknown>;

/** Every place of the file that is not a setting. */
function placesIn(value: Node): (readonly [Node, string])[] {
  return Object.keys(value).flatMap((key) => {
    const one = value[key];
    const below = typeof one === 'object' && one !== null && key !== 'sysctls' ? placesIn(one as Node) : [];
    return [[value, key] as const, ...below];
  });
}

const damage = fc.record({
  inRules: fc.boolean(),
  at: fc.nat(),
  put: fc.constantFrom<unknown>(
    ...[undefined, null, '', 'x', '__proto__', '10.0.0.1', '::1', true, [], {}, [[]], { type: 'else' }],
    ...[0, -1, 1.5, 129, 65536, 2 ** 53, 1e308],
  ),
});

const question = (to: string, port: number) => ({ from: 'netns:a', to, protocol: 'tcp' as const, port });

describe('a damaged snapshot', () => {
  test('is refused, or answered from: nothing in it stops the reasoning', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 2 }), async (damages) => {
        const root = JSON.parse(snapshot) as Node;
        for (const { inRules, at, put } of damages) {
          const places = placesIn(root).filter(([{ parts }]) => !inRules || parts !== undefined);
          if (inRules) places.splice(0, places.length, ...places.flatMap(([rule]) => placesIn(rule)));
          const [parent, key] = places[at % places.length] ?? [root, 'schema'];
          parent[key] = put;
        }
        const read = snapshotSchema.safeParse(JSON.parse(JSON.stringify(root)));
        if (!read.success) return;
        redactSnapshot(read.data);
        for (const [to, port] of [
          ['10.2.0.2', 80],
          ['10.1.0.1', 8080],
        ] as const)
          try {
            await why(snapshotSource(read.data), question(to, port), { language: 'en', probe: false });
          } catch (error) {
            if (!(error instanceof QuestionError)) throw error;
          }
      }),
      { numRuns: 120 },
    );
  }, 60_000);
});

test('a part of a rule that this version does not know makes the answer uncertain', async () => {
  const root = JSON.parse(snapshot.replaceAll('"type":"reject"', '"type":"teleport"')) as unknown;
  const { causes, legs } = await why(snapshotSource(snapshotSchema.parse(root)), question('10.2.0.2', 443), {
    language: 'en',
    probe: false,
  });
  expect(legs[0]?.forward.certain).toBe(false);
  expect(causes.filter(({ certainty }) => certainty === 'certain').map(({ id }) => id)).not.toContain(
    'filter-reject',
  );
});
