import { closeSync, constants, openSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { isSent } from '../../diagnostics/collect/native/interface-settings.ts';
import { loadSnapshot } from '../../diagnostics/collect/snapshot-file.ts';
import { openDoor } from '../../diagnostics/host/native/inside.ts';
import {
  attribute,
  NLM_F_DUMP,
  NLM_F_REQUEST,
  requestOf,
} from '../../diagnostics/host/native/netlink-message.ts';
import { groupBy } from '../../diagnostics/model/remember.ts';
import { loadSystemCalls, type SystemCalls } from '../../diagnostics/host/native/system-calls.ts';

const ROUTE = 0;
const SOCK_DIAG = 4;
const XFRM = 6;
const NETFILTER = 12;

const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;

const SKIP_STATISTICS = attribute(29, Buffer.from([8, 0, 0, 0]));
const bytes = (length: number, ...first: readonly number[]): Buffer =>
  Buffer.concat([Buffer.from(first), Buffer.alloc(length - first.length)]);
const socketsOf = (family: number, protocol: number, states: readonly number[]): Buffer =>
  bytes(56, family, protocol, 0, 0, ...states);

/** Every listing that a snapshot is made of: protocol, type of message, question. */
const LISTINGS: readonly (readonly [protocol: number, questions: readonly (readonly [number, Buffer])[]])[] =
  [
    [
      ROUTE,
      [
        [18, Buffer.concat([bytes(16), SKIP_STATISTICS])],
        [22, bytes(8)],
        [26, bytes(12)],
        [26, bytes(12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2)],
        [34, bytes(12, 2)],
        [34, bytes(12, 10)],
        [30, bytes(12)],
        [30, bytes(12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8)],
        [30, bytes(12, 7)],
        [38, bytes(20)],
        [90, bytes(4)],
      ],
    ],
    [XFRM, [[0x15, Buffer.alloc(0)]]],
    [
      SOCK_DIAG,
      [
        [20, socketsOf(2, 17, [255, 255, 255, 255])],
        [20, socketsOf(10, 17, [255, 255, 255, 255])],
        [20, socketsOf(2, 6, [0, 4])],
        [20, socketsOf(10, 6, [0, 4])],
      ],
    ],
    // Tables, chains, rules, sets.
    [NETFILTER, [1, 4, 7, 10].map((message) => [(10 << 8) | message, bytes(4)] as const)],
  ];

interface Place {
  readonly path: string;
  /** By directories of /proc/sys/net. */
  readonly settings: ReadonlyMap<string, readonly string[]>;
}

/**
 * What it costs at least to read what the snapshot in `file` holds of these namespaces (by their names): one process, which is
 * running already, enters each, lets the kernel dump, and looks at no more of what it gets than where a listing ends.
 */
export async function rawReader(file: string): Promise<() => void> {
  const loaded = await loadSystemCalls();
  const door = loaded && openDoor(loaded);
  if (!loaded || !door) throw new Error('namespaces cannot be entered by system calls');
  const calls = loaded;
  const snapshot = await loadSnapshot(file);
  const places = snapshot.namespaces.flatMap(({ names, facts: { sysctls } }): Place[] => {
    const path = names
      .map((name) => (name.type === 'netns' ? `/run/netns/${name.name}` : '/proc/self/ns/net'))
      .at(-1);
    const all = sysctls.state === 'known' ? Object.keys(sysctls.value) : [];
    const rest = all.filter((one) => !comesWithInterfaces(one)).map((one) => one.split('/').slice(1));
    const settings = groupBy(rest, ([directory = '']) => directory);
    const files = [...settings].map(
      ([directory, names]) => [directory, names.map((one) => one.slice(1).join('/'))] as const,
    );
    return path === undefined ? [] : [{ path, settings: new Map(files) }];
  });
  return () => {
    lookThroughProcesses();
    for (const { path, settings } of places) {
      const descriptor = openSync(path, constants.O_RDONLY);
      const entered = door.inside(descriptor, () => {
        for (const [protocol, questions] of LISTINGS) dumpAll(calls, protocol, questions);
        readSettings(calls, settings);
      });
      closeSync(descriptor);
      if (!entered) throw new Error(`${path} could not be entered`);
    }
  };
}

function comesWithInterfaces(setting: string): boolean {
  const [, family = '', conf, device, name = ''] = setting.split('/');
  return conf === 'conf' && device !== 'all' && device !== 'default' && isSent(family, name);
}

const into = Buffer.alloc(256 * 1024);
/** The kernel makes room for as much as it is asked for. */
const SETTING_BYTES = 1023;

function dumpAll(
  calls: SystemCalls,
  protocol: number,
  questions: readonly (readonly [number, Buffer])[],
): void {
  const socket = calls.socket(16, 3 | 0x80000, protocol);
  for (const [type, body] of questions) {
    const request = requestOf(type, NLM_F_REQUEST | NLM_F_DUMP, 1, body);
    if (calls.send(socket, request, request.length, 0) < 0) throw new Error(`question ${type}`);
    while (!hasEnd(calls.recv(socket, into, into.length, 0)));
  }
  calls.close(socket);
}

function hasEnd(length: number): boolean {
  let type = NLMSG_DONE;
  for (let at = 0; at < length; at += (into.readUInt32LE(at) + 3) & ~3) type = into.readUInt16LE(at + 4);
  return type === NLMSG_DONE || type === NLMSG_ERROR;
}

function readSettings(calls: SystemCalls, settings: ReadonlyMap<string, readonly string[]>): void {
  for (const [directory, names] of settings) {
    const opened = openSync(`/proc/sys/net/${directory}`, constants.O_RDONLY | constants.O_DIRECTORY);
    for (const name of names) {
      const file = calls.openat(opened, name, constants.O_RDONLY);
      calls.read(file, into, SETTING_BYTES);
      calls.close(file);
    }
    closeSync(opened);
  }
}

/** Who is in which network, and has which open. */
function lookThroughProcesses(): void {
  for (const name of readdirSync('/run/netns')) statSync(`/run/netns/${name}`);
  for (const pid of readdirSync('/proc').filter((name) => /^\d/.test(name)))
    try {
      readlinkSync(`/proc/${pid}/ns/net`);
      readFileSync(`/proc/${pid}/comm`);
      for (const descriptor of readdirSync(`/proc/${pid}/fd`)) readlinkSync(`/proc/${pid}/fd/${descriptor}`);
    } catch {
      // It has ended.
    }
}
