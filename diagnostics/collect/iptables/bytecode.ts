import type { BytecodeInstruction } from '../../model/rule-match.ts';

/** XT_BPF_MAX_NUM_INSTR */
const LONGEST = 64;

/** `4,48 0 0 9,21 0 1 6,6 0 0 1,6 0 0 0`: how many there are, then each as code, jumps and number; null where it is not understood. */
export function readBytecode(text: string): readonly BytecodeInstruction[] | null {
  const [count, ...written] = text.split(',').map((part) => part.trim());
  if (written.length === 0 || Number(count) !== written.length || written.length > LONGEST) return null;
  const program = written.map((part): BytecodeInstruction | null => {
    const numbers = /^(\d+) (\d+) (\d+) (\d+)$/.exec(part)?.slice(1).map(Number);
    const [code, whenTrue, whenFalse, number] = numbers ?? [];
    return code === undefined || whenTrue === undefined || whenFalse === undefined || number === undefined
      ? null
      : { code, whenTrue, whenFalse, number };
  });
  const understood = program.filter((one) => one !== null);
  return understood.length === program.length ? understood : null;
}
