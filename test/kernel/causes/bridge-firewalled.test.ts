import { testCause } from '../../support/cause-case.ts';
import type { TestNetwork } from '../../support/network.ts';
import { bridgedPair } from '../../support/pairs.ts';

const ask = { from: 'netns:red', to: '10.0.0.3:80' };

const firewalled =
  (...commands: readonly string[]) =>
  async (net: TestNetwork): Promise<void> => {
    await net.run('host', 'sysctl -qw net.bridge.bridge-nf-call-iptables=1');
    for (const command of commands) await net.run('host', command);
  };

const healthy = async (net: TestNetwork): Promise<void> => {
  await net.run('host', 'sysctl -qw net.bridge.bridge-nf-call-iptables=0');
  await net.run('host', 'iptables -F FORWARD');
  await net.run('host', 'iptables -P FORWARD ACCEPT');
  await net.run('host', 'iptables -t raw -F PREROUTING');
  await bridgedPair(net);
};

testCause({
  fault: 'a rule for forwarded packets stops bridged ones',
  healthy,
  breakIt: firewalled('iptables -A FORWARD -p tcp --dport 80 -j DROP'),
  ask,
  causes: ['bridge-firewalled'],
  at: ['host'],
});

testCause({
  fault: 'the policy for forwarded packets stops bridged ones, and their answers',
  healthy,
  breakIt: firewalled('iptables -P FORWARD DROP'),
  ask,
  causes: ['bridge-firewalled'],
  at: ['host'],
});

testCause({
  fault: 'a rule before routing stops bridged packets',
  healthy,
  breakIt: firewalled('iptables -t raw -A PREROUTING -p tcp --dport 80 -j DROP'),
  ask,
  causes: ['bridge-firewalled'],
  at: ['host'],
});
