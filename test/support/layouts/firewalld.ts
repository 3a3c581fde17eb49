/** A zone of firewalld: what its interfaces (or sources) may ask of the host, and what happens to all else. */
export interface Zone {
  readonly name: string;
  readonly interfaces?: readonly string[];
  /** Addresses whose packets belong to the zone whatever they come in by. */
  readonly sources?: readonly string[];
  readonly target: 'default' | 'ACCEPT' | 'DROP' | 'REJECT';
  /** Rules of the `_allow` and `_deny` chains of what is for the host, in nft's words. */
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
  readonly masquerade?: true;
  /** `tcp dport 8443 dnat ip to 172.18.0.2:80`. */
  readonly forwardPorts?: readonly string[];
  /** Interfaces of one zone may reach each other. */
  readonly forward?: true;
}

/** Between zones: `accept` at the end, or what is allowed. */
export interface Policy {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly allow?: readonly string[];
  readonly target: 'CONTINUE' | 'ACCEPT' | 'DROP' | 'REJECT';
}

export interface FirewalldLayout {
  readonly zones: readonly Zone[];
  readonly defaultZone: string;
  readonly policies?: readonly Policy[];
}

const REJECT = 'reject with icmpx admin-prohibited';
const PARTS = ['pre', 'log', 'deny', 'allow', 'post'] as const;

/** The table of firewalld 1.3 and later with its nftables backend, for `nft -f`. */
export function firewalld({ zones, defaultZone, policies = [] }: FirewalldLayout): string {
  const jumps = (
    chain: string,
    field: 'iifname' | 'oifname',
    how: 'goto' | 'jump',
    closing?: string,
  ): string => {
    const to = (name: string, match: string): readonly string[] => [
      `${match}${how} ${chain}_${name}`,
      ...(closing === undefined ? [] : [`${match}${closing}`]),
    ];
    return [
      ...zones.flatMap(({ name, sources = [] }) =>
        sources.flatMap((source) =>
          to(
            name,
            `${source.includes(':') ? 'ip6' : 'ip'} ${field === 'iifname' ? 'saddr' : 'daddr'} ${source} `,
          ),
        ),
      ),
      ...zones.flatMap(({ name, interfaces = [] }) =>
        interfaces.flatMap((device) => to(name, `${field} "${device}" `)),
      ),
      ...to(defaultZone, ''),
    ].join('\n    ');
  };
  return `
table inet firewalld {
  chain mangle_PREROUTING { type filter hook prerouting priority mangle + 10; policy accept; jump mangle_PREROUTING_ZONES; }
  chain mangle_PREROUTING_ZONES {
    ${jumps('mangle_PRE', 'iifname', 'goto')}
  }
  chain nat_PREROUTING { type nat hook prerouting priority dstnat + 10; policy accept; jump nat_PREROUTING_ZONES; }
  chain nat_PREROUTING_ZONES {
    ${jumps('nat_PRE', 'iifname', 'goto')}
  }
  chain nat_POSTROUTING { type nat hook postrouting priority srcnat + 10; policy accept; jump nat_POSTROUTING_ZONES; }
  chain nat_POSTROUTING_ZONES {
    ${jumps('nat_POST', 'oifname', 'goto')}
  }
  chain nat_OUTPUT { type nat hook output priority -90; policy accept; }
  chain filter_PREROUTING { type filter hook prerouting priority filter + 10; policy accept;
    icmpv6 type { nd-router-advert, nd-neighbor-solicit } accept
    meta nfproto ipv6 fib saddr . mark . iif oif missing drop
  }
  chain filter_INPUT { type filter hook input priority filter + 10; policy accept;
    ct state { established, related } accept
    ct status dnat accept
    iifname "lo" accept
    ct state invalid drop
    jump filter_INPUT_ZONES
    ${REJECT}
  }
  chain filter_FORWARD { type filter hook forward priority filter + 10; policy accept;
    ct state { established, related } accept
    ct status dnat accept
    iifname "lo" accept
    ct state invalid drop
    ip6 daddr { ::/96, ::ffff:0.0.0.0/96, 2002::/24, 2002:a00::/24, 2002:7f00::/24, 2002:ac10::/28, 2002:c0a8::/32 } reject with icmpv6 addr-unreachable
    jump filter_FORWARD_ZONES
    ${REJECT}
  }
  chain filter_OUTPUT { type filter hook output priority filter + 10; policy accept;
    ct state { established, related } accept
    oifname "lo" accept
    ip6 daddr { ::/96, ::ffff:0.0.0.0/96, 2002::/24, 2002:a00::/24, 2002:7f00::/24, 2002:ac10::/28, 2002:c0a8::/32 } reject with icmpv6 addr-unreachable
  }
  chain filter_INPUT_ZONES {
    ${jumps('filter_IN', 'iifname', 'goto')}
  }
  chain filter_FORWARD_ZONES {
    ${jumps('filter_FWD', 'iifname', 'goto')}
  }
  chain filter_INPUT_POLICIES_pre { jump filter_IN_policy_allow-host-ipv6; }
  chain filter_IN_policy_allow-host-ipv6 {
    icmpv6 type { nd-neighbor-advert, nd-neighbor-solicit, nd-router-advert, nd-redirect } accept
  }
  ${zones.map((zone) => zoneChains(zone, zones, policies)).join('\n  ')}
  ${policies.map(policyChains).join('\n  ')}
}`;
}

