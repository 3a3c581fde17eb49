import { accessSync, constants } from 'node:fs';

/** Why no program here can have an interface (Open vSwitch, WireGuard, slirp4netns); null where it can. The sandbox of root has a node of its own. */
export function withoutTun(): string | null {
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
    return null;
  } catch {
    return 'needs /dev/net/tun to be open to everybody, as distributions have it';
  }
}
