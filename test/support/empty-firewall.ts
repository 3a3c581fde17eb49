import { execa } from 'execa';
import { assertSandboxed } from './network.ts';

/** The sandbox's own namespace without rules of any tool: an engine that was there before leaves its own behind. */
export async function emptyFirewall(): Promise<void> {
  assertSandboxed();
  for (const tool of ['iptables', 'ip6tables']) await execa(tool, ['-w', '-P', 'FORWARD', 'ACCEPT']);
  await execa('nft', ['flush', 'ruleset']);
}
