import ipaddr from 'ipaddr.js';
import { describe, expect, test } from 'vitest';
import { assembleRuleset } from '../../../diagnostics/collect/assemble-ruleset.ts';
import { parseIptablesSave } from '../../../diagnostics/collect/iptables-save.ts';
import type { Container, Engine } from '../../../diagnostics/model/container.ts';
import type { Ruleset } from '../../../diagnostics/model/ruleset.ts';
import { known } from '../../../diagnostics/model/fact.ts';
import { prefixContains } from '../../../diagnostics/model/ip.ts';
import { renumber } from '../../../diagnostics/redact/addresses.ts';
import { redactSnapshot } from '../../../diagnostics/redact/redact-snapshot.ts';
import { idOf } from '../../support/sketch-links.ts';
import { sketchSnapshot } from '../../support/snapshot.ts';

describe('new numbers', () => {
  const numbers = renumber([{ address: '172.17.0.1', length: 16 }]);

  test('lie in the same networks as the old ones did', () => {
    for (const length of [8, 12, 16, 20, 24, 30])
      for (const [one, other] of [
        ['10.1.2.3', '10.1.2.1'],
        ['10.1.2.3', '10.1.3.3'],
        ['10.1.2.3', '10.200.2.3'],
        ['8.8.8.8', '10.1.2.3'],
      ] as const)
        expect(
          prefixContains(numbers.prefix({ address: one, length }), numbers.address(other)),
          `${one}/${length} ${other}`,
        ).toBe(prefixContains({ address: one, length }, other));
  });

  test('leave what means something to the kernel, and the hosts of a network, as they are', () => {
    for (const address of [
      '127.0.0.1',
      '0.0.0.0',
      '255.255.255.255',
      '224.0.0.1',
      '169.254.1.1',
      '::1',
      'ff02::1',
    ])
      expect(numbers.address(address)).toBe(address);
    expect(numbers.address('172.17.255.255')).toMatch(/\.255\.255$/);
    expect(numbers.address('172.17.3.4')).toMatch(/\.3\.4$/);
  });

  test('a range holds the same addresses as before', () => {
    const parts = numbers.range('10.0.254.7', '10.1.1.9');
    const inside = (address: string): boolean =>
      parts.some((part) => 'length' in part && prefixContains(part, numbers.address(address)));
    for (const address of ['10.0.254.7', '10.0.255.255', '10.1.0.0', '10.1.1.9'])
      expect(inside(address)).toBe(true);
    for (const address of ['10.0.254.6', '10.1.1.10', '10.2.0.0']) expect(inside(address)).toBe(false);
    expect(numbers.range('172.17.0.5', '172.17.200.9')).toHaveLength(1);
  });
});

