import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildArena, type Arena } from './arena/arena.ts';
import { expectCertain, expectKernelAgrees, makeProbes } from './compare.ts';

let arena: Arena;
beforeAll(async () => {
  arena = await buildArena();
});
afterAll(() => arena[Symbol.asyncDispose]());

const DNAT = 'chain pre { type nat hook prerouting priority -100; tcp dport 80 dnat to 10.2.0.2; }';
const SNAT = 'chain post { type nat hook postrouting priority 100; tcp dport 80 snat to 10.2.0.254; }';

const at = (hook: string, priority: number, rules: string): string =>
  `chain asks { type filter hook ${hook} priority ${priority};\n${rules}\n}`;

/** All that conntrack says of a connection: also that NAT was asked, which every chain of NAT in the namespace brings about. */
test.each<[string, readonly string[]]>([
  ['translated', [DNAT, at('forward', 0, 'ct status == 0x120 drop')]],
  ['asked in vain', [DNAT, at('forward', 0, 'ct status == 0x100 drop')]],
  ['not asked yet', [DNAT, at('prerouting', -150, 'ct status == 0 udp dport 80 drop')]],
  ['asked just now', [DNAT, at('prerouting', -90, 'ct status == 0x100 udp dport 80 drop')]],
  ['asked by no table of its own', [SNAT, at('input', 0, 'ct status == 0x100 drop')]],
  ['its source as well', [SNAT, at('postrouting', 150, 'ct status == 0x190 drop')]],
  ['its source not yet', [SNAT, at('postrouting', 50, 'ct status == 0x100 tcp dport 80 drop')]],
  ['where it is taken in', [DNAT, at('input', 150, 'ct status == 0x180 drop')]],
  ['one of them', [DNAT, SNAT, at('postrouting', 200, 'ct status & (dnat | snat) == snat drop')]],
  ['what the machine says to itself', [DNAT, at('input', 0, 'ct status == 0x188 drop')]],
])('what is known of a connection: %s', async (_name, chains) => {
  const text = `table ip t {\n${chains.join('\n')}\n}`;
  await expectCertain(arena, 'nft', 4, text);
});

test('a helper', async () => {
  const text = `table ip t {
    ct helper ftp { type "ftp" protocol tcp; l3proto ip; }
    chain helps { type filter hook prerouting priority 0; tcp dport 80 ct helper set "ftp"; }
    ${at('forward', 0, 'ct status == 0x2000 drop')}
  }`;
  await expectCertain(arena, 'nft', 4, text);
});

/** xt_ct_target(), nft_ct_helper_obj_eval(): iptables gives it before conntrack sees the packet, nft to a connection that is there. */
test.each<[string, string, string]>([
  ['with a zone', '-j CT --zone 5 --helper ftp', ''],
  ['alone', '-j CT --helper ftp', ''],
  ['to what is not followed', '-j CT --notrack', 'tcp dport 80 ct helper set "ftp"'],
])('iptables: a helper %s', async (_name, target, early) => {
  const text = `table ip t {
    ct helper ftp { type "ftp" protocol tcp; l3proto ip; }
    chain early { type filter hook prerouting priority -250; ${early}; }
    ${at('forward', 0, 'ct status & 0x2000 == 0x2000 drop')}
  }`;
  await arena.load('nft', 4, text);
  const raw = ['*raw', `-A PREROUTING -p tcp --dport 80 ${target}`, 'COMMIT', ''].join('\n');
  await arena.net.run('router', 'iptables-legacy-restore', raw);
  const probes = makeProbes(4);
  expect(await expectKernelAgrees(arena, probes, text)).toBe(probes.length);
});

test('iptables: no status is none of these', async () => {
  const rules = [
    '-m conntrack --ctstatus NONE -j DROP',
    '-p udp --dport 80 -m conntrack ! --ctstatus NONE -j DROP',
  ];
  const text = [
    '*filter',
    ':FORWARD ACCEPT [0:0]',
    ...rules.map((rule) => `-A FORWARD ${rule}`),
    'COMMIT',
    '',
  ];
  await expectCertain(arena, 'iptables-nft', 4, text.join('\n'));
});
