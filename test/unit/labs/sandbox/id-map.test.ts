import { describe, expect, it } from 'vitest';
import {
  parseIdMap,
  rangeForRoot,
  rangesForUser,
  subordinateRanges,
} from '../../../../labs/sandbox/id-map.ts';

describe('the ids of a sandbox', () => {
  it('are shifted for root, so that its root is nobody on the machine', () => {
    const everything = parseIdMap('         0          0 4294967295\n');
    expect(rangeForRoot(everything)).toEqual({ inside: 0, outside: 100000, length: 65536 });
  });

  it('are shifted by one where root is itself in a user namespace with 65536 ids', () => {
    expect(rangeForRoot(parseIdMap('0 100000 65536'))).toEqual({ inside: 0, outside: 1, length: 65535 });
  });

  it('come from the lines of /etc/subuid that name the user or the id', () => {
    const file = '# comment\nada:100000:65536\n1001:300000:10\nbob:165536:65536\nada:broken:1\n';
    expect(subordinateRanges(file, { name: 'ada', id: 1001 })).toEqual([
      { start: 100000, count: 65536 },
      { start: 300000, count: 10 },
    ]);
  });

  it('are the user and then all subordinate ids, up to 65536', () => {
    const ranges = rangesForUser(1001, [
      { start: 100000, count: 1000 },
      { start: 300000, count: 100000 },
    ]);
    expect(ranges).toEqual([
      { inside: 0, outside: 1001, length: 1 },
      { inside: 1, outside: 100000, length: 1000 },
      { inside: 1001, outside: 300000, length: 64535 },
    ]);
  });

  it('are only the user where there are no subordinate ones', () => {
    expect(rangesForUser(1001, [])).toEqual([{ inside: 0, outside: 1001, length: 1 }]);
  });
});