describe('a redacted engine', () => {
  const id = 'ab12cd34ef56'.repeat(5) + 'abcd';
  const shop: Container = {
    id,
    name: 'acme-shop',
    image: 'registry.acme.example/shop:4',
    state: 'running',
    restartCount: 0,
    pid: 42,
    namespace: idOf('shop'),
    networkMode: 'acme_net',
    networks: [
      {
        network: 'acme_net',
        networkId: `${id.slice(1)}0`,
        address: '172.18.0.2',
        aliases: ['acme-shop', id.slice(0, 12)],
      },
    ],
    publishedPorts: [{ protocol: 'tcp', containerPort: 80, hostPort: 8080, hostAddress: '203.0.113.7' }],
    exposedPorts: ['80/tcp'],
    resolver: known({
      hosts: [{ address: '172.18.0.2', names: ['shop.acme.example'] }],
      nameservers: ['127.0.0.11'],
      search: ['acme.example'],
      ndots: 0,
    }),
  };
  const job: Container = {
    ...shop,
    id: id.replaceAll('a', 'b'),
    name: 'acme-job',
    state: 'exited',
    pid: 0,
    namespace: null,
    networks: [],
    publishedPorts: [],
  };
  const engine: Engine = {
    kind: 'docker',
    version: '29.0',
    endpoint: 'tcp://docker.acme.example:2375',
    foreign: false,
    containers: [shop, job],
    networks: [
      {
        id: `${id.slice(1)}0`,
        name: 'acme_net',
        driver: 'bridge',
        internal: false,
        subnets: [{ subnet: '172.18.0.0/16', gateway: '172.18.0.1' }],
        options: { 'com.docker.network.bridge.name': 'acme0' },
        bridge: 'acme0',
      },
    ],
  };
  const snapshot = sketchSnapshot(
    {
      host: { links: ['acme0 172.18.0.1/16 bridge', 'veth1 master acme0 -> shop/eth0'] },
      shop: {
        links: ['eth0 172.18.0.2/16 -> host/veth1'],
        names: [{ type: 'container', name: 'acme-shop' }],
      },
    },
    known(engine),
  );

  test('keeps its names together, and tells none of the old ones', () => {
    const { snapshot: redacted, renamed } = redactSnapshot(snapshot);
    const text = JSON.stringify(redacted);
    for (const secret of ['acme', id.slice(0, 12), '172.18.', '203.0.113.7', 'registry'])
      expect(text).not.toContain(secret);
    expect(renamed).toEqual([
      { before: 'container:acme-shop', now: 'container:container-1' },
      { before: 'container:acme-job', now: 'container:container-2' },
    ]);
    const [host] = redacted.hosts;
    const now = host?.engine.state === 'known' ? host.engine.value : null;
    const [container] = now?.containers ?? [];
    expect(container?.networkMode).toBe(now?.networks[0]?.name);
    expect(container?.networks[0]?.networkId).toBe(now?.networks[0]?.id);
    expect(container?.networks[0]?.aliases).toEqual(['container-1', container?.id.slice(0, 12)]);
    const links = redacted.namespaces[0]?.facts.links;
    const names = links?.state === 'known' ? links.value.map(({ name }) => name) : [];
    expect(names).toContain(now?.networks[0]?.bridge);
    expect(names).toContain('veth1');
  });
});

test('sets of ipset and lists of recent lose their names, also where nobody could read them', () => {
  const listing = [
    ...['*filter', ':INPUT ACCEPT [0:0]'],
    '-A INPUT -m set --match-set acme-lan src -j DROP',
    '-A INPUT -m set --match-set acme-gone src -j DROP',
    '-A INPUT -m recent --update --seconds 60 --name acme-ssh --mask 255.255.255.255 --rsource -j DROP',
    'COMMIT',
  ].join('\n');
  const { tables, unknowns } = assembleRuleset({
    compat: { ip: listing },
    ipsets: 'create acme-lan hash:ip family inet\nadd acme-lan 10.9.9.9\n',
    recent: '',
  });
  const { snapshot } = redactSnapshot(
    sketchSnapshot({ host: { links: [], ruleset: { tables, unknowns } } }, { state: 'absent' }),
  );
  const text = JSON.stringify(snapshot);
  expect(text).not.toMatch(/acme|10\.9\.9\.9/);
  const [, name = ''] = /--match-set (\S+) src/.exec(text) ?? [];
  expect(text).toContain(`"ipset ${name}"`);
});

describe('redacted rules', () => {
  const { tables } = parseIptablesSave(
    [
      '*filter',
      ':INPUT ACCEPT [0:0]',
      '-A INPUT -i cust+ -j DROP',
      '-A INPUT -m mac --mac-source 0A:BC:DE:F0:00:01 -j ACCEPT',
      '-A INPUT -m cgroup --path "system.slice/acme.service" -j ACCEPT',
      'COMMIT',
    ].join('\n'),
    { backend: 'iptables-nft', family: 'ip' },
  );
  const snapshot = sketchSnapshot({
    host: {
      links: ['cust7 10.9.0.1/24 -> shop/eth0'],
      ruleset: { tables, unknowns: [] },
    },
    shop: { links: ['eth0 10.9.0.2/24 -> host/cust7'] },
  });

  test('tell no name, hardware address or path, and still mean the same interfaces', () => {
    const redacted = redactSnapshot(snapshot).snapshot;
    const text = JSON.stringify(redacted);
    for (const secret of ['cust', 'acme', '0a:bc:de', '0A:BC:DE']) expect(text).not.toContain(secret);
    const links = redacted.namespaces[0]?.facts.links;
    const name = (links?.state === 'known' ? links.value : []).at(-1)?.name ?? '';
    const family = /"value":"(fam[^"*]*)\*"/.exec(text)?.[1] ?? 'none';
    expect(name.startsWith(family)).toBe(true);
    expect(text).toContain(`-i ${family}+`);
  });
});

