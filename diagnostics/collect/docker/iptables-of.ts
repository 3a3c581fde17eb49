import { readlinkSync } from 'node:fs';
import { posix } from 'node:path';
import { readText } from '../plain-files.ts';
import type { EngineSettings } from '../../model/container.ts';

/** Where `iptables` is looked for by who was started without a PATH. */
const USUAL_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** As many as the kernel follows (MAXSYMLINKS). */
const MOST_LINKS = 40;

/**
 * Which of the two programs `iptables` is for a process: the first of its PATH, through the links of its own file system
 * (update-alternatives(1)) to one of the two that are all of iptables in one (xtables-nft(8), xtables-legacy(8)). Undefined: it is
 * neither, or nobody may look.
 */
export function iptablesOf(pid: number): EngineSettings['writesTo'] {
  const path = readText(`/proc/${pid}/environ`)
    .split('\0')
    .find((line) => line.startsWith('PATH='));
  const target = (path?.slice('PATH='.length) ?? USUAL_PATH)
    .split(':')
    .filter((directory) => directory.startsWith('/'))
    .map((directory) => endOfLinks(`/proc/${pid}/root`, posix.join(directory, 'iptables')))
    .find((it) => it !== null);
  const name = posix.basename(target ?? '');
  if (/\bnft\b/.test(name)) return 'iptables-nft';
  return /\blegacy\b/.test(name) ? 'legacy' : undefined;
}

/** The last file of a chain of links, in a file system below `root`; null: there is not even a first. */
function endOfLinks(root: string, path: string): string | null {
  let at = path;
  for (let links = 0; links < MOST_LINKS; links++) {
    const target = linkAt(root + at);
    if (target === null) return links === 0 ? null : at;
    at = posix.resolve(posix.dirname(at), target);
  }
  return null;
}

/** Where a link leads; null where there is none. A program of its own is none either: it does not tell which it is. */
function linkAt(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}
