/** What wg-quick does where everything goes through the tunnel (AllowedIPs 0.0.0.0/0): for `ip -batch -`. */
export const wgQuickRoutes = (device: string, mark = 51820): string =>
  [
    `route add default dev ${device} table ${mark}`,
    `rule add not fwmark ${mark} table ${mark}`,
    'rule add table main suppress_prefixlength 0',
    '',
  ].join('\n');

/** The table that goes with it, for `nft -f`: nobody but the tunnel may speak to its address, and its own packets keep their mark. */
export const wgQuickTable = (device: string, address: string, mark = 51820): string => `
table ip wg-quick-${device} {
  chain preraw { type filter hook prerouting priority -300; policy accept;
    iifname != "${device}" ip daddr ${address} fib saddr type != local drop
  }
  chain premangle { type filter hook prerouting priority -150; policy accept;
    meta l4proto udp meta mark set ct mark
  }
  chain postmangle { type filter hook postrouting priority -150; policy accept;
    meta l4proto udp meta mark ${mark} ct mark set meta mark
  }
}`;
