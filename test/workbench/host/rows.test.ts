import assert from 'node:assert/strict';
import { Rows } from '../../../extension/views/rows.ts';

describe('the rows of a tree', () => {
  it('are those of the last reading, also where an earlier one took longer', async () => {
    const readings: ((items: readonly string[]) => void)[] = [];
    const rows = new Rows<string>({
      below: () => new Promise((resolve) => readings.push(resolve)),
      look: (id) => ({ id, label: id, icon: 'vm', context: '' }),
    });
    const earlier = rows.getChildren();
    const later = rows.getChildren();
    const [answerEarlier, answerLater] = readings;
    answerLater?.(['the lab']);
    assert.deepEqual(
      (await later).map(({ id }) => id),
      ['the lab'],
    );
    answerEarlier?.(['this machine']);
    assert.deepEqual(
      (await earlier).map(({ id }) => id),
      ['the lab'],
    );
    rows.dispose();
  });
});
