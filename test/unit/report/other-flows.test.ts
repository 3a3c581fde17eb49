import { describe, expect, test } from 'vitest';
import type { OtherFlow, OtherFlows } from '../../../diagnostics/model/flow-effects.ts';
import { groupFlows } from '../../../diagnostics/report/flow-groups.ts';
import { otherFlowsText, type NamedGroup } from '../../../diagnostics/report/other-flows.ts';

const flow = (from: string, to: string, port: number | null = 80, address = `of ${to}`): OtherFlow => ({
  ...{ from, to, address, port },
  protocol: port === null ? 'icmp' : 'tcp',
});

const none = { opens: [], closes: [], compared: 0, unclear: 0, leftOut: 0, unread: [] };
const say = (flows: Partial<OtherFlows>, networks: readonly NamedGroup[] = []): readonly string[] =>
  otherFlowsText({ ...none, ...flows }, networks, 'en');

describe('flows are told of together', () => {
  test('that go the same way for several services', () => {
    expect(groupFlows([flow('web', 'db', 5432), flow('web', 'db', null)])).toEqual([
      { from: ['web'], to: ['db'], services: ['icmp', 'tcp/5432'], count: 2 },
    ]);
  });

  test('that come from several to the same receivers', () => {
    const flows = ['a', 'b'].flatMap((from) => ['x', 'y'].map((to) => flow(from, to)));
    expect(groupFlows(flows)).toEqual([{ from: ['a', 'b'], to: ['x', 'y'], services: ['tcp/80'], count: 4 }]);
  });

  test('not where their services differ', () => {
    expect(groupFlows([flow('a', 'x', 80), flow('b', 'x', 81)])).toHaveLength(2);
  });

  test('the largest first', () => {
    const counts = groupFlows([flow('a', 'x', 81), flow('b', 'x'), flow('c', 'x')]).map(({ count }) => count);
    expect(counts).toEqual([2, 1]);
  });

  test('a receiver with several addresses is named with each', () => {
    const flows = [flow('a', 'x', 80, '10.0.0.2'), flow('b', 'x', 80, '10.0.0.9')];
    expect(groupFlows(flows).map(({ to }) => to)).toEqual([['x (10.0.0.2)'], ['x (10.0.0.9)']]);
  });

  test('a receiver of whose addresses one alone is meant is named with it', () => {
    const flows = [{ ...flow('a', 'x', 80, '10.0.0.2'), onlyThere: true as const }];
    expect(groupFlows(flows).map(({ to }) => to)).toEqual([['x (10.0.0.2)']]);
  });

  test('an address that is nobody’s stands for itself', () => {
    expect(groupFlows([flow('a', '10.0.0.2', 80, '10.0.0.2')])[0]?.to).toEqual(['10.0.0.2']);
  });
});

describe('in words', () => {
  test('Chinese lists have Chinese commas', () => {
    const opens = [flow('a', 'x', null), flow('a', 'x'), flow('b', 'x', null), flow('b', 'x')];
    expect(otherFlowsText({ ...none, opens, compared: 4 }, [], 'zh-cn')[0]).toBe(
      '会打通 a、b → x icmp、tcp/80。',
    );
  });

  test('one that opens, and those that stay', () => {
    expect(say({ opens: [flow('web', 'cache', 6379)], compared: 84 })).toEqual([
      'Opens web → cache tcp/6379.',
      '83 other flows that were compared stay as they are.',
    ]);
  });

  test('what closes is said as well', () => {
    expect(say({ opens: [flow('a', 'x')], closes: [flow('b', 'x')], compared: 2 })).toEqual([
      'Opens a → x tcp/80.',
      'Closes b → x tcp/80.',
    ]);
  });

  test('that nothing changes, and among how many', () => {
    expect(say({ compared: 84 })).toEqual(['None of the 84 other flows that were compared changes.']);
    expect(say({ compared: 1 })).toEqual(['The one other flow that was compared stays as it is.']);
  });

  test('nothing where nothing was walked', () => {
    expect(say({ leftOut: 3 })).toEqual([]);
  });

  test('the limits: doubts, facts that were not read, flows that were not looked at', () => {
    expect(say({ compared: 2, unclear: 3, leftOut: 40, unread: ['netns:far'] })).toEqual([
      'None of the 2 other flows that were compared changes.',
      'Of 3 flows it is not certain.',
      'Some were not walked to their end: not everything about netns:far was read.',
      '40 more were not looked at: too many.',
    ]);
  });

  test('many names and many lines are counted', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    expect(say({ opens: names.map((name) => flow(name, 'x')), compared: 6 })).toEqual([
      'Opens a, b, c, d and 2 more → x tcp/80.',
    ]);
    const different = Array.from({ length: 8 }, (_, at) => flow(`s${at}`, 'x', 80 + at));
    expect(say({ opens: different, compared: 8 }).at(-1)).toBe('Opens 3 more.');
  });

  test('all containers of a network are called by it', () => {
    const members = ['container:a', 'container:b', 'container:c'];
    const networks = [{ network: 'frontend', members }];
    const flows = [...members, 'host'].map((name) => flow(name, 'db', 5432));
    expect(say({ opens: flows, compared: 4 }, networks)).toEqual([
      'Opens every container on the network frontend, host → db tcp/5432.',
    ]);
    expect(say({ opens: flows.slice(0, 2), compared: 2 }, networks)[0]).toContain('container:a, container:b');
  });

  test('names of the machine are shown, not obeyed', () => {
    expect(say({ opens: [flow('evil\u001b[31m\u202e', 'x')], compared: 1 })[0]).not.toMatch(/[\u001b\u202e]/);
  });

  test('in Chinese too', () => {
    expect(
      otherFlowsText({ ...none, opens: [flow('a', 'x')], compared: 3, unclear: 1 }, [], 'zh-cn'),
    ).toEqual(['会打通 a → x tcp/80。', '对比过的其余 2 条流量保持不变。', '有 1 条流量无法确定。']);
  });
});

test('where none could be compared, nothing is said of those that were', () => {
  expect(say({ unclear: 7 })).toEqual(['Of 7 flows it is not certain.']);
});
