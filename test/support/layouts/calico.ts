/** A pod on the node, by the node's end of its veth pair. */
export interface Workload {
  readonly device: string;
  /** Rules of the network policies that select it, in words of iptables; none: its namespace's profile lets everything in. */
  readonly ingress?: readonly string[];
  readonly egress?: readonly string[];
}

export interface CalicoLayout {
  readonly workloads: readonly Workload[];
  /** DefaultEndpointToHostAction. */
  readonly toHost?: 'ACCEPT' | 'DROP' | 'RETURN';
}

const ACCEPTED = '0x10000/0x10000';
const PASSED = '0x20000/0x20000';
const WORKLOAD = '0x40000/0x40000';

/** The sets that Felix keeps, for `ipset restore`; `more` are those of selectors, by name. */
export const calicoSets = (pool: string, more: Readonly<Record<string, readonly string[]>> = {}): string =>
  [
    'create cali40masq-ipam-pools hash:net family inet',
    'create cali40all-ipam-pools hash:net family inet',
    `add cali40masq-ipam-pools ${pool}`,
    `add cali40all-ipam-pools ${pool}`,
    ...Object.entries(more).flatMap(([name, members]) => [
      `create ${name} hash:net family inet`,
      ...members.map((member) => `add ${name} ${member}`),
    ]),
    '',
  ].join('\n');

/** What Felix writes with its iptables dataplane for the pods of a node, for iptables-restore. */
export function calico({ workloads, toHost = 'ACCEPT' }: CalicoLayout): string {
  const forEach = (of: (workload: Workload) => readonly string[]): readonly string[] => workloads.flatMap(of);
  const chains = (table: string, names: readonly string[], rules: readonly string[]): readonly string[] => [
    `*${table}`,
    ...names.map((name) => `:${name} - [0:0]`),
    ...rules,
    'COMMIT',
  ];
  return [
    ...chains(
      'raw',
      ['cali-PREROUTING', 'cali-OUTPUT', 'cali-rpf-skip', 'cali-from-host-endpoint', 'cali-to-host-endpoint'],
      [
        '-A PREROUTING -j cali-PREROUTING',
        '-A OUTPUT -j cali-OUTPUT',
        '-A cali-PREROUTING -j MARK --set-xmark 0x0/0xf0000',
        `-A cali-PREROUTING -i cali+ -j MARK --set-xmark ${WORKLOAD}`,
        `-A cali-PREROUTING -m mark --mark ${WORKLOAD} -j cali-rpf-skip`,
        `-A cali-PREROUTING -m mark --mark ${WORKLOAD} -m rpfilter --validmark --invert -j DROP`,
        '-A cali-PREROUTING -m mark --mark 0x0/0x40000 -j cali-from-host-endpoint',
        `-A cali-PREROUTING -m mark --mark ${ACCEPTED} -j ACCEPT`,
        '-A cali-OUTPUT -j MARK --set-xmark 0x0/0xf0000',
        '-A cali-OUTPUT -j cali-to-host-endpoint',
        `-A cali-OUTPUT -m mark --mark ${ACCEPTED} -j ACCEPT`,
      ],
    ),
    ...chains(
      'nat',
      [
        'cali-PREROUTING',
        'cali-OUTPUT',
        'cali-POSTROUTING',
        'cali-fip-dnat',
        'cali-fip-snat',
        'cali-nat-outgoing',
      ],
      [
        '-A PREROUTING -j cali-PREROUTING',
        '-A OUTPUT -j cali-OUTPUT',
        '-A POSTROUTING -j cali-POSTROUTING',
        '-A cali-PREROUTING -j cali-fip-dnat',
        '-A cali-OUTPUT -j cali-fip-dnat',
        '-A cali-POSTROUTING -j cali-fip-snat',
        '-A cali-POSTROUTING -j cali-nat-outgoing',
        '-A cali-nat-outgoing -m set --match-set cali40masq-ipam-pools src -m set ! --match-set cali40all-ipam-pools dst -j MASQUERADE --random-fully',
      ],
    ),
    ...chains(
      'filter',
      [
        ...['INPUT', 'FORWARD', 'OUTPUT'].map((hook) => `cali-${hook}`),
        ...['from', 'to'].flatMap((way) => [`cali-${way}-wl-dispatch`, `cali-${way}-hep-forward`]),
        ...['cali-from-host-endpoint', 'cali-to-host-endpoint', 'cali-wl-to-host', 'cali-cidr-block'],
        ...['cali-pri-kns.default', 'cali-pro-kns.default'],
        ...forEach(({ device }) => ['fw', 'tw', 'pi', 'po'].map((kind) => `cali-${kind}-${device}`)),
      ],
      [
        '-A INPUT -j cali-INPUT',
        '-A FORWARD -j cali-FORWARD',
        `-A FORWARD -m comment --comment "Policy explicitly accepted packet." -m mark --mark ${ACCEPTED} -j ACCEPT`,
        `-A FORWARD -j MARK --set-xmark ${ACCEPTED}`,
        '-A OUTPUT -j cali-OUTPUT',
        '-A cali-INPUT -i cali+ -g cali-wl-to-host',
        `-A cali-INPUT -m mark --mark ${ACCEPTED} -j ACCEPT`,
        '-A cali-INPUT -j MARK --set-xmark 0x0/0xf0000',
        '-A cali-INPUT -j cali-from-host-endpoint',
        `-A cali-INPUT -m mark --mark ${ACCEPTED} -j ACCEPT`,
        '-A cali-FORWARD -j MARK --set-xmark 0x0/0xe0000',
        '-A cali-FORWARD -m mark --mark 0x0/0x10000 -j cali-from-hep-forward',
        '-A cali-FORWARD -i cali+ -j cali-from-wl-dispatch',
        '-A cali-FORWARD -o cali+ -j cali-to-wl-dispatch',
        '-A cali-FORWARD -j cali-to-hep-forward',
        '-A cali-FORWARD -j cali-cidr-block',
        `-A cali-OUTPUT -m mark --mark ${ACCEPTED} -j ACCEPT`,
        '-A cali-OUTPUT -o cali+ -j RETURN',
        '-A cali-OUTPUT -j MARK --set-xmark 0x0/0xf0000',
        '-A cali-OUTPUT -m conntrack ! --ctstate DNAT -j cali-to-host-endpoint',
        `-A cali-OUTPUT -m mark --mark ${ACCEPTED} -j ACCEPT`,
        ...forEach(({ device }) => [`-A cali-from-wl-dispatch -i ${device} -g cali-fw-${device}`]),
        '-A cali-from-wl-dispatch -m comment --comment "Unknown interface" -j DROP',
        ...forEach(({ device }) => [`-A cali-to-wl-dispatch -o ${device} -g cali-tw-${device}`]),
        '-A cali-to-wl-dispatch -m comment --comment "Unknown interface" -j DROP',
        '-A cali-wl-to-host -j cali-from-wl-dispatch',
        `-A cali-wl-to-host -m comment --comment "Configured DefaultEndpointToHostAction" -j ${toHost}`,
        ...['pri', 'pro'].flatMap((kind) => [
          `-A cali-${kind}-kns.default -j MARK --set-xmark ${ACCEPTED}`,
          `-A cali-${kind}-kns.default -m mark --mark ${ACCEPTED} -j RETURN`,
        ]),
        ...forEach(workloadRules),
      ],
    ),
    '',
  ].join('\n');
}

