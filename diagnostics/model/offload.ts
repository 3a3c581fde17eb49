/** What an interface says it does itself, so that the kernel leaves it undone (`ethtool -k`). */
export interface Offload {
  readonly dev: string;
  /** The families whose TCP and UDP checksums it finishes (NETIF_F_HW_CSUM, NETIF_F_IP_CSUM, NETIF_F_IPV6_CSUM). */
  readonly checksums: readonly (4 | 6)[];
}
