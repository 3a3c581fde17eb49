/** What `ufw` was told, as the words that its user chains hold. */
export interface UfwLayout {
  readonly family: 4 | 6;
  readonly incoming?: 'DROP' | 'REJECT' | 'ACCEPT';
  readonly routed?: 'DROP' | 'ACCEPT';
  /** Rules of ufw-user-input: `-p tcp --dport 22 -j ACCEPT`. */
  readonly input?: readonly string[];
  /** Rules of ufw-user-forward (`ufw route allow …`). */
  readonly forward?: readonly string[];
  readonly output?: readonly string[];
  /** Ports of `ufw limit`. */
  readonly limited?: readonly number[];
  /** Rules for the nat table that users put in before.rules. */
  readonly nat?: readonly string[];
}

/** What ufw 0.36 loads with its default rules, for iptables-restore (ip6tables-restore). */
export function ufw({
  family,
  incoming = 'DROP',
  routed = 'DROP',
  input = [],
  forward = [],
  output = [],
  limited = [],
  nat = [],
}: UfwLayout): string {
  const ufw = family === 4 ? 'ufw' : 'ufw6';
  const chains = [
    ...['before', 'after'].flatMap((when) =>
      ['input', 'forward', 'output'].flatMap((way) => [`${when}-${way}`, `${when}-logging-${way}`]),
    ),
    ...['input', 'forward', 'output'].flatMap((way) => [
      `reject-${way}`,
      `track-${way}`,
      `user-${way}`,
      `user-logging-${way}`,
      `skip-to-policy-${way}`,
    ]),
    ...['logging-deny', 'logging-allow', 'user-limit', 'user-limit-accept'],
    ...(family === 4 ? ['not-local'] : []),
  ];
  const log = (prefix: string): string =>
    `-m limit --limit 3/min --limit-burst 10 -j LOG --log-prefix "[UFW ${prefix}] "`;
  const policy = (set: string): string => (set === 'REJECT' ? 'DROP' : set);
  const around = (chain: 'INPUT' | 'FORWARD' | 'OUTPUT'): readonly string[] =>
    ['before-logging', 'before', 'after', 'after-logging', 'reject', 'track'].map(
      (part) => `-A ${chain} -j ${ufw}-${part}-${chain.toLowerCase()}`,
    );
  const rules = [
    ...around('INPUT'),
    ...around('FORWARD'),
    ...around('OUTPUT'),
    ...(family === 4 ? before4 : before6),
    ...(incoming === 'REJECT' ? [`-A UFW-reject-input -j REJECT`] : []),
    ...skipped(policy(incoming)),
    `-A UFW-skip-to-policy-input -j ${policy(incoming)}`,
    `-A UFW-skip-to-policy-forward -j ${policy(routed)}`,
    '-A UFW-skip-to-policy-output -j ACCEPT',
    ...(incoming === 'ACCEPT' ? [] : [`-A UFW-after-logging-input ${log('BLOCK')}`]),
    ...(routed === 'ACCEPT' ? [] : [`-A UFW-after-logging-forward ${log('BLOCK')}`]),
    '-A UFW-track-output -p tcp -m conntrack --ctstate NEW -j ACCEPT',
    '-A UFW-track-output -p udp -m conntrack --ctstate NEW -j ACCEPT',
    `-A UFW-logging-deny -m conntrack --ctstate INVALID -m limit --limit 3/min --limit-burst 10 -j RETURN`,
    `-A UFW-logging-deny ${log('BLOCK')}`,
    ...input.map((rule) => `-A UFW-user-input ${rule}`),
    ...limited.flatMap((port) => [
      `-A UFW-user-input -p tcp -m tcp --dport ${port} -m conntrack --ctstate NEW -m recent --set --name DEFAULT --rsource`,
      `-A UFW-user-input -p tcp -m tcp --dport ${port} -m conntrack --ctstate NEW -m recent --update --seconds 30 --hitcount 6 --name DEFAULT --rsource -j UFW-user-limit`,
      `-A UFW-user-input -p tcp -m tcp --dport ${port} -j UFW-user-limit-accept`,
    ]),
    ...forward.map((rule) => `-A UFW-user-forward ${rule}`),
    ...output.map((rule) => `-A UFW-user-output ${rule}`),
    `-A UFW-user-limit ${log('LIMIT BLOCK')}`,
    `-A UFW-user-limit -j REJECT`,
    '-A UFW-user-limit-accept -j ACCEPT',
  ];
  return [
    '*filter',
    `:INPUT ${policy(incoming)} [0:0]`,
    `:FORWARD ${policy(routed)} [0:0]`,
    ':OUTPUT ACCEPT [0:0]',
    ...chains.map((chain) => `:${ufw}-${chain} - [0:0]`),
    ...rules.map((rule) => rule.replaceAll('UFW-', `${ufw}-`)),
    'COMMIT',
    ...(nat.length === 0 ? [] : ['*nat', ':PREROUTING ACCEPT', ':POSTROUTING ACCEPT', ...nat, 'COMMIT']),
    '',
  ].join('\n');
}

