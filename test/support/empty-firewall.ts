import { execa } from 'execa';
import { assertSandboxed } from './network.ts';

/** The sandbox's own namespace without rules of iptables: an engine that was there before leaves its own behind. */
export async function emptyFirewall(): Promise<void> {
  assertSandboxed();
  for (const tool of ['iptables', 'ip6tables'])
    for (const words of ['-P FORWARD ACCEPT', '-F', '-X', '-t nat -F', '-t nat -X'])
      await execa(tool, ['-w', ...words.split(' ')]);
}