describe('what somebody chose to write in a rule', () => {
  const textOf = (ruleset: Ruleset): string =>
    JSON.stringify(
      redactSnapshot(sketchSnapshot({ host: { links: [], ruleset } }, { state: 'absent' })).snapshot,
    );

  test.each([
    ['a comment of one word, which iptables leaves without quotes', '-m comment --comment acme -j DROP'],
    ['a comment of several', '-m comment --comment "for acme" -j DROP'],
    ['the prefix of a log', '-j LOG --log-prefix acme'],
    ['the prefix of a log for programs', '-j NFLOG --nflog-prefix acme'],
    ['a timer', '-j IDLETIMER --timeout 5 --label acme'],
    ['a light', '-j LED --led-trigger-id acme'],
    ['a security context', '-j SECMARK --selctx system_u:object_r:acme_t:s0'],
  ])('is not told: %s', (_what, rule) => {
    const listing = ['*filter', ':INPUT ACCEPT [0:0]', `-A INPUT -p tcp ${rule}`, 'COMMIT'].join('\n');
    const { tables } = parseIptablesSave(listing, { backend: 'iptables-nft', family: 'ip' });
    expect(textOf({ tables, unknowns: [] })).not.toContain('acme');
  });

  const native = (text: string): Ruleset => {
    const chain = { name: 'input', rules: [{ text, number: 1, parts: [] }] };
    return {
      tables: [{ backend: 'nft', family: 'inet', name: 'filter', chains: [chain], sets: [] }],
      unknowns: [],
    };
  };

  test.each([
    'ct helper set "acme"',
    'ct timeout set "acme"',
    'ct expectation set "acme"',
    'counter name "acme"',
    'quota name "acme"',
    'limit name "acme"',
    'synproxy name "acme"',
    'counter name tcp dport map { 80 : "acme" }',
    'log prefix "acme"',
    'tcp dport 80 comment "acme"',
  ])('is not told: %s', (text) => {
    expect(textOf(native(text))).not.toContain('acme');
  });

  test('names of interfaces that every machine has stay', () => {
    expect(textOf(native('iifname "eth0" accept'))).toContain('iifname \\"eth0\\" accept');
  });
});

describe('a hardware address', () => {
  const snapshot = sketchSnapshot({
    left: {
      links: [
        'eth0 fe80::1abc:deff:fef0:1234/64 2001:db8:7::1abc:deff:fef0:1234/64 mac 18:bc:de:f0:12:34 -> right/eth0',
      ],
    },
    right: { links: ['eth0 2001:db8:7::2/64 -> left/eth0'] },
  });
  // As the kernel writes them: of routes, neighbours and frames.
  const text = (words: string): string =>
    JSON.stringify(
      redactSnapshot({
        ...snapshot,
        namespaces: snapshot.namespaces.map((namespace) => ({ ...namespace, notes: words })) as never,
      }).snapshot,
    );

  test('is told neither by the addresses that were made of it, nor by their groups', () => {
    const told = text(
      'ff02::1:fff0:1234 33:33:ff:f0:12:34 33:33:00:00:00:01 ff02::1:ff00:2 33:33:ff:00:00:02',
    );
    expect(told).not.toMatch(/f0:?12:?34|1abc|18:bc:de/i);
    for (const kept of ['33:33:00:00:00:01', 'ff02::1:ff00:2', '33:33:ff:00:00:02', '::2"'])
      expect(told).toContain(kept);
  });

  test('and they still belong together', () => {
    const told = text('ff02::1:fff0:1234 33:33:ff:f0:12:34');
    const [, mac = ''] = /"mac":"(02:[\da-f:]+)"/.exec(told) ?? [];
    const [one, other, , ...tail] = mac.split(':').map((byte) => parseInt(byte, 16));
    const [, address = ''] = /"(fe80::[\da-f:]+)"/.exec(told) ?? [];
    const bytes = ipaddr.parse(address).toByteArray().slice(8);
    expect(bytes.slice(0, 2)).toEqual([(one ?? 0) ^ 2, other]);
    expect(bytes.slice(5)).toEqual(tail);
    expect(told).toContain(`33:33:ff:${mac.slice(9)}`);
    const [, group = ''] = /(ff02::1:[\da-f:]+)/.exec(told) ?? [];
    expect(ipaddr.parse(group).toByteArray().slice(13)).toEqual(tail);
  });
});
