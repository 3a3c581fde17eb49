import { listing, NETLINK_NETFILTER } from '../../host/native/listing.ts';
import { attributesIn, textOf } from '../../host/native/netlink-message.ts';
import type { Visit } from '../../host/native/visit.ts';

const NFNL_SUBSYS_NFTABLES = 10;
const NFT_MSG_NEWCHAIN = (NFNL_SUBSYS_NFTABLES << 8) | 3;
const NFT_MSG_GETCHAIN = (NFNL_SUBSYS_NFTABLES << 8) | 4;
const NFTA_CHAIN_TABLE = 1;

/** struct nfgenmsg: family (0: all), version, resource. */
const HEADER_BYTES = 4;

/** NFPROTO_…, in the words of nft(8). */
const FAMILIES: ReadonlyMap<number, string> = new Map([
  [1, 'inet'],
  [2, 'ip'],
  [3, 'arp'],
  [5, 'netdev'],
  [7, 'bridge'],
  [10, 'ip6'],
]);

/** A table of nftables, as far as a list of chains tells of it. */
export interface ChainTable {
  readonly family: string | undefined;
  readonly name: string | undefined;
}

/**
 * The table of each chain, as `nft list chains` would tell; null where the kernel does not answer, or says what is not known here.
 * See nf_tables_dump_chains() of the kernel's net/netfilter/nf_tables_api.c.
 */
export function readChainTables(visit: Visit): readonly ChainTable[] | null {
  const messages = listing(visit, NETLINK_NETFILTER, NFT_MSG_GETCHAIN, Buffer.alloc(HEADER_BYTES));
  const tables: ChainTable[] = [];
  for (const { type, body } of messages ?? []) {
    const family = FAMILIES.get(body[0] ?? 0);
    const name = attributesIn(body, HEADER_BYTES).get(NFTA_CHAIN_TABLE);
    if (type !== NFT_MSG_NEWCHAIN || family === undefined || name === undefined) return null;
    tables.push({ family, name: textOf(name) });
  }
  return messages && tables;
}