const EMPTY: Readonly<Record<(typeof PARTS)[number], readonly string[]>> = {
  pre: [],
  log: [],
  deny: [],
  allow: [],
  post: [],
};

/** A chain of a zone or a policy: its five parts, each in a chain of its own, and its end. */
function parted(
  name: string,
  parts: Partial<typeof EMPTY>,
  before: readonly string[],
  end: readonly string[],
): string {
  return [
    ...PARTS.map((part) => `chain ${name}_${part} { ${{ ...EMPTY, ...parts }[part].join('; ')}; }`),
    `chain ${name} { ${[...before, ...PARTS.map((part) => `jump ${name}_${part}`), ...end].join('; ')}; }`,
  ]
    .map((chain) => chain.replace('{ ; }', '{ }'))
    .join('\n  ');
}

const ending = (target: Zone['target'] | Policy['target']): readonly string[] => {
  switch (target) {
    case 'default':
      return ['meta l4proto { icmp, ipv6-icmp } accept', REJECT];
    case 'REJECT':
      return [REJECT];
    case 'ACCEPT':
      return ['accept'];
    case 'DROP':
      return ['drop'];
    case 'CONTINUE':
      return [];
  }
};

function zoneChains(zone: Zone, zones: readonly Zone[], policies: readonly Policy[]): string {
  const {
    name,
    target,
    allow = [],
    deny = [],
    masquerade,
    forwardPorts = [],
    forward,
    interfaces = [],
  } = zone;
  const devicesOf = (other: string): readonly string[] =>
    zones.find((one) => one.name === other)?.interfaces ?? [];
  const between = policies
    .filter(({ from }) => from === name)
    .flatMap((policy) =>
      devicesOf(policy.to).map((device) => `oifname "${device}" jump filter_FWD_policy_${policy.name}`),
    );
  const within = forward ? interfaces.map((device) => `oifname "${device}" accept`) : [];
  return [
    parted(`mangle_PRE_${name}`, {}, [], []),
    parted(`nat_PRE_${name}`, { allow: forwardPorts.map((port) => `meta nfproto ipv4 ${port}`) }, [], []),
    parted(
      `nat_POST_${name}`,
      { allow: masquerade ? ['meta nfproto ipv4 oifname != "lo" masquerade'] : [] },
      [],
      [],
    ),
    parted(`filter_IN_${name}`, { allow, deny }, ['jump filter_INPUT_POLICIES_pre'], ending(target)),
    parted(
      `filter_FWD_${name}`,
      { allow: within },
      between,
      target === 'default' ? [REJECT] : ending(target),
    ),
  ].join('\n  ');
}

const policyChains = ({ name, allow = [], target }: Policy): string =>
  parted(`filter_FWD_policy_${name}`, { allow }, [], ending(target));
