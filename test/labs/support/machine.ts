import { execa } from 'execa';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

const READINGS: readonly (readonly string[])[] = [
  ['ip', '-j', 'address'],
  ['ip', '-j', 'route', 'show', 'table', 'all'],
  ['ip', '-j', '-6', 'route', 'show', 'table', 'all'],
  ['ip', '-j', 'rule'],
  ['ip', 'netns', 'list'],
  ['nft', 'list', 'ruleset'],
  ['iptables-save'],
  ['sysctl', 'net.ipv4.ip_forward', 'net.ipv4.tcp_child_ehash_entries'],
];

/** What must be the same before and after on the machine that runs tests: its network, and its mounts. */
export async function machineState(): Promise<readonly string[]> {
  const texts = await Promise.all(
    READINGS.map(async ([file = '', ...rest]) => {
      const { stdout } = await execa(file, rest, {
        reject: false,
        env: { PATH: `${process.env['PATH']}:/usr/sbin:/sbin` },
      });
      // Lifetimes of addresses and routes count down.
      return stdout
        .replace(/"(?:valid_life_time|preferred_life_time|expires)":\d+,?/g, '')
        .replace(/^#.*$/gm, '');
    }),
  );
  return [...texts, await readFile('/proc/self/mountinfo', 'utf8')];
}

/**
 * Processes that live and whose network, mount, PID or user namespace is one of these (`net:[4026532000]`). A zombie is none:
 * it waits for the machine's own init, and holds nothing.
 */
export function processesIn(namespaces: ReadonlySet<string>): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => namespacesOf(pid).some((namespace) => namespaces.has(namespace)) && !isZombie(pid));
}

function isZombie(pid: number): boolean {
  try {
    return /^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return true;
  }
}

export function namespacesOf(pid: number): readonly string[] {
  return ['net', 'mnt', 'pid', 'user'].flatMap((kind) => {
    try {
      return [readlinkSync(`/proc/${pid}/ns/${kind}`)];
    } catch {
      return [];
    }
  });
}

/** A process and all that came from it. */
export async function processTree(root: number): Promise<readonly number[]> {
  const { stdout } = await execa('ps', ['-eo', 'pid=,ppid=']);
  const parents = stdout.split('\n').map((line) => line.trim().split(/\s+/).map(Number) as [number, number]);
  const found = [root];
  for (const pid of found)
    found.push(...parents.filter(([, parent]) => parent === pid).map(([child]) => child));
  return found;
}
