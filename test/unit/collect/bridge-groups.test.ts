import { expect, test } from 'vitest';
import { parseGroups } from '../../../diagnostics/collect/bridge-groups.ts';
import { linkKind } from '../../../diagnostics/collect/link-kinds.ts';

test('groups by the port that they were joined behind, and ports with routers of multicasts', () => {
  const joined = parseGroups([
    {
      mdb: [
        { index: 4, dev: 'br0', port: 'va', grp: 'ff02::1:ff00:3', state: 'temp', flags: [] },
        { index: 4, dev: 'br0', port: 'va', grp: '239.1.1.1', vid: 10, state: 'permanent', flags: [] },
        { index: 4, dev: 'br0', port: 'vb', grp: '239.1.1.1', state: 'temp', flags: ['blocked'] },
        { index: 4, dev: 'br0', port: 'br0', grp: 'ff02::6a', state: 'temp', flags: [] },
      ],
      router: { br0: [{ port: 'va' }, { port: 'vc' }] },
    },
  ]);
  expect(Object.fromEntries(joined)).toEqual({
    va: { groups: [{ address: 'ff02::1:ff00:3' }, { address: '239.1.1.1', vlan: 10 }], router: true },
    br0: { groups: [{ address: 'ff02::6a' }] },
    vc: { groups: [], router: true },
  });
});

const bridge = (data: Record<string, unknown>) =>
  linkKind({ linkinfo: { info_kind: 'bridge', info_data: data } });

test.each([
  ['nobody asks for members', { mcast_snooping: 1, mcast_querier: 0 }, undefined],
  ['it asks itself', { mcast_snooping: 1, mcast_querier: 1 }, [4, 6]],
  [
    'it has no address to ask with for IPv6',
    { mcast_snooping: 1, mcast_querier: 1, mcast_querier_state_ipv6: { mcast_querier_ipv6_addr: '::' } },
    [4],
  ],
  [
    'somebody else asks',
    {
      mcast_snooping: 1,
      mcast_querier: 0,
      mcast_querier_state_ipv6: { mcast_querier_ipv6_addr: 'fe80::1', mcast_querier_ipv6_other_timer: '250' },
    },
    [6],
  ],
  ['it takes no account of groups', { mcast_snooping: 0, mcast_querier: 1 }, undefined],
])('families whose groups a bridge sends to members only: %s', (_, data, snoops) => {
  expect(bridge(data)).toEqual({
    type: 'bridge',
    vlanFiltering: false,
    stp: false,
    ...(snoops && { snoops }),
  });
});
