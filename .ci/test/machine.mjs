/** What of the machine itself must be the same before and after the tests: its network, its mounts; and what they left. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { findCommand } from '../prepare.mjs';

const READINGS = [
  ['ip', '-json', 'address'],
  ['ip', '-json', 'route', 'show', 'table', 'all'],
  ['ip', '-json', '-6', 'route', 'show', 'table', 'all'],
  ['ip', '-json', 'rule'],
  ['ip', 'netns', 'list'],
  ['nft', '--stateless', 'list', 'ruleset'],
  ['iptables-save'],
  ['ip6tables-save'],
  [
    ...['sysctl', 'net.ipv4.ip_forward', 'net.ipv6.conf.all.forwarding', 'net.ipv4.conf.all.rp_filter'],
    'net.ipv4.tcp_child_ehash_entries',
  ],
];

/** @returns {Map<string, string>} a reading's name and its text; a tool that is missing or may not read says so each time. */
export function machineState() {
  const state = new Map(
    READINGS.map(([command, ...args]) => {
      const { stdout, stderr, status } = spawnSync(findCommand(command) ?? command, args, {
        encoding: 'utf8',
      });
      return [[command, ...args].join(' '), status === 0 ? steady(stdout) : `${status}: ${stderr}`];
    }),
  );
  return state.set('mounts', readFileSync('/proc/self/mountinfo', 'utf8'));
}

/** Lifetimes count down, and comments hold the time of day. */
const steady = (text) =>
  text
    .replace(/"(?:valid_life_time|preferred_life_time|expires)":\d+,?/g, '')
    .replace(/^#.*$/gm, '')
    .replace(/\[\d+:\d+\]/g, '');

export function differences(before, after) {
  return [...before]
    .filter(([name, text]) => after.get(name) !== text)
    .map(([name, text]) => `${name} is not as it was before.\nIt was\n${text}\nand is\n${after.get(name)}`);
}

/** Processes with the mark in their environment, after they had `patience` milliseconds to end. */
export async function processesMarked(mark, patience = 5000) {
  const end = Date.now() + patience;
  let found = marked(mark);
  while (found.length > 0 && Date.now() < end) {
    await wait(100);
    found = marked(mark);
  }
  return found.map(({ pid, command }) => `process ${pid}: ${command}`);
}

function marked(mark) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        if (!readFileSync(`/proc/${pid}/environ`, 'utf8').includes(mark)) return [];
        return [{ pid, command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() }];
      } catch {
        // Another user's, or gone meanwhile.
        return [];
      }
    });
}
