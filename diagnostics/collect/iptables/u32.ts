import type { U32Test } from '../../model/rule-match.ts';

const NUMBER = /^(?:0x[\da-f]+|\d+)$/i;

const read = (text: string): number | null => {
  const word = text.trim();
  const value = NUMBER.test(word) ? Number(word) : NaN;
  return Number.isNaN(value) || value > 0xffffffff ? null : value;
};

/** `0>>22&0x3C@0>>16=80,1000:2000 && 4&0x1FFF=0` of iptables-extensions(8); null where it is not understood. */
export function readU32(text: string): readonly U32Test[] | null {
  const tests = text.split('&&').map(readTest);
  const known = tests.filter((test) => test !== null);
  return known.length === tests.length ? known : null;
}

function readTest(text: string): U32Test | null {
  const [place, wanted, ...more] = text.split('=');
  if (place === undefined || wanted === undefined || more.length > 0) return null;
  const words = place.split(/(<<|>>|&|@)/);
  const start = read(words[0] ?? '');
  if (start === null) return null;
  const operations: U32Test['operations'][number][] = [];
  for (let at = 1; at < words.length; at += 2) {
    const operator = words[at];
    const number = read(words[at + 1] ?? '');
    if (number === null) return null;
    if (operator !== '<<' && operator !== '>>' && operator !== '&' && operator !== '@') return null;
    operations.push({ operator, number });
  }
  const ranges = wanted.split(',').map((range): readonly [number, number] | null => {
    const [low, high = low] = range.split(':').map(read);
    return low === null || high === null || low === undefined || high === undefined ? null : [low, high];
  });
  const known = ranges.filter((range) => range !== null);
  return known.length === ranges.length ? { start, operations, ranges: known } : null;
}
