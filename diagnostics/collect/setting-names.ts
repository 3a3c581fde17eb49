/** Settings that can decide what becomes of a packet: files by their directory below /proc/sys/net. */
export const SETTINGS: Readonly<Record<string, readonly string[]>> = {
  ipv4: [
    ...[
      'ip_forward',
      'ip_unprivileged_port_start',
      'ip_nonlocal_bind',
      'ip_local_port_range',
      'ip_default_ttl',
    ],
    ...['icmp_echo_ignore_all', 'icmp_echo_ignore_broadcasts', 'ping_group_range'],
    // Whether answers carry the mark of what they answer.
    ...['tcp_fwmark_accept', 'fwmark_reflect'],
    ...['ip_no_pmtu_disc', 'ip_forward_use_pmtu'],
    // By what one of several next hops is chosen.
    ...['fib_multipath_hash_policy', 'fib_multipath_hash_fields', 'fib_multipath_use_neigh'],
    // What a SYN and its answer say of their sender.
    ...['tcp_sack', 'tcp_timestamps', 'tcp_window_scaling', 'tcp_ecn'],
    ...['tcp_l3mdev_accept', 'udp_l3mdev_accept', 'raw_l3mdev_accept'],
  ],
  // The smallest MTU that routers are believed.
  'ipv4/route': ['min_pmtu', 'min_adv_mss'],
  ipv6: [
    ...['bindv6only', 'ip_nonlocal_bind', 'fwmark_reflect'],
    ...['fib_multipath_hash_policy', 'fib_multipath_hash_fields', 'auto_flowlabels'],
  ],
  'ipv6/icmp': ['echo_ignore_all'],
  'ipv6/route': ['min_adv_mss'],
  netfilter: [
    ...['nf_conntrack_max', 'nf_conntrack_count', 'nf_conntrack_tcp_loose', 'nf_conntrack_tcp_be_liberal'],
    'nf_conntrack_checksum',
  ],
  bridge: [
    ...['bridge-nf-call-iptables', 'bridge-nf-call-ip6tables', 'bridge-nf-call-arptables'],
    ...['bridge-nf-filter-vlan-tagged', 'bridge-nf-filter-pppoe-tagged', 'bridge-nf-pass-vlan-input-dev'],
  ],
};

/** The same of each interface, by family: files of `FAMILY/conf/INTERFACE`, and of `all` and `default` beside them. */
export const INTERFACE_SETTINGS: Readonly<Record<'ipv4' | 'ipv6', readonly string[]>> = {
  ipv4: [
    ...['forwarding', 'mc_forwarding', 'bc_forwarding', 'rp_filter', 'accept_local', 'route_localnet'],
    ...['src_valid_mark', 'log_martians', 'arp_ignore', 'arp_filter', 'arp_announce', 'arp_accept'],
    ...['proxy_arp', 'proxy_arp_pvlan', 'drop_unicast_in_l2_multicast', 'drop_gratuitous_arp'],
    ...['accept_source_route', 'ignore_routes_with_linkdown'],
    // What becomes of other addresses when one goes.
    'promote_secondaries',
    // Interfaces that IPsec leaves alone.
    ...['disable_policy', 'disable_xfrm'],
  ],
  ipv6: [
    ...['forwarding', 'mc_forwarding', 'force_forwarding', 'disable_ipv6', 'proxy_ndp', 'accept_ra'],
    ...['accept_source_route', 'drop_unicast_in_l2_multicast', 'ignore_routes_with_linkdown'],
    ...['mtu', 'hop_limit', 'disable_policy'],
    // Whether it makes a link-local address.
    'addr_gen_mode',
  ],
};