/** What is discarded without being logged. */
const skipped = (policy: string): readonly string[] =>
  policy === 'ACCEPT'
    ? []
    : [
        '-A UFW-after-input -p udp -m udp --dport 137 -j UFW-skip-to-policy-input',
        '-A UFW-after-input -p tcp -m tcp --dport 445 -j UFW-skip-to-policy-input',
      ];

const STATEFUL = [
  '-A UFW-before-input -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
  '-A UFW-before-output -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
  '-A UFW-before-forward -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
  '-A UFW-before-input -m conntrack --ctstate INVALID -j UFW-logging-deny',
  '-A UFW-before-input -m conntrack --ctstate INVALID -j DROP',
];
const LOOPBACK = ['-A UFW-before-input -i lo -j ACCEPT', '-A UFW-before-output -o lo -j ACCEPT'];
const USER = [
  '-A UFW-before-input -j UFW-user-input',
  '-A UFW-before-output -j UFW-user-output',
  '-A UFW-before-forward -j UFW-user-forward',
];

const before4 = [
  ...LOOPBACK,
  ...STATEFUL,
  ...['input', 'forward'].flatMap((way) =>
    ['destination-unreachable', 'time-exceeded', 'parameter-problem', 'echo-request'].map(
      (type) => `-A UFW-before-${way} -p icmp -m icmp --icmp-type ${type} -j ACCEPT`,
    ),
  ),
  '-A UFW-before-input -p udp -m udp --sport 67 --dport 68 -j ACCEPT',
  '-A UFW-before-input -j UFW-not-local',
  '-A UFW-not-local -m addrtype --dst-type LOCAL -j RETURN',
  '-A UFW-not-local -m addrtype --dst-type MULTICAST -j RETURN',
  '-A UFW-not-local -m addrtype --dst-type BROADCAST -j RETURN',
  '-A UFW-not-local -m limit --limit 3/min --limit-burst 10 -j UFW-logging-deny',
  '-A UFW-not-local -j DROP',
  '-A UFW-before-input -d 224.0.0.251/32 -p udp -m udp --dport 5353 -j ACCEPT',
  ...USER,
];

const before6 = [
  ...LOOPBACK,
  ...['input', 'forward', 'output'].map((way) => `-A UFW-before-${way} -m rt --rt-type 0 -j DROP`),
  ...STATEFUL,
  ...['input', 'output'].flatMap((way) =>
    [133, 134, 135, 136].map(
      (type) =>
        `-A UFW-before-${way} -p ipv6-icmp -m icmp6 --icmpv6-type ${type} -m hl --hl-eq 255 -j ACCEPT`,
    ),
  ),
  ...['input', 'forward', 'output'].flatMap((way) =>
    [1, 2, 3, 4, 128, 129].map(
      (type) => `-A UFW-before-${way} -p ipv6-icmp -m icmp6 --icmpv6-type ${type} -j ACCEPT`,
    ),
  ),
  '-A UFW-before-input -s fe80::/10 -d fe80::/10 -p udp -m udp --sport 547 --dport 546 -j ACCEPT',
  ...USER,
];
