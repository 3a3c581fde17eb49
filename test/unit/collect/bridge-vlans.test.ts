import { expect, test } from 'vitest';
import { withVlans } from '../../../diagnostics/collect/bridge-vlans.ts';
import type { ReadContext } from '../../../diagnostics/collect/read-context.ts';
import { known } from '../../../diagnostics/model/fact.ts';
import type { Link } from '../../../diagnostics/model/link.ts';

const bridge = { name: 'br0', kind: { type: 'bridge', vlanFiltering: true } } as unknown as Link;
const place = { id: 'machine/1', host: 'machine', inode: 1, names: [], path: '' };

const asked = (stdout: string, exitCode = 0) => {
  const run = () => Promise.resolve({ exitCode, stdout, stderr: '' });
  return withVlans({ machine: { run } } as unknown as ReadContext, place, known([bridge]));
};

test('VLANs of a bridge that cannot be read are named, since its ports would seem to let nothing through', async () => {
  expect((await asked('[{"ifname":"br0","vlans":[{"vlan":1}]}]')).state).toBe('known');
  expect(await asked('[{"ifname":"br0","vl')).toMatchObject({ state: 'denied' });
  expect(await asked('', 1)).toMatchObject({ state: 'denied' });
});
