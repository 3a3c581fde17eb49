import { execa } from 'execa';
import { beforeAll } from 'vitest';
import { emptyFirewall } from '../support/empty-firewall.ts';

/**
 * Before each file of this layer, whichever ran before it in the same sandbox: no rules, no bridge of an engine, and a host
 * that does not forward, as a new one.
 */
beforeAll(async () => {
  await emptyFirewall();
  const { stdout } = await execa('ip', ['-j', 'link', 'show', 'type', 'bridge']);
  const left = JSON.parse(stdout || '[]') as readonly { readonly ifname?: string }[];
  for (const { ifname } of left) if (ifname) await execa('ip', ['link', 'delete', 'dev', ifname]);
  await execa('sysctl', ['-qw', 'net.ipv4.ip_forward=0', 'net.ipv6.conf.all.forwarding=0']);
});
