import type { FoundNamespace } from '../host/machine.ts';
import { known, type Fact } from '../model/fact.ts';
import type { Link, PortVlan } from '../model/link.ts';
import {
  numberField,
  objects,
  parseObjects,
  stringField,
  stringsField,
  type JsonObject,
} from '../host/external-json.ts';
import { damaged, refusal, runIn, type ReadContext } from './read-context.ts';

/** A range that is larger than all VLANs there are was not printed by bridge(8). */
const MOST_VLANS = 4094;

/** Per interface, from `bridge -j vlan show`: `{ifname, vlans: [{vlan, vlanEnd, flags}]}`. */
export function parseVlans(records: readonly JsonObject[]): ReadonlyMap<string, readonly PortVlan[]> {
  const vlans = new Map<string, readonly PortVlan[]>();
  for (const record of records) {
    const name = stringField(record, 'ifname');
    if (name !== undefined) vlans.set(name, objects(record['vlans']).flatMap(range));
  }
  return vlans;
}

function range(record: JsonObject): readonly PortVlan[] {
  const first = numberField(record, 'vlan');
  if (first === undefined) return [];
  const last = Math.min(numberField(record, 'vlanEnd') ?? first, MOST_VLANS);
  const flags = stringsField(record, 'flags');
  return Array.from({ length: Math.max(last - first + 1, 0) }, (_, at) => ({
    id: first + at,
    pvid: flags.includes('PVID'),
    untagged: flags.includes('Egress Untagged'),
  }));
}

/** The interfaces with the VLANs of their ports, where a bridge among them looks at VLANs at all. */
export async function withVlans(
  context: ReadContext,
  namespace: FoundNamespace,
  links: Fact<readonly Link[]>,
): Promise<Fact<readonly Link[]>> {
  if (links.state !== 'known') return links;
  if (!links.value.some(({ kind }) => kind.type === 'bridge' && kind.vlanFiltering)) return links;
  const output = await runIn(context, namespace, ['bridge', '-json', 'vlan', 'show']);
  const refused = refusal(output, 'VLANs of bridges', 'bridge');
  if (refused) return refused;
  const records = parseObjects(output.stdout);
  // Without its VLANs a port would seem to let nothing through.
  if (records === null) return damaged('VLANs of bridges', 'bridge');
  const vlans = parseVlans(records);
  return known(
    links.value.map((link) => {
      const own = vlans.get(link.name);
      return own ? { ...link, vlans: own } : link;
    }),
  );
}
