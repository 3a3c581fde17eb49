import type { Packet } from '../../../diagnostics/model/packet.ts';
import type { Hook, Ruleset } from '../../../diagnostics/model/ruleset.ts';
import { passedOn } from '../../../diagnostics/simulate/ip/passed-on.ts';
import { runHook } from '../../../diagnostics/simulate/netfilter/run-hook.ts';
import type { Connection, HookOutcome, NatPlan } from '../../../diagnostics/simulate/netfilter/types.ts';
import { FAMILIES } from './arena/addresses.ts';
import type { Observed, Probe } from './arena/probe.ts';

/** What may be observed of a probe: one outcome, or several where the evaluation is uncertain. */
export interface Prediction {
  readonly possible: readonly Observed[];
  readonly certain: boolean;
}

/** A packet on its way through the router, as far as these tests need it: the walk proper is tested elsewhere. */
interface Leg {
  readonly packet: Packet;
  readonly connection: Connection;
  readonly filled?: HookOutcome['filled'];
  readonly certain: boolean;
}

const isLocal = (address: string): boolean =>
  address === '::1' ||
  address.startsWith('127.') ||
  Object.values(FAMILIES).some((plan) => plan.in === address || plan.out === address);

const isBroadcast = (address: string): boolean => address === '10.1.0.255' || address === '10.2.0.255';

const deviceOf = (address: string): 'lo' | 'r0' | 'r1' =>
  isLocal(address) ? 'lo' : /^(10\.1\.|fd01:)/.test(address) ? 'r0' : 'r1';

const MTU = 1500;
const LOOPBACK_MTU = 65_536;

/** The tests run as root. */
const OWN = { uid: 0, gid: 0 };

/** By the kernel's own settings. */
const OPTIONS = { sack: true, timestamps: true, scaling: true };

const SIZES = { udp: { 4: 38, 6: 58 }, tcp: { 4: 60, 6: 80 } } as const;

