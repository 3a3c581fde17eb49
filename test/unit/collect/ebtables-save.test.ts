import { describe, expect, test } from 'vitest';
import { parseEbtablesSave } from '../../../diagnostics/collect/ebtables-save.ts';

const partsOf = (rule: string) =>
  parseEbtablesSave(`*filter\n:FORWARD ACCEPT\n:own RETURN\n-A FORWARD ${rule}\n`)
    .get('filter FORWARD')
    ?.flatMap(({ read }) => read());

describe('rules of ebtables-nft-save', () => {
  test.each([
    ['-j own', [{ type: 'verdict', verdict: { type: 'jump', chain: 'own' } }]],
    [
      '-j mark --mark-and 0xff --mark-target CONTINUE',
      [
        { type: 'set-mark', mask: 0xffffff00, value: 0 },
        { type: 'verdict', verdict: { type: 'continue' } },
      ],
    ],
    [
      '-j mark --mark-xor 0x3',
      [
        { type: 'set-mark', mask: 0, value: 3 },
        { type: 'verdict', verdict: { type: 'accept' } },
      ],
    ],
    [
      '--log-level notice --log-prefix "-j DROP" --log-ip -j CONTINUE',
      [{ type: 'verdict', verdict: { type: 'continue' } }],
    ],
    [
      '-j dnat --to-dst 2:0:0:0:0:2',
      [
        { type: 'set-ether', end: 'destination', address: '02:00:00:00:00:02', judged: true },
        { type: 'verdict', verdict: { type: 'accept' } },
      ],
    ],
    [
      '-j snat --to-src 02:00:00:00:00:02 --snat-arp --snat-target CONTINUE',
      [
        { type: 'set-ether', end: 'source', address: '02:00:00:00:00:02', arp: true },
        { type: 'verdict', verdict: { type: 'continue' } },
      ],
    ],
    [
      '-j redirect --redirect-target DROP',
      [
        { type: 'set-ether', end: 'destination', address: 'bridge', judged: true },
        { type: 'verdict', verdict: { type: 'drop' } },
      ],
    ],
    [
      '-j arpreply --arpreply-mac 02:00:00:00:00:02',
      [
        { type: 'answer-arp', address: '02:00:00:00:00:02' },
        { type: 'verdict', verdict: { type: 'drop' } },
      ],
    ],
  ])('%s', (rule, parts) => expect(partsOf(rule)).toEqual(parts));

  test.each([
    ['--ip-icmp-type ! 3:3/1:2 -j DROP', '--ip-icmp-type ! 3:3/1:2'],
    ['-s 02:00:00:00:00:01/ff:00:ff:00:00:00 -j DROP', '-s 02:00:00:00:00:01/ff:00:ff:00:00:00'],
    ['-j dnat --to-dst elsewhere', '-j dnat --to-dst elsewhere'],
    ['-j arpreply --arpreply-target SOMETIMES', '-j arpreply --arpreply-target SOMETIMES'],
    ['what is no rule', '-A FORWARD what is no rule'],
    ['--constructor x -j DROP', '--constructor x'],
  ])('what is not modelled stays uncertain, by its words: %s', (rule, text) => {
    expect(partsOf(rule)?.filter(({ type }) => type === 'unmodelled')).toMatchObject([{ text }]);
  });

  test('nothing of a damaged listing is believed to be a rule', () => {
    expect(parseEbtablesSave('\u0000*\n-A\n-A  x\n:\n').size).toBe(0);
  });
});