function workloadRules({ device, ingress, egress }: Workload): readonly string[] {
  const side = (
    kind: 'fw' | 'tw',
    policy: string,
    rules: readonly string[] | undefined,
  ): readonly string[] => {
    const chain = `-A cali-${kind}-${device}`;
    return [
      `${chain} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
      `${chain} -m conntrack --ctstate INVALID -j DROP`,
      `${chain} -j MARK --set-xmark 0x0/0x10000`,
      ...(kind === 'fw'
        ? [
            `${chain} -p udp -m comment --comment "Drop VXLAN encapped packets originating in workloads" -m multiport --dports 4789 -j DROP`,
            `${chain} -p ipencap -m comment --comment "Drop IPinIP encapped packets originating in workloads" -j DROP`,
          ]
        : []),
      ...(rules
        ? [
            `${chain} -m comment --comment "Start of policies" -j MARK --set-xmark 0x0/0x20000`,
            `${chain} -m mark --mark 0x0/0x20000 -j cali-${policy}-${device}`,
            `${chain} -m comment --comment "Return if policy accepted" -m mark --mark ${ACCEPTED} -j RETURN`,
            `${chain} -m comment --comment "Drop if no policies passed packet" -m mark --mark 0x0/0x20000 -j DROP`,
          ]
        : []),
      `${chain} -j cali-${kind === 'fw' ? 'pro' : 'pri'}-kns.default`,
      `${chain} -m comment --comment "Return if profile accepted" -m mark --mark ${ACCEPTED} -j RETURN`,
      `${chain} -m comment --comment "Drop if no profiles matched" -j DROP`,
      ...(rules ?? []).flatMap((rule) => [
        `-A cali-${policy}-${device} ${rule} -j MARK --set-xmark ${ACCEPTED}`,
        `-A cali-${policy}-${device} -m mark --mark ${ACCEPTED} -j RETURN`,
      ]),
      ...(rules ? [`-A cali-${policy}-${device} -m mark --mark ${PASSED} -j RETURN`] : []),
    ];
  };
  return [...side('fw', 'po', egress), ...side('tw', 'pi', ingress)];
}
