import { expect, test } from 'vitest';
import { parseIptablesSave } from '../../../diagnostics/collect/iptables-save.ts';
import { permanentByFirewall } from '../../../diagnostics/fixes/firewall-keeper.ts';
import type { InsertRule } from '../../../diagnostics/fixes/actions/insert-rule.ts';
import { ANY } from '../../../diagnostics/fixes/rule-spec.ts';
import type { Ruleset } from '../../../diagnostics/model/ruleset.ts';
import { idOf } from '../../support/sketch-links.ts';
import { sketchSnapshot } from '../../support/snapshot.ts';

const UFW = `*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:DOCKER-USER - [0:0]
:ufw-user-input - [0:0]
:ufw-user-forward - [0:0]
-A INPUT -j ufw-user-input
-A FORWARD -j DOCKER-USER
-A FORWARD -j ufw-user-forward
COMMIT
`;
const ufw: Ruleset = parseIptablesSave(UFW, { backend: 'iptables-nft', family: 'ip' });

const chain = (name: string, hook: 'input' | 'forward') => ({
  name,
  base: { type: 'filter', hook, priority: 10, policy: 'accept' } as const,
  rules: [],
});
const firewalld: Ruleset = {
  tables: [
    {
      ...{ backend: 'nft', family: 'inet', name: 'firewalld', sets: [] },
      chains: [chain('filter_INPUT', 'input'), chain('filter_FORWARD', 'forward')],
    },
  ],
  unknowns: [],
};

const place = (ruleset: Ruleset, name: string): InsertRule['place'] => {
  const [{ backend, family, name: table } = { backend: 'nft', family: 'ip', name: '' } as const] =
    ruleset.tables;
  return { namespace: idOf('host'), backend, family, table, chain: name };
};
const accept = (protocol: 'tcp' | 'icmp'): InsertRule['spec'] => ({
  ...ANY,
  ...{ source: '10.0.0.3', destination: '10.0.0.1', protocol },
  ...(protocol === 'tcp' ? { destinationPort: 80 } : {}),
  action: { type: 'accept' },
});
const said = (ruleset: Ruleset, chainName: string, more: Partial<InsertRule> = {}): string | null =>
  permanentByFirewall(
    { kind: 'insert-rule', place: place(ruleset, chainName), before: null, spec: accept('tcp'), ...more },
    sketchSnapshot({ host: { ruleset } }),
    'en',
  );

test.each([
  ['ufw, what comes in', ufw, 'INPUT', {}, 'ufw allow proto tcp from 10.0.0.3 to 10.0.0.1 port 80'],
  ['ufw, what passes', ufw, 'FORWARD', {}, 'ufw route allow proto tcp from 10.0.0.3 to 10.0.0.1 port 80'],
  ['ufw, a ping, which its commands do not know', ufw, 'INPUT', { spec: accept('icmp') }, 'before.rules'],
  [
    'firewalld, what comes in',
    firewalld,
    'filter_INPUT',
    {},
    `firewall-cmd --permanent --add-rich-rule='rule family="ipv4" source address="10.0.0.3" destination address="10.0.0.1" port port="80" protocol="tcp" accept' && firewall-cmd --reload`,
  ],
  ['firewalld, what passes', firewalld, 'filter_FORWARD', {}, '--zone=docker --change-interface'],
])('a rule lasts where a program keeps the firewall: %s', (_what, ruleset, chainName, more, expected) => {
  expect(said(ruleset, chainName, more)).toContain(expected);
});

test('what stands beside ufw’s chains in its table, or is an engine’s own, is not told to ufw', () => {
  expect(said(ufw, 'DOCKER-USER', { before: { number: 1 } })).toBeNull();
  expect(said(ufw, 'FORWARD', { lasting: { type: 'engine' } })).toBeNull();
  const [filter] = ufw.tables;
  expect(said({ tables: filter ? [{ ...filter, chains: [] }] : [], unknowns: [] }, 'INPUT')).toBeNull();
});
