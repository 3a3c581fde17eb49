import { afterEach, beforeEach, describe, it } from 'vitest';
import { agree, tcp } from '../../support/agree.ts';
import { hasty } from '../../support/hasty.ts';
import { buildNetwork, type TestNetwork } from '../../support/network.ts';

/**
 * nf_send_reset() of what came by a port of a bridge, while br_netfilter looks on: the reset leaves straight by that port, past
 * rules and NAT.
 */
let net: TestNetwork;
afterEach(() => net.close());

beforeEach(async () => {
  net = await buildNetwork();
  await net.namespaces('host1', 'web', 'db', 'lan');
  await net.wire('web/eth0 172.17.0.2/16 fd17::2/64', 'host1/vweb');
  await net.wire('db/eth0 172.17.0.3/16 fd17::3/64', 'host1/vdb');
  await net.bridge('host1/br0 172.17.0.1/16 fd17::1/64', 'vweb', 'vdb');
  await net.wire('lan/eth0 192.0.2.9/24 fd99::9/64', 'host1/eth0 192.0.2.1/24 fd99::1/64');
  await net.run('web', 'ip route add default via 172.17.0.1');
  await net.run('web', 'ip route add default via fd17::1');
  await net.run('host1', 'sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1');
  await looksOn(1);
  await net.listen('host1', { protocol: 'tcp', port: 22, address: '::' });
  await hasty(net, 'host1', 'web', 'db', 'lan');
});

const looksOn = (on: 0 | 1): Promise<string> =>
  net.run(
    'host1',
    `sysctl -qw net.bridge.bridge-nf-call-iptables=${on} net.bridge.bridge-nf-call-ip6tables=${on}`,
  );

const RESET = '-p tcp -j REJECT --reject-with tcp-reset';
const REDIRECTED = '-t nat -A PREROUTING -p tcp --dport 80 -j REDIRECT --to-ports 22';

describe('the sender hears nothing it knows of where the packet was translated', () => {
  it.each([
    ['to this machine', 'iptables', REDIRECTED, `-A INPUT ${RESET}`, '192.0.2.9'],
    ['to this machine, by IPv6', 'ip6tables', REDIRECTED, `-A INPUT ${RESET}`, 'fd99::9'],
    [
      'to another, passed on',
      'iptables',
      '-t nat -A PREROUTING -p tcp --dport 80 -j DNAT --to-destination 192.0.2.9:81',
      `-A FORWARD ${RESET}`,
      '172.17.0.1',
    ],
  ])('%s', async (_name, iptables, translated, rejected, to) => {
    await net.run('host1', `${iptables} ${translated}`);
    await net.run('host1', `${iptables} ${rejected}`);
    await agree(tcp('web', to, 80), 'rejected at host1', 'refused at web');
    await looksOn(0);
    await agree(tcp('web', to, 80), 'rejected at host1', 'delivered at web');
  });
});

it('rules about what leaves do not meet it', async () => {
  await net.run('host1', `iptables -A FORWARD ${RESET}`);
  await net.run('host1', 'iptables -A OUTPUT -p tcp --tcp-flags RST RST -j DROP');
  await agree(tcp('web', '192.0.2.9', 81), 'rejected at host1', 'delivered at web');
  await agree(tcp('web', '172.17.0.3', 80), 'rejected at host1', 'delivered at web');
  await agree(tcp('lan', '172.17.0.2', 80), 'no-route at lan', 'nothing');
  await looksOn(0);
  await agree(tcp('web', '192.0.2.9', 81), 'rejected at host1', 'dropped at host1');
});

it('without a way back there is none', async () => {
  await net.run('host1', `iptables -A FORWARD ${RESET}`);
  await net.run('host1', 'ip address flush dev br0 scope global');
  await agree(tcp('web', '172.17.0.3', 80), 'rejected at host1', 'no-route at host1');
});