export function predict(ruleset: Ruleset, probe: Probe): Prediction {
  const family = probe.source.includes(':') ? 6 : 4;
  const packet: Packet = {
    family,
    source: probe.source,
    destination: probe.destination,
    protocol: probe.protocol,
    sourcePort: probe.sourcePort,
    destinationPort: probe.destinationPort,
    ...(probe.protocol === 'tcp'
      ? { tcpFlags: 'S' as const, tcpOptions: OPTIONS, mss: MTU - (family === 4 ? 40 : 60) }
      : {}),
    mark: 0,
    ttl: 64,
    size: SIZES[probe.protocol][family],
    dontFragment: true,
  };
  const start: Leg = {
    packet,
    connection: {
      state: 'new',
      direction: 'original',
      dnat: false,
      snat: false,
      original: {
        source: probe.source,
        sourcePort: probe.sourcePort,
        destination: probe.destination,
        destinationPort: probe.destinationPort,
      },
      mark: 0,
    },
    certain: true,
  };
  const ended: { observed: Observed; certain: boolean }[] = [];

  const run = (
    legs: readonly Leg[],
    hook: Hook,
    inDev: string | null,
    outDev: (packet: Packet) => string | null,
    nat: NatPlan = { type: 'consult' },
  ): readonly Leg[] =>
    legs.flatMap((leg) =>
      runHook(ruleset, hook, {
        packet: leg.packet,
        inDev,
        outDev: outDev(leg.packet),
        connection: leg.connection,
        nat,
        ...(leg.filled ? { filled: leg.filled } : {}),
        addressType: (address, dev) => {
          if (isBroadcast(address)) return 'broadcast';
          if (!isLocal(address)) return 'unicast';
          return dev === undefined || ownerOf(address) === dev ? 'local' : 'unicast';
        },
        // IPv4's loopback has no address of scope universe: inet_select_addr() takes the first of another interface.
        // IPv6 prefers the very address that is asked for (RFC 6724, rule 1).
        deviceAddress: (dev, destination) => {
          if (dev === 'r1') return FAMILIES[family].out;
          if (dev === 'lo' && family === 6) return isLocal(destination) ? destination : '::1';
          return FAMILIES[family].in;
        },
        ...(inDev === null ? { sender: OWN } : { sender: null }),
        leavesBy: (address, _other, dev) => deviceOf(address) === dev,
        routeDevice: (address) => (isLocal(address) ? '' : deviceOf(address)),
        routeMss: () => (isLocal(leg.packet.destination) ? LOOPBACK_MTU : MTU) - (family === 4 ? 40 : 60),
        nextHop: leg.packet.destination,
        realm: () => 0,
        connectionCount: 200,
        groupOf: () => 0,
        deviceSeen: (dev) =>
          dev === 'lo' ? { type: 772, kind: null, bridge: null } : { type: 1, kind: 'veth', bridge: null },
      }).flatMap((outcome): readonly Leg[] => {
        const certain = leg.certain && outcome.certain;
        if (outcome.verdict === 'accept')
          return [
            {
              packet: outcome.packet,
              connection: outcome.connection,
              ...(outcome.filled ? { filled: outcome.filled } : {}),
              certain,
            },
          ];
        ended.push({ observed: lost(outcome), certain });
        return [];
      }),
    );

  const arrive = (legs: readonly Leg[], end: 'forwarded' | 'delivered'): void => {
    for (const { packet: last, certain } of legs)
      ended.push({
        observed: {
          end,
          source: last.source,
          destination: last.destination,
          destinationPort: last.destinationPort,
        },
        certain,
      });
  };
  const APPLY: NatPlan = { type: 'apply' };
  const none = (): null => null;
  const out = ({ destination }: Packet): string => deviceOf(destination);
  const local = ({ packet: { destination } }: Leg): boolean => isLocal(destination);
  const notRight = ({ packet: { destination } }: Leg): boolean => deviceOf(destination) !== 'r1';

  if (probe.from === 'left') {
    const routed = run([start], 'prerouting', 'r0', none);
    arrive(run(routed.filter(local), 'input', 'r0', none), 'delivered');
    const onward = routed.filter((leg) => !local(leg)).map(decreaseTtl);
    const passed = run(run(onward, 'forward', 'r0', out), 'postrouting', 'r0', out);
    arrive(
      passed.filter((leg) => !notRight(leg)),
      'forwarded',
    );
    for (const { certain } of passed.filter(notRight)) ended.push({ observed: { end: 'lost' }, certain });
  } else {
    const sent = run(run([start], 'output', null, out), 'postrouting', null, out);
    const looped = run(sent.filter(local), 'prerouting', 'lo', none, APPLY);
    arrive(run(looped, 'input', 'lo', none, APPLY), 'delivered');
    arrive(
      sent.filter((leg) => !notRight(leg)),
      'forwarded',
    );
    for (const { certain } of sent.filter((leg) => !local(leg) && notRight(leg)))
      ended.push({ observed: { end: 'lost' }, certain });
  }
  return {
    possible: ended.map(({ observed }) => observed),
    certain: ended.length === 1 && ended.every(({ certain }) => certain),
  };
}

const ownerOf = (address: string): string =>
  address === FAMILIES[4].in || address === FAMILIES[6].in
    ? 'r0'
    : address === FAMILIES[4].out || address === FAMILIES[6].out
      ? 'r1'
      : 'lo';

const decreaseTtl = (leg: Leg): Leg => ({ ...leg, packet: passedOn(leg.packet) });

/** ICMP type and code of iptables' words. */
const ANSWERS: Readonly<Record<string, string>> = {
  'icmp-net-unreachable': '3/0',
  'icmp-host-unreachable': '3/1',
  'icmp-proto-unreachable': '3/2',
  'icmp-port-unreachable': '3/3',
  'icmp-net-prohibited': '3/9',
  'icmp-host-prohibited': '3/10',
  'icmp-admin-prohibited': '3/13',
  'icmp6-no-route': '1/0',
  'icmp6-adm-prohibited': '1/1',
  'icmp6-addr-unreachable': '1/3',
  'icmp6-port-unreachable': '1/4',
  'tcp-reset': 'rst',
};

const lost = ({ verdict, answer }: HookOutcome): Observed =>
  verdict === 'reject'
    ? { end: 'lost', answer: ANSWERS[answer ?? ''] ?? `unknown answer ${answer}` }
    : { end: 'lost' };

/** Whether the kernel did what was predicted. An answer may itself be filtered on its way, but never be another one. */
export const fits = (observed: Observed, { possible }: Prediction): boolean =>
  possible.some(
    (one) =>
      one.end === observed.end &&
      one.source === observed.source &&
      one.destination === observed.destination &&
      one.destinationPort === observed.destinationPort &&
      (observed.answer === undefined || one.answer === observed.answer),
  );
