/** What tailscaled writes with iptables for a node that routes a subnet, for `iptables-restore -n`. */
export const tailscaleIptables = (own: string): string =>
  [
    '*filter',
    ':ts-input - [0:0]',
    ':ts-forward - [0:0]',
    '-I INPUT -j ts-input',
    '-I FORWARD -j ts-forward',
    `-A ts-input -s ${own}/32 -i lo -j ACCEPT`,
    '-A ts-input -s 100.115.92.0/23 ! -i tailscale0 -j RETURN',
    '-A ts-input -s 100.64.0.0/10 ! -i tailscale0 -j DROP',
    '-A ts-input -i tailscale0 -j ACCEPT',
    '-A ts-input -p udp -m udp --dport 41641 -j ACCEPT',
    '-A ts-forward -i tailscale0 -j MARK --set-xmark 0x40000/0xff0000',
    '-A ts-forward -m mark --mark 0x40000/0xff0000 -j ACCEPT',
    '-A ts-forward -s 100.64.0.0/10 -o tailscale0 -j DROP',
    '-A ts-forward -o tailscale0 -j ACCEPT',
    'COMMIT',
    '*nat',
    ':ts-postrouting - [0:0]',
    '-I POSTROUTING -j ts-postrouting',
    '-A ts-postrouting -m mark --mark 0x40000/0xff0000 -j MASQUERADE',
    'COMMIT',
    '',
  ].join('\n');

/** Its policy rules and its table 52, for `ip -batch -`; `peers` are reached by tailscale0. */
export const tailscaleRoutes = (peers: readonly string[]): string =>
  [
    'rule add pref 5210 fwmark 0x80000/0xff0000 lookup main',
    'rule add pref 5230 fwmark 0x80000/0xff0000 lookup default',
    'rule add pref 5250 fwmark 0x80000/0xff0000 unreachable',
    'rule add pref 5270 lookup 52',
    ...peers.map((peer) => `route add ${peer} dev tailscale0 table 52`),
    '',
  ].join('\n');
