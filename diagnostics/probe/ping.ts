import type { Machine, Output, Place } from '../host/machine.ts';
import { familyOf, isAddress } from '../model/ip.ts';
import type { ProbeQuestion, RawProbe } from '../source.ts';
import { whyNotRun } from './run-talk.ts';

/** How much longer than its own deadline ping(8) may take to start and to end. */
const MARGIN_MILLISECONDS = 2000;

/** One ICMP echo request, by ping(8) of iputils or busybox. */
export async function askPing(
  machine: Machine,
  place: Place,
  question: Pick<ProbeQuestion, 'address' | 'timeoutMilliseconds' | 'size' | 'source' | 'device'>,
  signal?: AbortSignal,
): Promise<RawProbe> {
  // busybox knows whole seconds only.
  const seconds = Math.max(1, Math.ceil(question.timeoutMilliseconds / 1000));
  const output = await machine.run(place, {
    argv: [
      ...['ping', '-n', '-c', '1', '-W', String(seconds)],
      ...(question.size === undefined ? [] : wholePacket(question.address, question.size)),
      ...(question.device === undefined ? [] : ['-I', question.device]),
      ...(question.source === undefined ? [] : ['-I', question.source]),
      question.address,
    ],
    timeoutMilliseconds: seconds * 1000 + MARGIN_MILLISECONDS,
    ...(signal ? { signal } : {}),
  });
  return pingOutcome(output);
}

/** Header bytes of IP and ICMP, which ping(8) does not count. */
const HEADERS: Readonly<Record<4 | 6, number>> = { 4: 28, 6: 48 };

/** Not to be fragmented: what is larger than the way is known to take is not sent (path MTU discovery). */
const wholePacket = (address: string, size: number): readonly string[] => [
  ...['-M', 'do'],
  ...['-s', String(Math.max(0, size - HEADERS[familyOf(address) ?? 4]))],
];

/** `mtu = 1400` of IPv4's message, `mtu=1400` of IPv6's and of the kernel here. */
const toldMtu = (text: string): { readonly mtu?: number } => {
  const mtu = /\bmtu ?= ?(\d+)/.exec(text)?.[1];
  return mtu === undefined ? {} : { mtu: Number(mtu) };
};

/** Without the colon that some versions put behind the address; an IPv6 address may end with two of its own. */
const senderIn = (word: string): string => (isAddress(word) ? word : word.replace(/:$/, ''));

/** iputils' words, of both families, as types and codes: what is not here is quoted. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/^Destination Net Unreachable$/, 'network unreachable'],
  [/^Destination Host Unreachable$/, 'host unreachable'],
  [/^Destination Protocol Unreachable$/, 'protocol unreachable'],
  [/Port [Uu]nreachable$/, 'port unreachable'],
  [/^Destination Net Unknown$/, 'network unknown'],
  [/^Destination Host Unknown$/, 'host unknown'],
  [/^Source Host Isolated$/, 'host isolated'],
  [/^Destination Net Prohibited$/, 'network administratively prohibited'],
  [/^Destination Host Prohibited$/, 'host administratively prohibited'],
  [/^Packet filtered$|: Administratively prohibited$/, 'administratively prohibited'],
  [/^Precedence /, 'precedence not allowed'],
  [/: No route$/, 'no route to the destination'],
  [/: Beyond scope of source address$/, 'beyond the scope of the source address'],
  [/: Address unreachable$/, 'address unreachable'],
  [/^Time to live exceeded$|^Time exceeded: Hop limit$/, 'time to live exceeded'],
  [/^Frag reassembly time exceeded$/, 'fragment reassembly time exceeded'],
];

const wordsOf = (said: string): string => {
  const { mtu } = toldMtu(said);
  if (mtu !== undefined) return `packet too big, at most ${mtu} bytes`;
  return WORDS.find(([pattern]) => pattern.test(said))?.[1] ?? said;
};

type Meaning = readonly [RegExp, RawProbe['outcome']];

/** What a router or the far end reported, in the words of iputils' print_icmph(), ICMPv4 and ICMPv6. */
const REPORTS: readonly Meaning[] = [
  [/Frag needed and DF set|Packet too big/, 'too-big'],
  [/Prohibited|prohibited|Packet filtered|Precedence/, 'prohibited'],
  [/Destination Port Unreachable|Port unreachable/, 'refused'],
  [/Time to live exceeded|Time exceeded/, 'unreachable'],
  [/[Uu]nreachable|Unknown|Isolated|No route|Beyond scope/, 'unreachable'],
];

/** What the kernel here said when it was to send, see connect(2) and sendmsg(2). */
const REFUSALS: readonly Meaning[] = [
  [/Network is unreachable|No route to host|Cannot assign requested address|Invalid argument/, 'unreachable'],
  // iputils takes EACCES, a prohibited route's answer, for an attempt at a broadcast.
  [/Operation not permitted|Permission denied|Do you want to ping broadcast/, 'prohibited'],
  [/[Mm]essage too long/, 'too-big'],
];

export function pingOutcome(output: Output): RawProbe {
  const time = /\bbytes from [^\n]*?time[=<]([\d.]+) ?ms/.exec(output.stdout)?.[1];
  if (time !== undefined)
    return { outcome: 'reply', milliseconds: Number(time), detail: 'An echo reply came back.' };
  if (output.problem !== undefined && output.problem !== 'timeout')
    return { outcome: 'not-run', milliseconds: null, detail: whyNotRun(output, 'ping') };
  // A router that knows a shorter way says so, and forwards the packet all the same.
  const report = /^From (\S+) (?:icmp_seq=\d+ )?((?!icmp_seq=|Redirect ).+)$/m.exec(output.stdout);
  if (report) {
    const [, said = '', what = ''] = report;
    const who = senderIn(said);
    const outcome = REPORTS.find(([pattern]) => pattern.test(what))?.[1] ?? 'unreachable';
    const icmp = { from: who, says: wordsOf(what) };
    return { outcome, milliseconds: null, detail: `${who} answered: ${what}.`, icmp, ...toldMtu(what) };
  }
  // A socket that ping itself may not open is no answer about the network.
  if (/ping: (?:socktype|socket|permission denied \(are you root)/i.test(output.stderr))
    return {
      outcome: 'not-run',
      milliseconds: null,
      detail: 'No probe was made: this user may not send pings.',
    };
  const refusal = REFUSALS.find(([pattern]) => pattern.test(output.stderr));
  if (refusal)
    return {
      outcome: refusal[1],
      milliseconds: null,
      detail: `The kernel here said: ${lastWords(output.stderr)}.`,
      ...toldMtu(output.stderr),
    };
  if (output.problem === 'timeout' || /packets transmitted/.test(output.stdout))
    return { outcome: 'timeout', milliseconds: null, detail: 'No echo reply came.' };
  return { outcome: 'not-run', milliseconds: null, detail: whyNotRun(output, 'ping') };
}

/** `ping: connect: Network is unreachable` → its last part. */
const lastWords = (stderr: string): string => {
  const [line = ''] = stderr.trim().split('\n');
  if (line.includes('ping broadcast')) return 'Permission denied';
  return line.slice(line.lastIndexOf(': ') + 1).trim();
};
