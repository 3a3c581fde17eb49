import { entry } from '../host/external-json.ts';
import type { FoundNamespace } from '../host/machine.ts';
import { known } from '../model/fact.ts';
import type { NamespaceFacts } from '../model/namespace.ts';
import type { Offload } from '../model/offload.ts';
import { damaged, refusal, runIn, type ReadContext } from './read-context.ts';

const WHAT = 'offloads of interfaces';

/** All interfaces by one process; ethtool(8) answers for `*` since version 5.9, of kernels since 5.6. */
export async function readOffloads(
  context: ReadContext,
  namespace: FoundNamespace,
): Promise<Pick<NamespaceFacts, 'offloads'>> {
  const output = await runIn(context, namespace, ['ethtool', '--show-features', '*']);
  const refused = refusal(output, WHAT, 'ethtool');
  if (refused) return { offloads: refused };
  const offloads = parseOffloads(output.stdout);
  return { offloads: offloads.length > 0 ? known(offloads) : damaged(WHAT, 'ethtool') };
}

const FAMILIES: Readonly<Record<string, Offload['checksums']>> = {
  'tx-checksum-ip-generic': [4, 6],
  'tx-checksum-ipv4': [4],
  'tx-checksum-ipv6': [6],
};

/** `Features for eth0:`, then a feature a line: `tx-checksum-ip-generic: on [fixed]`. */
export function parseOffloads(text: string): readonly Offload[] {
  const found = new Map<string, Set<4 | 6>>();
  let own: Set<4 | 6> | null = null;
  for (const line of text.split('\n')) {
    const dev = /^Features for (.+):$/.exec(line)?.[1];
    if (dev !== undefined) {
      own = new Set();
      found.set(dev, own);
    }
    const feature = /^\s*([\w-]+): on\b/.exec(line)?.[1];
    for (const family of entry(FAMILIES, feature ?? '') ?? []) own?.add(family);
  }
  return [...found].map(([dev, checksums]) => ({ dev, checksums: [...checksums].toSorted() }));
}
