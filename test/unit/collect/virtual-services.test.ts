import { expect, test } from 'vitest';
import { parseVirtualServices } from '../../../diagnostics/collect/virtual-services.ts';
import { known } from '../../../diagnostics/model/fact.ts';
import { walkFlow } from '../../../diagnostics/simulate/walk.ts';
import { idOf } from '../../support/sketch-links.ts';
import { sketchSnapshot } from '../../support/snapshot.ts';

/** As the kernel prints it (format of net/netfilter/ipvs/ip_vs_ctl.c: the kernel here has no IPVS). */
const IP_VS = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port Forward Weight ActiveConn InActConn
TCP  0A60000A:0035 rr 
  -> 0AF40003:0035      Masq    1      0          0         
  -> 0AF40002:0035      Masq    0      0          0         
UDP  [fd00:0000:0000:0000:0000:0000:0000:000a]:0035 rr persistent 10800 ffffffff
FWM  00000007 wrr 
  -> 0A000009:0000      Route   1      0          0         
`;

test('services of IPVS with their servers', () => {
  expect(parseVirtualServices(IP_VS)).toEqual([
    {
      protocol: 'tcp',
      address: '10.96.0.10',
      port: 53,
      servers: [
        { address: '10.244.0.3', port: 53, forward: 'masq', weight: 1 },
        { address: '10.244.0.2', port: 53, forward: 'masq', weight: 0 },
      ],
    },
    { protocol: 'udp', address: 'fd00::a', port: 53, servers: [] },
    {
      protocol: 'mark',
      mark: 7,
      servers: [{ address: '10.0.0.9', port: 0, forward: 'route', weight: 1 }],
    },
  ]);
});

test('what is for such a service is not said to be refused: where it goes is named', () => {
  const snapshot = sketchSnapshot({
    host: {
      links: ['kube-ipvs0 10.96.0.10/32 dummy'],
      facts: { virtualServices: known(parseVirtualServices(IP_VS)) },
    },
  });
  const asked = { from: 'namespace', namespace: idOf('host'), protocol: 'tcp', port: 53 } as const;
  const { forward } = walkFlow(snapshot, { ...asked, destination: '10.96.0.10' });
  expect(forward.disposition).toBe('unknown');
  expect(forward.doubts.join()).toContain('10.244.0.3:53');
  expect(walkFlow(snapshot, { ...asked, destination: '10.96.0.10', port: 80 }).forward.disposition).toBe(
    'refused',
  );
});
