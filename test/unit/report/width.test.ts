import { expect, test } from 'vitest';
import { columnsOf, wrap } from '../../../diagnostics/report/width.ts';

test('Chinese characters take two columns, combining marks none', () => {
  expect(columnsOf('abc')).toBe(3);
  expect(columnsOf('没有路由')).toBe(8);
  expect(columnsOf('e\u0301')).toBe(1);
});

test.each([
  ['a plain sentence that is long', 12, ['a plain', 'sentence', 'that is long']],
  ['数据包到了这里，却不知道', 10, ['数据包到了', '这里，却不', '知道']],
  // No line begins with a comma.
  ['数据包到了这里，却不知道', 14, ['数据包到了这', '里，却不知道']],
  ['one-word-that-is-longer-than-a-line', 10, ['one-word-that-is-longer-than-a-line']],
  ['', 10, []],
])('%s in %d columns', (text, columns, lines) => {
  expect(wrap(text, columns)).toEqual(lines);
});

test('no line is wider than asked where it can be broken', () => {
  const text =
    'netns:router 不转发数据包：数据包到达的接口 ra 上转发是关闭的 (net/ipv4/conf/ra/forwarding)。';
  for (const line of wrap(text, 40)) expect(columnsOf(line)).toBeLessThanOrEqual(40);
});
