import { expect, test } from 'vitest';
import type { Lab } from '../../../labs/format/lab-schema.ts';
import { Refusal } from '../../../labs/session/refusal.ts';
import { stepOrFault } from '../../../labs/session/parts.ts';

const lab = { steps: [{ id: 'way-out' }, { id: 'way-back' }], faults: [] } as unknown as Lab;

test('a step that is not there is refused with those that are, as each language writes a list', () => {
  try {
    stepOrFault(lab, 'nowhere');
    expect.unreachable();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    expect(error.text.en).toContain('way-out, way-back.');
    expect(error.text['zh-cn']).toContain('way-out、way-back。');
  }
});
