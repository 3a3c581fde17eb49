import { describe, expect, test } from 'vitest';
import { readBytecode } from '../../../diagnostics/collect/iptables/bytecode.ts';
import { parseIptablesSave } from '../../../diagnostics/collect/iptables-save.ts';

const partsOf = (rule: string) =>
  parseIptablesSave(`*filter\n:INPUT ACCEPT [0:0]\n-A INPUT ${rule} -j DROP\nCOMMIT\n`, {
    backend: 'legacy',
    family: 'ip',
  })
    .tables.flatMap(({ chains }) => chains.flatMap(({ rules }) => rules.flatMap(({ parts }) => parts)))
    .filter(({ type }) => type !== 'verdict');

describe('-m bpf', () => {
  test('a program is read as iptables-save prints it', () => {
    expect(partsOf('-m bpf --bytecode "4,48 0 0 9,21 0 1 6,6 0 0 1,6 0 0 0"')).toEqual([
      {
        type: 'bytecode',
        program: [
          { code: 48, whenTrue: 0, whenFalse: 0, number: 9 },
          { code: 21, whenTrue: 0, whenFalse: 1, number: 6 },
          { code: 6, whenTrue: 0, whenFalse: 0, number: 1 },
          { code: 6, whenTrue: 0, whenFalse: 0, number: 0 },
        ],
      },
    ]);
  });

  test('one that lies in the kernel stays uncertain, by its name', () => {
    expect(partsOf('-m bpf --object-pinned /sys/fs/bpf/guard')).toEqual([
      { type: 'unmodelled', text: '-m bpf --object-pinned /sys/fs/bpf/guard' },
    ]);
  });

  test.each(['', '2,6 0 0 1', '1,6 0 0', '1,x 0 0 0', '1,6 0 0 -1', `65,${'6 0 0 0,'.repeat(64)}6 0 0 0`])(
    'what is no program is none: %s',
    (text) => expect(readBytecode(text)).toBeNull(),
  );
});
