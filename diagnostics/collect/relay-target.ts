import { readFileSync } from 'node:fs';
import { isAddress } from '../model/ip.ts';
import type { RelayTarget } from '../model/socket.ts';

/** Programs that take a connection only to open another one, and say in their arguments where to. */
const RELAYS: Readonly<Record<string, (words: readonly string[]) => RelayTarget | null>> = {
  // `docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 8080 -container-ip 172.17.0.2 -container-port 80`
  'docker-proxy': (words) => target(option(words, '-container-ip'), option(words, '-container-port')),
  // `socat TCP-LISTEN:8080,fork TCP:10.0.0.2:80`: the second address is the far one.
  socat: (words) => {
    const far = words.filter((word) => SOCAT_FAR.test(word)).at(-1);
    const [, bracketed, plain, port] = SOCAT_FAR.exec(far ?? '') ?? [];
    return target(bracketed ?? plain, port);
  },
};

const SOCAT_FAR =
  /^(?:tcp|tcp4|tcp6|udp|udp4|udp6|tcp-connect|tcp4-connect|tcp6-connect|udp-connect|udp4-connect|udp6-connect):(?:\[([^\]]+)\]|([^:,]+)):(\d+)(?:,|$)/i;

const option = (words: readonly string[], name: string): string | undefined => {
  const at = words.indexOf(name);
  return at === -1 ? undefined : words[at + 1];
};

const target = (address: string | undefined, port: string | undefined): RelayTarget | null =>
  address !== undefined && isAddress(address) && /^\d{1,5}$/.test(port ?? '')
    ? { address, port: Number(port) }
    : null;

/** Where the arguments of a program of this name lead; null where it is none that is known, or names no address. */
export function parseRelayTarget(program: string, words: readonly string[]): RelayTarget | null {
  return Object.hasOwn(RELAYS, program) ? (RELAYS[program]?.(words) ?? null) : null;
}

/** Of a process, as this process's /proc numbers it. Of its arguments nothing else is kept: they may hold secrets. */
export function readRelayTarget({
  pid,
  name,
}: {
  readonly pid: number;
  readonly name: string;
}): RelayTarget | null {
  if (!Object.hasOwn(RELAYS, name)) return null;
  try {
    return parseRelayTarget(name, readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0'));
  } catch {
    // It ended, or is not ours to look at.
    return null;
  }
}
